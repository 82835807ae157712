"""Which devices may begin now: one first, then a twentieth, then the rest. Pure.

A run stops by itself when its first device fails, and later when too many have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from playbooks.states import OPEN_HOSTS, HostState

# of those that ended; the first wave may not fail at all
MOST_FAILED = 0.1
# the second wave is one of so many
_TWENTIETH = 20
_GOOD = (HostState.DONE,)
# they say nothing about the playbook
_NEUTRAL = (HostState.BLOCKED, HostState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Next:
    """The places that may begin; or why nothing more does."""

    begin: tuple[int, ...] = ()
    stop: str = ""


def waves(count: int) -> list[int]:
    """How many devices are in each wave: 1, a twentieth of all, the rest."""
    first = min(1, count)
    second = min(count - first, -(-count // _TWENTIETH))
    return [size for size in (first, second, count - first - second) if size]


def following(states: Sequence[HostState], at_once: int) -> Next:
    """What to begin, the states of all devices given in their order.

    A wave begins when the one before has ended; a device that was blocked gives its place in the
    wave to nobody, but where a whole wave was blocked the next one is as careful as it was.
    """
    ended = [state for state in states if state not in OPEN_HOSTS and state not in _NEUTRAL]
    failed = sum(state not in _GOOD for state in ended)
    begun = [state for state in states if state is not HostState.WAITING]
    if failed and _too_many(failed, len(ended), states):
        return Next(stop=f"{failed} of {len(ended)} failed")
    open_now = sum(state in OPEN_HOSTS for state in begun)
    waiting = [place for place, state in enumerate(states) if state is HostState.WAITING]
    room = _room(len(states), len(ended), open_now)
    return Next(tuple(waiting[: max(0, min(room, at_once - open_now))]))


def _too_many(failed: int, ended: int, states: Sequence[HostState]) -> bool:
    sizes = waves(len(states))
    careful = sum(sizes[:1])
    return ended <= careful or failed > MOST_FAILED * ended


def _room(count: int, ended: int, open_now: int) -> int:
    """How many more may be under way, by the wave that `ended` devices have come to."""
    reach = 0
    for size in waves(count):
        if ended < reach + size:
            return reach + size - ended - open_now if ended >= reach else 0
        reach += size
    return 0
