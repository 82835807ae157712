"""How often, and for how much, the agents of a place look and report, by program."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory import Site, editing
from collector.inventory.kinds import CADENCES
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.checks import cadence_wanted
from web.context import centre, now
from web.inventory.desk import by, may

_Seconds = Annotated[int, Meta(ge=1, le=3600)] | None | UnsetType
_Bytes = Annotated[int, Meta(ge=0, le=2**53)] | None | UnsetType


class Cadence(Struct, frozen=True):
    """One site; null: as its profile says."""

    site: str
    profile: str
    check_every_s: int | None
    report_every_s: int
    bytes_per_day: int | None


class CadenceSet(Struct, frozen=True):
    """How many sites the place has, how many of them changed."""

    place: str
    sites: int
    changed: int


class NewCadence(Struct, forbid_unknown_fields=True):
    """What is left out stays as it is; null takes away what a site has of its own."""

    profile: Annotated[str, Meta(extra_json_schema={"enum": list(CADENCES)})] | UnsetType = UNSET
    check_every_s: _Seconds = UNSET
    report_every_s: _Seconds = UNSET
    bytes_per_day: _Bytes = UNSET


def _list(call: Call) -> Reply:
    chosen = _there(call.path["place"])
    body = sliced(call, chosen, _shown, lambda site: (site.code,))
    return Reply(body, _mark(chosen))


def _set(call: Call) -> Reply:
    place = call.path["place"]
    chosen = _there(place)
    if call.revision != _mark(chosen):
        raise _stale(_mark(chosen))
    values, problems = cadence_wanted(place, _cells(call.body))
    if problems:
        raise No(422, "", *(Wrong(name, text) for name, text in problems.items()))
    try:
        with writing(centre().store) as connection:
            changed = editing.set_cadence(connection, place, call.revision, values, now(), by())
    except Refused:
        raise _stale(_mark(_there(place))) from None
    return Reply(CadenceSet(place, len(chosen), len(changed)), _mark(_there(place)))


def _there(place: str) -> list[Site]:
    """The sites of a place that is one's own."""
    with reading(centre().store) as connection:
        chosen = editing.sites_of(connection, place) if may(place) else []
    if not chosen:
        raise No(404)
    return chosen


def _cells(body: NewCadence) -> Mapping[str, str]:
    given: dict[str, Any] = {name: getattr(body, name) for name in editing.CADENCE}
    return {
        name: "-" if value is None else str(value)
        for name, value in given.items()
        if value is not UNSET
    }


def _mark(chosen: list[Site]) -> str:
    return editing.mark(editing.cadence_of(chosen))


def _stale(mark: str) -> No:
    return No(412, reasons.say("somebody changed it meanwhile; look at it again"), mark=mark)


def _shown(site: Site) -> Cadence:
    told = {name: getattr(site, name) for name in editing.CADENCE}
    return Cadence(site=site.code, **told)


_ABOUT = {"place": "a site, an area, profile:NAME or isp:NAME"}
_SHARED: dict[str, Any] = {"group": "inventory", "roles": EDITORS, "about_path": _ABOUT}
ENDPOINTS = (
    Endpoint(
        "GET", "/cadence/{place}", "showCadence", about="Of the sites of a place, by code; one "
        "mark for all of them", do=_list, gives=Listed[Cadence], query=params.NAMED, marked=True,
        **_SHARED,
    ),
    Endpoint(
        "PATCH", "/cadence/{place}", "setCadence", about="Set it for all sites of a place",
        do=_set, gives=CadenceSet, takes=NewCadence, marked=True, revised=True, **_SHARED,
    ),
)  # fmt: skip
