"""Tokens by program: which ones hold, and the end of one. None is made or told here."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from collector.cli_common import iso
from web import tokens
from web.api import params
from web.api.problems import No
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import Call, Endpoint, Reply
from web.context import centre, me, now
from web.people import User
from web.tokens import Own


class Token(Struct, frozen=True):
    """One that was neither revoked nor ended; its id finds it and opens nothing."""

    id: str
    name: str
    owner: Annotated[str, Meta(description="an account; empty: the centre itself")]
    role: str
    area: str
    site: str
    created_at: Time
    expires_at: Time | None
    stopped: Annotated[bool, Meta(description="it opens nothing while its owner is locked")]


def _list(call: Call) -> Reply:
    owner = call.query.get("owner")
    found = [one for one in _seen() if owner in (None, one.owner)]
    return Reply(sliced(call, found, _shown, lambda one: (one.id,)))


def _one(call: Call) -> Reply:
    return Reply(_shown(_there(call)))


def _end(call: Call) -> Reply:
    if not tokens.end(centre().store, _admin(), _there(call).id, now()):
        raise No(404)
    return Reply()


def _there(call: Call) -> Own:
    found = next((one for one in _seen() if one.id == call.path["id"]), None)
    if found is None:
        raise No(404)
    return found


def _seen() -> list[Own]:
    return tokens.seen(centre().store, _admin(), now())


def _admin() -> User:
    user = me()
    assert user is not None
    return user


def _shown(one: Own) -> Token:
    told = (one.id, one.name, one.owner, one.role, one.area, one.site, moment(one.created_at))
    return Token(*told, iso(one.expires_at), one.stopped)


_SHARED: dict[str, Any] = {"group": "people", "roles": ("admin",)}
ENDPOINTS = (
    Endpoint(
        "GET", "/tokens", "listTokens", about="Of accounts within the administrator's areas, and "
        "of the centre itself", do=_list, gives=Listed[Token],
        query=(params.text("owner", "only those of this account"), *params.NAMED), **_SHARED,
    ),
    Endpoint("GET", "/tokens/{id}", "showToken", about="One token", do=_one, gives=Token,
             **_SHARED),
    Endpoint("DELETE", "/tokens/{id}", "revokeToken", about="It opens nothing any more", do=_end,
             **_SHARED),
)  # fmt: skip
