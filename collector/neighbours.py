"""Sites that fell together: what they share, and what that says of all of them."""

from collections.abc import Sequence
from typing import NamedTuple

# sites that fell within this of each other went for one reason
TOGETHER_S = 180.0
# the narrowest parent is what broke; among groups of one size the first of these is told
_NARROW = ("upstream", "isp", "feeder", "district")


class Neighbours(NamedTuple):
    """A group that fell together, as one member sees it: how many others, the rest of them all."""

    shared: str
    others: int = 0
    isps: frozenset[str] = frozenset()  # main ones; a stray one among many does not count
    kind: str = "district"
    reserve: int = 0  # have a mobile line of another provider
    battery: int = 0  # ran on battery at the end
    due: int = 0  # have a bill or the end of a contract near
    awake: int = 0  # still report, over whatever way, that no uplink works


def widest(groups: Sequence[Neighbours]) -> Neighbours | None:
    """The largest group of several providers."""
    return _largest([group for group in groups if group.others and len(group.isps) > 1])


def chosen(groups: Sequence[Neighbours]) -> Neighbours | None:
    """The largest group of one provider."""
    return _largest([group for group in groups if group.others and len(group.isps) <= 1])


def sure_of(group: Neighbours) -> float:
    """The more fell together, the less it is chance."""
    return min(0.9, 0.4 + 0.1 * group.others)


def line_of(group: Neighbours) -> str:
    """What of the group speaks, in plain words."""
    sites = f"{group.others} more {'site' if group.others == 1 else 'sites'} of {group.shared}"
    fell = "lost their uplink" if group.awake else "fell silent"
    if len(group.isps) > 1:
        return f"{sites} {fell} at the same time, on {len(group.isps)} providers"
    return f"{sites} {fell} at the same time, all on {next(iter(group.isps), 'one provider')}"


def _largest(groups: Sequence[Neighbours]) -> Neighbours | None:
    ordered = sorted(groups, key=lambda group: _NARROW.index(group.kind))
    return max(ordered, key=lambda group: group.others, default=None)
