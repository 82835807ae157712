"""How often something is tried: few times in `make test`, ten times as often in `make soak`."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")

# of the profile of this run: 50 for `make test`, 1000 for `make soak`
_SOAKS = settings().max_examples > 100


def times(few: int) -> int:
    """`few`, or ten times `few` in a soak."""
    return few * 10 if _SOAKS else few


def some(things: Sequence[T], every: int) -> Sequence[T]:
    """One of so many, in their order; all of them in a soak."""
    return things if times(1) > 1 else things[::every]
