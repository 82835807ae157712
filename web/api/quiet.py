"""What is kept quiet: mutes and planned work, seen, asked for and ended as on the page of plans."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Connection

from agent.strict import Refused
from alerts import mutes, windows
from alerts.planned import MODES
from collector.db import reading, writing
from web import plans, reach, reasons
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now, scope
from web.incidents import MUTE_HOURS
from web.inventory.desk import by
from web.plans import MAY_PLAN, Planned, Quiet

Place = Annotated[
    str,
    Meta(min_length=1, max_length=210, description="site:CODE, area:CODE, rule:NAME, "
         "check:CODE/NAME, upstream:NAME or incident:NUMBER; a bare code is a place"),
]  # fmt: skip


class Mute(Struct, frozen=True):
    """Silence for a while; `mine`: this token may end it."""

    id: int
    scope: str
    by: str
    why: str
    begins: Time
    ends: Time
    mine: bool


class NewMute(Struct, forbid_unknown_fields=True):
    scope: Place
    why: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    hours: Annotated[int, Meta(extra_json_schema={"enum": list(MUTE_HOURS)})]


class Stretch(Struct, frozen=True):
    """Once of planned work."""

    begins: Time
    ends: Time


class Work(Struct, frozen=True):
    """Planned work; `on`: it goes on now; `next`: the stretches to come, six at most."""

    id: int
    scope: str
    title: str
    mode: str
    begins: str
    minutes: int
    repeats: str
    zone: str
    last_day: str
    by: str
    on: bool
    next: tuple[Stretch, ...]
    mine: bool


class NewWork(Struct, forbid_unknown_fields=True):
    scope: Place
    title: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    begins: Annotated[str, Meta(max_length=16, description="local: 2026-11-28T22:00")]
    minutes: Annotated[int, Meta(ge=1, le=20160)]
    mode: Annotated[
        str,
        Meta(
            extra_json_schema={"enum": list(MODES)},
            description="skip: maintenance; mute: nobody is told; run: only said",
        ),
    ] = "skip"
    repeats: Annotated[
        str, Meta(extra_json_schema={"enum": ["", "daily", "weekly", "monthly"]})
    ] = ""
    last_day: Annotated[str, Meta(max_length=10)] = ""


def _mutes(_call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = plans.seen_mutes(connection)
    return Reply(Listed([_mute(one) for one in found], None))


def _add_mute(call: Call) -> Reply:
    number = _made(lambda connection: plans.add_mute(connection, by(), _words(call.body)))
    with reading(centre().store) as connection:
        made = next(one for one in plans.seen_mutes(connection) if one.mute.id == number)
    return Reply(_mute(made), location=f"/mutes/{number}")


def _lift(call: Call) -> Reply:
    number = call.path["number"]

    def find(connection: Connection) -> str | None:
        found = (one.mute for one in plans.seen_mutes(connection) if one.mute.id == number)
        return next((mute.scope for mute in found), None)

    _end(find, lambda connection: mutes.lift(connection, number, by(), now()))
    return Reply()


def _works(_call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = plans.seen_work(connection)
    return Reply(Listed([_work(one) for one in found], None))


def _add_work(call: Call) -> Reply:
    number = _made(lambda connection: plans.add_work(connection, by(), _words(call.body)))
    with reading(centre().store) as connection:
        made = next(one for one in plans.seen_work(connection) if one.window.id == number)
    return Reply(_work(made), location=f"/works/{number}")


def _cancel(call: Call) -> Reply:
    number = call.path["number"]

    def find(connection: Connection) -> str | None:
        found = (one.window for one in plans.seen_work(connection) if one.window.id == number)
        return next((window.scope for window in found), None)

    _end(find, lambda connection: windows.cancel(connection, number, by(), now()))
    return Reply()


def _made(make: Callable[[Connection], int]) -> int:
    try:
        with writing(centre().store) as connection:
            return make(connection)
    except Refused as refused:
        field = {"for": "hours"}.get(refused.place, refused.place)
        status = 409 if refused.place in ("mutes", "windows") else 422
        raise No(status, "", Wrong(field, reasons.say(refused.problem))) from None


def _end(find: Callable[[Connection], str | None], end: Callable[[Connection], bool]) -> None:
    """End what is there; what holds elsewhere is not there, and what is wider is not one's own."""
    with writing(centre().store) as connection:
        covered = find(connection)
        if covered is None:
            raise No(404)
        if not reach.may(connection, scope(), covered):
            raise No(403, "it holds outside of your areas, too")
        if not end(connection):
            raise No(404)


def _words(body: Struct) -> Mapping[str, str]:
    told: dict[str, Any] = {name: getattr(body, name) for name in body.__struct_fields__}
    return {name: str(value) for name, value in told.items()}


def _mute(one: Quiet) -> Mute:
    mute = one.mute
    return Mute(
        mute.id, mute.scope, mute.by, mute.why, moment(mute.begins), moment(mute.ends), one.mine
    )


def _work(one: Planned) -> Work:
    spans = tuple(Stretch(moment(span.begins), moment(span.ends)) for span in one.next)
    same = {
        name: getattr(one.window, name)
        for name in Work.__struct_fields__
        if hasattr(one.window, name) and name not in ("on", "next", "mine")
    }
    return Work(**same, on=one.on, next=spans, mine=one.mine)


ENDPOINTS = (
    Endpoint("GET", "/mutes", "listMutes", "quiet", "Mutes that hold", _mutes, gives=Listed[Mute]),
    Endpoint(
        "POST", "/mutes", "addMute", "quiet", "Tell nobody of what this covers, for a while",
        _add_mute, gives=Mute, takes=NewMute, roles=EDITORS, status=201, conflicts=True,
    ),
    Endpoint(
        "DELETE", "/mutes/{number}", "liftMute", "quiet", "End a mute before its time", _lift,
        roles=EDITORS,
    ),
    Endpoint(
        "GET", "/works", "listWorks", "quiet", "Planned work, the next first", _works,
        gives=Listed[Work],
    ),
    Endpoint(
        "POST", "/works", "addWork", "quiet", "Plan work", _add_work, gives=Work, takes=NewWork,
        roles=MAY_PLAN, status=201, conflicts=True,
    ),
    Endpoint(
        "DELETE", "/works/{number}", "cancelWork", "quiet", "No more of planned work", _cancel,
        roles=MAY_PLAN,
    ),
)  # fmt: skip
