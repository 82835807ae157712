"""Shapes that several answers share: times, pages of a list."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

from collector.cli_common import iso
from web.api import cursors
from web.api.table import Call

T = TypeVar("T")
R = TypeVar("R")

Time = Annotated[str, Meta(description="UTC", extra_json_schema={"format": "date-time"})]
Next = Annotated[str | None, Meta(description="the `cursor` of the next page; null: this is all")]


class Listed(Struct, Generic[T], frozen=True):
    """A page of a list."""

    items: list[T]
    next: Next


def moment(at: float) -> str:
    """A time as JSON has it."""
    return str(iso(at))


def page(
    found: Sequence[R], limit: int, show: Callable[[R], T], key: Callable[[R], str]
) -> Listed[T]:
    """The first `limit` of what was found; one more says that there is a next page."""
    shown = found[:limit]
    following = key(shown[-1]) if len(found) > limit else None
    return Listed([show(one) for one in shown], following)


def sliced(
    call: Call,
    found: Iterable[R],
    show: Callable[[R], T],
    key: Callable[[R], tuple[float | str, ...]],
) -> Listed[T]:
    """The page asked for of a list that is at hand, by a key that tells its things apart."""
    after = call.query.get("cursor")
    ordered = sorted(found, key=key)
    rest = [one for one in ordered if after is None or key(one) > after]
    return page(rest, call.limit, show, lambda one: cursors.write(*key(one)))
