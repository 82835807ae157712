"""Where the clock of an incident stood: the ink of its ruler is broken there. Pure."""

from collections.abc import Iterable

from alerts.chronicle import Line

WIDTH = 240.0
# half of the gap, in the same measure
_GAP = 2.5


def stops(begins: float, within_s: float, lines: Iterable[Line]) -> tuple[float, ...]:
    """Parts of the time to handle it that were gone whenever somebody stopped the clock."""
    stood, since, found = 0.0, None, []
    for line in lines:
        if line.verb == "pause" and since is None:
            since = line.at
            found.append((line.at - begins - stood) / within_s)
        elif line.verb == "resume" and since is not None:
            stood, since = stood + line.at - since, None
    return tuple(found)


def ink(used: float, broken_at: Iterable[float]) -> str:
    """The way of the ink over a ruler 240 wide, as the d of a path at height 19."""
    end = WIDTH * min(1.0, max(0.0, used))
    breaks = [WIDTH * part for part in broken_at if 0 < WIDTH * part < end - _GAP]
    starts = [0.0, *(at + _GAP for at in breaks)]
    ends = [*(at - _GAP for at in breaks), end]
    pieces = [(a, b) for a, b in zip(starts, ends, strict=True) if b > a]
    return "".join(f"M{a:.4g} 19H{b:.4g}" for a, b in pieces)
