"""Passwords that checks name, by program: kept, replaced, forgotten. Nothing ever tells one."""

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from agent.strict import Refused
from collector import passwords
from collector.db import reading
from collector.inventory.binding import MOST_TARGETS
from collector.passwords import Kept
from collector.secret import load_secret
from web import passwords as desk
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import Call, Endpoint, Reply
from web.context import centre

_Secret = Annotated[
    str, Meta(min_length=8, max_length=255, description="printable; never told again")
]
_Area = Annotated[str, Meta(max_length=60, description="of an area or a site; empty: of none")]
_Targets = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[^|\s]+$")]],
    Meta(max_length=MOST_TARGETS, description="addresses, networks, names, *.name; none: any"),
]


class Password(Struct, frozen=True):
    """A name under which one is kept, and where it may go; `readable`: this centre opens it."""

    name: str
    area: str
    targets: tuple[str, ...]
    set_at: Time
    by: str
    readable: bool


class NewPassword(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    password: _Secret
    area: _Area = ""
    targets: _Targets = []


class ChangedPassword(Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    password: _Secret | UnsetType = UNSET
    area: _Area | UnsetType = UNSET
    targets: _Targets | UnsetType = UNSET


def _list(call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = desk.seen(connection)
        lost = set(passwords.unreadable(connection, load_secret(centre().settings.folder)))
    return Reply(sliced(call, found, lambda one: _shown(one, lost), lambda one: (one.name,)))


def _add(call: Call) -> Reply:
    asked: NewPassword = call.body
    with reading(centre().store) as connection:
        taken = any(one.name == asked.name for one in passwords.kept(connection))
    if taken:
        raise No(409, "a password of this name is kept already")
    cells = {"name": asked.name, "area": asked.area, "targets": "|".join(asked.targets)}
    _kept(lambda: desk.keep(cells, asked.password))
    return Reply(_told(asked.name), location=f"/passwords/{asked.name}")


def _change(call: Call) -> Reply:
    name, asked = _there(call).name, call.body
    area = "" if asked.area is UNSET else asked.area or "-"
    targets = "" if asked.targets is UNSET else "|".join(asked.targets) or "-"
    plain = "" if asked.password is UNSET else asked.password
    if not (area or targets or plain):
        raise No(422, "nothing to change")
    _kept(lambda: desk.keep({"name": name, "area": area, "targets": targets}, plain))
    return Reply(_told(name))


def _forget(call: Call) -> Reply:
    name = _there(call).name
    _kept(lambda: desk.forget(name))
    return Reply()


def _kept(does: Callable[[], None]) -> None:
    try:
        does()
    except Refused as refused:
        raise No(422, "", Wrong(refused.place, reasons.say(refused.problem))) from None


def _there(call: Call) -> Kept:
    with reading(centre().store) as connection:
        found = [one for one in desk.seen(connection) if one.name == call.path["name"]]
    if not found:
        raise No(404)
    return found[0]


def _told(name: str) -> Password:
    with reading(centre().store) as connection:
        found = next((one for one in desk.seen(connection) if one.name == name), None)
        lost = set(passwords.unreadable(connection, load_secret(centre().settings.folder)))
    if found is None:
        raise No(404)
    return _shown(found, lost)


def _shown(one: Kept, lost: set[str]) -> Password:
    where = (one.bound.area, one.bound.targets)
    return Password(one.name, *where, moment(one.set_at), one.by, one.name not in lost)


_SHARED: dict[str, Any] = {"group": "passwords", "roles": ("admin",)}
ENDPOINTS = (
    Endpoint(
        "GET", "/passwords", "listPasswords", about="Names of those that are kept, by name",
        do=_list, gives=Listed[Password], query=params.NAMED, **_SHARED,
    ),
    Endpoint(
        "POST", "/passwords", "addPassword", about="Keep one under a new name", do=_add,
        gives=Password, takes=NewPassword, status=201, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "PATCH", "/passwords/{name}", "changePassword",
        about="Replace it, or let it go elsewhere", do=_change, gives=Password,
        takes=ChangedPassword, **_SHARED,
    ),
    Endpoint("DELETE", "/passwords/{name}", "forgetPassword", about="Forget it", do=_forget,
             **_SHARED),
)  # fmt: skip
