"""Quiet hours of people, by program: when somebody is not disturbed, and what comes through."""

from typing import Annotated

from msgspec import Meta, Struct

from agent.strict import Refused
from alerts import quiet
from alerts.quiet import Quiet
from collector.db import reading, writing
from collector.inventory.kinds import KINDS
from web import duty, reasons
from web.api import params, rowkeys
from web.api.problems import No, Wrong
from web.api.shapes import Listed, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now
from web.inventory.desk import by

_Hour = Annotated[str, Meta(max_length=5, description="22:00, local")]
_Words = Annotated[str, Meta(min_length=1, max_length=200)]
# a person is named as in the rows of contacts
KEY = KINDS["contacts"]


class QuietHours(Struct, frozen=True):
    """Of one contact; `id` is that of the contact's row."""

    id: str
    scope: str
    person: str
    begins: str
    ends: str
    spares: str


class NewQuietHours(Struct, forbid_unknown_fields=True):
    """Instead of those there were."""

    scope: _Words
    person: _Words
    begins: _Hour
    ends: _Hour
    spares: Annotated[
        str,
        Meta(
            extra_json_schema={"enum": list(quiet.SEVERITIES)},
            description="this and graver ones come through",
        ),
    ] = "critical"


def _list(call: Call) -> Reply:
    found = [one for one in _rows() if duty.seen(one.scope)]
    return Reply(sliced(call, found, _shown, lambda one: (one.scope, one.person)))


def _one(call: Call) -> Reply:
    return Reply(_shown(_there(call)))


def _put(call: Call) -> Reply:
    asked: NewQuietHours = call.body
    duty.check_mine(asked.scope)
    row = Quiet(asked.scope, asked.person, asked.begins, asked.ends, asked.spares)
    try:
        with writing(centre().store) as connection:
            quiet.put(connection, row, now(), by())
    except Refused as refused:
        raise No(422, "", Wrong(refused.place, reasons.say(refused.problem))) from None
    return Reply(_shown(row))


def _lift(call: Call) -> Reply:
    found = _there(call)
    if not duty.mine(found.scope):
        raise No(403, "it is about more than your areas")
    with writing(centre().store) as connection:
        if not quiet.lift(connection, found.scope, found.person, now(), by()):
            raise No(404)
    return Reply()


def _there(call: Call) -> Quiet:
    key = rowkeys.read(KEY, call.path["id"])
    for one in _rows():
        if [one.scope, one.person] == key and duty.seen(one.scope):
            return one
    raise No(404)


def _rows() -> list[Quiet]:
    with reading(centre().store) as connection:
        return quiet.rows(connection)


def _shown(one: Quiet) -> QuietHours:
    key = rowkeys.write(KEY, {"scope": one.scope, "name": one.person})
    return QuietHours(key, one.scope, one.person, one.begins, one.ends, one.spares)


_ABOUT = {"id": "scope, name; see `id` of a row of contacts"}
ENDPOINTS = (
    Endpoint("GET", "/quiet-hours", "listQuietHours", "duty", "By scope and person", _list,
             gives=Listed[QuietHours], query=params.PAIRED, roles=EDITORS),
    Endpoint(
        "PUT", "/quiet-hours", "setQuietHours", "duty", "Do not disturb somebody at these hours",
        _put, gives=QuietHours, takes=NewQuietHours, roles=EDITORS,
    ),
    Endpoint("GET", "/quiet-hours/{id}", "showQuietHours", "duty", "Those of one person", _one,
             gives=QuietHours, roles=EDITORS, about_path=_ABOUT),
    Endpoint("DELETE", "/quiet-hours/{id}", "liftQuietHours", "duty", "None any more", _lift,
             roles=EDITORS, about_path=_ABOUT),
)  # fmt: skip
