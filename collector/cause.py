"""Why is a site silent or down? A cause with its evidence, corrected when more is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from collector.judge import Sign

# neighbours that fell silent within this of each other went for one reason
TOGETHER_S = 180.0


@dataclass(frozen=True, slots=True)
class Cause:
    """One of the causes people know, how sure we are (0 to 1), and what speaks for it."""

    name: str
    confidence: float
    evidence: tuple[str, ...] = ()


UNKNOWN = Cause("unknown", 0.0)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Sites that fell silent together with one: what they share, how many, and all their ISPs."""

    shared: str
    count: int = 0
    isps: frozenset[str] = frozenset()


def at_silence(signs: int, isp: str, neighbours: Sequence[Neighbours]) -> Cause:
    """What a silence looks like at once: by the last frame, then by who else went silent."""
    if signs & Sign.ON_BATTERY:
        return Cause("power", 0.9, ("it ran on battery before it fell silent",))
    if signs & Sign.WRONG_CONTENT:
        return Cause("suspended", 0.7, ("a page of the provider came instead of the right one",))
    together = [_of_neighbours(isp, group) for group in neighbours if group.count > 0]
    if together:
        return max(together, key=lambda cause: cause.confidence)
    if signs & Sign.LINK_LOST:
        return Cause("device", 0.4, ("the link to the provider's device went before the silence",))
    if signs & Sign.NO_LIGHT:
        return Cause("fiber", 0.8, ("the optical receiver saw no light",))
    if signs & Sign.LINK_KEPT:
        return Cause("fiber", 0.3, ("the link to the provider's device held to the end",))
    return UNKNOWN


def _of_neighbours(isp: str, group: Neighbours) -> Cause:
    several = group.isps | ({isp} if isp else set())
    count = group.count
    sites = f"{count} more {'site' if count == 1 else 'sites'} of {group.shared}"
    sure = min(0.9, 0.4 + 0.1 * count)
    if len(several) > 1:
        line = f"{sites} fell silent at the same time, on {len(several)} providers"
        return Cause("power", sure, (line,))
    line = f"{sites} fell silent at the same time, all on {isp or 'one provider'}"
    return Cause("isp", sure, (line,))


def at_return(before: Cause, silent_s: float, up_s: float, rebooted: bool) -> Cause:
    """What the first report after a silence of `silent_s` tells, by the agent's own uptime."""
    if rebooted:
        line = f"its agent had started {spell(up_s)} before it came back"
        if before.name == "power":
            return Cause("power", min(0.95, before.confidence + 0.05), (*before.evidence, line))
        return Cause("power", 0.6, (line,))
    line = f"its agent ran on through the silence of {spell(silent_s)}"
    if before.confidence > 0.4:
        return Cause(before.name, before.confidence, (*before.evidence, line))
    return Cause("isp", 0.4, (line,))


def of_down(signs: int, before: Cause = UNKNOWN) -> Cause:
    """Why no uplink worked, by the frames of that time; `before` is what was thought till then."""
    if signs & Sign.WRONG_CONTENT:
        return Cause("suspended", 0.8, ("a page of the provider came instead of the right one",))
    if signs & Sign.NO_LIGHT:
        return Cause("fiber", 0.9, ("the optical receiver saw no light",))
    if before.name == "isp" and before.confidence > 0.4:
        line = "its agent ran and saw the uplink down"
        return Cause("isp", min(0.95, before.confidence + 0.05), (*before.evidence, line))
    if signs & Sign.LINK_LOST and not signs & Sign.LINK_KEPT:
        return Cause("device", 0.5, ("the link to the provider's device was lost",))
    if signs & Sign.LINK_KEPT:
        line = "its agent ran, the link to the provider's device held, nothing answered beyond"
        return Cause("fiber", 0.6, (line,))
    return Cause("isp", 0.5, ("its agent ran and saw the uplink down",))


def spell(seconds: float) -> str:
    """A length of time as people say it: `3 days`, `2 h`, `5 min`, `40 s`."""
    for size, word in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{max(0.0, seconds):.0f} s"
