"""What is kept quiet: mutes and planned work, seen, asked for and ended as on the page of plans."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from msgspec import Meta, Struct
from sqlalchemy import Connection

from agent.strict import Refused
from alerts import mutes, windows
from alerts.planned import MODES, Window
from alerts.planned import Mute as StoredMute
from collector.db import reading, writing
from web import plans, reach, reasons
from web.api import cursors, params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now, scope
from web.incidents import MUTE_HOURS
from web.inventory.desk import by
from web.plans import MAY_PLAN, Planned, Quiet

Q = TypeVar("Q", Quiet, Planned)

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


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Q]):
    """One of the two: which there are to the caller, which row each is, how one comes and ends."""

    path: str
    seen: Callable[[Connection], Sequence[Q]]
    row: Callable[[Q], StoredMute | Window]
    show: Callable[[Q], Struct]
    key: Callable[[Q], tuple[float, ...]]
    add: Callable[[Connection, str, Mapping[str, str]], int]
    end: Callable[[Connection, int, str, float], bool]

    def list(self, call: Call) -> Reply:
        with reading(centre().store) as connection:
            found = self.seen(connection)
        return Reply(sliced(call, found, self.show, self.key))

    def one(self, call: Call) -> Reply:
        with reading(centre().store) as connection:
            return Reply(self.show(self._find(connection, call.path["number"])))

    def make(self, call: Call) -> Reply:
        try:
            with writing(centre().store) as connection:
                number = self.add(connection, by(), _words(call.body))
                made = self.show(self._find(connection, number))
        except Refused as refused:
            field = {"for": "hours"}.get(refused.place, refused.place)
            status = 409 if refused.place in ("mutes", "windows") else 422
            raise No(status, "", Wrong(field, reasons.say(refused.problem))) from None
        return Reply(made, location=f"{self.path}/{number}")

    def stop(self, call: Call) -> Reply:
        """End what is there; what holds elsewhere is not there, what is wider is not one's own."""
        number = call.path["number"]
        with writing(centre().store) as connection:
            about = self.row(self._find(connection, number)).scope
            if not reach.may(connection, scope(), about):
                raise No(403, "it holds outside of your areas, too")
            if not self.end(connection, number, by(), now()):
                raise No(404)
        return Reply()

    def _find(self, connection: Connection, number: int) -> Q:
        found = next((one for one in self.seen(connection) if self.row(one).id == number), None)
        if found is None:
            raise No(404)
        return found


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


_MUTES = _Kind(
    "/mutes", plans.seen_mutes, lambda one: one.mute, _mute, lambda one: (one.mute.id,),
    plans.add_mute, mutes.lift,
)  # fmt: skip
_WORKS = _Kind(
    "/works", plans.seen_work, lambda one: one.window, _work,
    lambda one: (one.next[0].begins, one.window.id), plans.add_work, windows.cancel,
)  # fmt: skip
_BY_TIME = (params.cursor(partial(cursors.figures, 2)), params.LIMIT)
ENDPOINTS = (
    Endpoint("GET", "/mutes", "listMutes", "quiet", "Mutes that hold", _MUTES.list,
             gives=Listed[Mute], query=params.NUMBERED),
    Endpoint(
        "POST", "/mutes", "addMute", "quiet", "Tell nobody of what this covers, for a while",
        _MUTES.make, gives=Mute, takes=NewMute, roles=EDITORS, status=201, conflicts=True,
    ),
    Endpoint("GET", "/mutes/{number}", "showMute", "quiet", "One mute", _MUTES.one, gives=Mute),
    Endpoint("DELETE", "/mutes/{number}", "liftMute", "quiet", "End a mute before its time",
             _MUTES.stop, roles=EDITORS),
    Endpoint("GET", "/works", "listWorks", "quiet", "Planned work, the next first", _WORKS.list,
             gives=Listed[Work], query=_BY_TIME),
    Endpoint(
        "POST", "/works", "addWork", "quiet", "Plan work", _WORKS.make, gives=Work, takes=NewWork,
        roles=MAY_PLAN, status=201, conflicts=True,
    ),
    Endpoint("GET", "/works/{number}", "showWork", "quiet", "One planned work", _WORKS.one,
             gives=Work),
    Endpoint("DELETE", "/works/{number}", "cancelWork", "quiet", "No more of planned work",
             _WORKS.stop, roles=MAY_PLAN),
)  # fmt: skip
