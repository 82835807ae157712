"""What the token that asks is good for."""

from typing import Annotated

from msgspec import Meta, Struct

from web.api.table import Call, Endpoint, Reply
from web.context import me


class Own(Struct, frozen=True):
    """A token as the API sees it."""

    name: Annotated[str, Meta(description="in whose name it acts, as history will say")]
    role: str
    areas: Annotated[tuple[str, ...], Meta(description="none: everywhere, unless sites are named")]
    sites: tuple[str, ...]


def _show(_call: Call) -> Reply:
    user = me()
    assert user is not None
    return Reply(Own(user.name, user.role, user.areas, user.sites))


ENDPOINTS = (
    Endpoint("GET", "/me", "me", "token", "What this token is good for", _show, gives=Own),
)
