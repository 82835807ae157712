"""What the token that asks is good for."""

from typing import Annotated

from flask import g
from msgspec import Meta, Struct

from collector.cli_common import iso
from web.api.shapes import Time
from web.api.table import Call, Endpoint, Reply
from web.context import me
from web.tokens import Token


class Own(Struct, frozen=True):
    """A token as the API sees it."""

    name: Annotated[str, Meta(description="in whose name it acts, as history will say")]
    role: str
    areas: Annotated[tuple[str, ...], Meta(description="none: everywhere, unless sites are named")]
    sites: tuple[str, ...]
    token: Annotated[str, Meta(description="what it is for")]
    expires_at: Annotated[Time | None, Meta(description="null: when somebody revokes it")]


def _show(_call: Call) -> Reply:
    user = me()
    assert user is not None
    token: Token = g.token
    told = (user.name, user.role, user.areas, user.sites)
    return Reply(Own(*told, token.name, iso(token.expires_at)))


ENDPOINTS = (
    Endpoint("GET", "/me", "me", "token", "What this token is good for", _show, gives=Own),
)
