"""The rota by program: who is on duty when."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from alerts import duty as rota
from collector.db import reading, writing
from web import duty, reasons
from web.api import cursors, params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply, Schema
from web.context import centre, now
from web.duty import Turn
from web.inventory.desk import by

Day = Annotated[str, Meta(max_length=10, description="2026-11-28; empty: without an end")]
Hour = Annotated[str, Meta(max_length=5, description="07:00, local; empty: the whole day")]


class Shift(Struct, frozen=True):
    """On these days (1 is Monday) a person of a scope is on duty; `on`: now."""

    id: int
    scope: str
    person: str
    days: tuple[int, ...]
    begins: str
    ends: str
    first_day: str
    last_day: str
    on: bool
    mine: bool


class NewShift(Struct, forbid_unknown_fields=True):
    scope: Annotated[str, Meta(min_length=1, max_length=200, description="of the contact")]
    person: Annotated[str, Meta(min_length=1, max_length=200)]
    days: Annotated[
        list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=7, description="none: every day")
    ] = []
    begins: Hour = ""
    ends: Hour = ""
    first_day: Day = ""
    last_day: Day = ""


def _list(call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = duty.seen_turns(connection)
    return Reply(sliced(call, found, _shift, lambda one: (one.shift.scope, one.shift.id)))


def _one(call: Call) -> Reply:
    return Reply(_shift(_find(call.path["number"])))


def _note(call: Call) -> Reply:
    return Reply(duty.note_of(int(call.query.get("hours", str(duty.HOURS[0])))))


def _add(call: Call) -> Reply:
    body: NewShift = call.body
    names = ("scope", "person", "begins", "ends", "first_day", "last_day")
    try:
        number = duty.add({n: getattr(body, n) for n in names}, map(str, body.days))
    except Refused as refused:
        raise No(422, "", Wrong(refused.place, reasons.say(refused.problem))) from None
    return Reply(_shift(_find(number)), location=f"/duty/{number}")


def _drop(call: Call) -> Reply:
    found = _find(call.path["number"])
    if not found.mine:
        raise No(403, "it is about more than your areas")
    with writing(centre().store) as connection:
        if not rota.drop(connection, found.shift.id, now(), by()):
            raise No(404)
    return Reply()


def _find(number: int) -> Turn:
    with reading(centre().store) as connection:
        found = [one for one in duty.seen_turns(connection) if one.shift.id == number]
    if not found:
        raise No(404)
    return found[0]


def _shift(one: Turn) -> Shift:
    shift = one.shift
    same = (shift.id, shift.scope, shift.person, tuple(one.days))
    return Shift(*same, shift.begins, shift.ends, shift.first_day, shift.last_day, one.on, one.mine)


def _after(text: str) -> tuple[str, int]:
    about, number = cursors.words(2, text)
    if not number.isascii() or not number.isdigit() or len(number) > 19:
        raise ValueError("is no `next` of this list")
    return about, int(number)


_COUNTED: dict[str, Any] = {"type": "integer"}
_ROWS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_NOTE: dict[str, Any] = {name: _ROWS for name in ("open", "over", "done", "watch")}
_NOTE |= {f"{name}_in_all": _COUNTED for name in ("open", "over", "watch")}
_NOTE |= {name: {"type": "string", "format": "date-time"} for name in ("from", "until")}
_HANDOVER = Schema(
    "Handover",
    {"type": "object", "properties": _NOTE, "required": list(_NOTE),
     "description": "As `ronda incidents handover --json`; of each kind 100 at most."},
)  # fmt: skip
ENDPOINTS = (
    Endpoint("GET", "/duty", "listDuty", "duty", "The rota", _list, gives=Listed[Shift],
             query=(params.cursor(_after), params.LIMIT)),
    Endpoint(
        "POST", "/duty", "addDuty", "duty", "Put somebody on duty", _add, gives=Shift,
        takes=NewShift, roles=EDITORS, status=201,
    ),
    Endpoint("GET", "/duty/{number}", "showDuty", "duty", "One shift", _one, gives=Shift),
    Endpoint(
        "GET", "/duty/handover", "showHandover", "duty", "What the next shift must know",
        _note, gives=_HANDOVER, roles=duty.MAY_READ, everywhere=True, query=(
            params.choice("hours", "how far to look back", [str(h) for h in duty.HOURS],
                          str(duty.HOURS[0])),
        ),
    ),
    Endpoint(
        "DELETE", "/duty/{number}", "dropDuty", "duty", "Take a shift out of the rota", _drop,
        roles=EDITORS,
    ),
)  # fmt: skip
