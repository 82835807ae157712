"""What goes when the spool is full: delivered files, then frames thinned, then the oldest."""

from collections.abc import Sequence

from agent import segments
from agent.segments import Segment

# one frame in so many survives a thinning
_KEEP_EVERY = 4
# recorded hours, not hours by a clock that may be wrong: see `aged`
KEEP_HOURS = 35 * 24


def make_room(kept: list[Segment], limit_bytes: int) -> tuple[list[Segment], int]:
    """The files that stay so that all fit in `limit_bytes`, and how many entries were lost.

    `kept` are files nobody writes to any more, oldest first.
    """
    kept, lost = list(kept), 0
    used = sum(s.blocks_bytes for s in kept)
    while used > limit_bytes and kept:
        victim = _delivered(kept)
        thin = None if victim else _thinnest(kept)
        if thin is not None:
            before = thin.blocks_bytes
            lost += _thin(thin)
            used -= before - thin.blocks_bytes
            continue
        victim = victim or _without_findings(kept) or kept[0]
        lost += victim.left
        used -= victim.blocks_bytes
        kept.remove(victim)
        segments.remove(victim.path)
    return kept, lost


def aged(kept: list[Segment], hours: int = KEEP_HOURS) -> tuple[list[Segment], int]:
    """Without the files older than so many recorded hours; how many entries were lost.

    A file holds an hour at most, so files are counted: clocks lie, and a jump from 1970 must
    not make everything look old.
    """
    old, rest = kept[: max(0, len(kept) - hours)], kept[max(0, len(kept) - hours) :]
    for segment in old:
        segments.remove(segment.path)
    return rest, sum(s.left for s in old)


def _delivered(kept: Sequence[Segment]) -> Segment | None:
    return next((s for s in kept if not s.left), None)


def _without_findings(kept: Sequence[Segment]) -> Segment | None:
    return next((s for s in kept if not s.findings), None)


def _thinnest(kept: Sequence[Segment]) -> Segment | None:
    """The oldest of those thinned least, so that all history gets coarse evenly."""
    able = [s for s in kept if s.frames > 1]
    return min(able, key=lambda s: (s.thinned, s.sequence)) if able else None


def _thin(segment: Segment) -> int:
    """Keep every fourth frame and all findings; returns how many undelivered ones went."""
    waiting = segments.read(segment).without(segment.acked)
    gone = [f.n for i, f in enumerate(waiting.frames) if i % _KEEP_EVERY]
    slim = waiting.without(gone)
    segment.thinned += 1
    blob = segments.head(segment) + segments.body(slim.frames, slim.findings, slim.layouts)
    try:
        segments.replace(segment, blob)
    except OSError:
        # no room even for the smaller file
        lost, segment.left = segment.left, 0
        return lost
    segment.frames, segment.findings = len(slim.frames), len(slim.findings)
    segment.left = len(slim)
    return len(gone)
