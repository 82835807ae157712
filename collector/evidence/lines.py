"""What else of a site has a timeline: its uplinks and its checks, under the site itself. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collector.availability import State
from collector.evidence.moments import whole
from collector.evidence.spells import NONE, Spell, filled, hole, over

SITE, UPLINK, CHECK = "site", "uplink", "check"
# kinds of checks by which a hotspot is judged; all others are services
HOTSPOT_KINDS = ("journey", "wifi")
_CAUSE_OF_KIND = {"journey": "wifi", "wifi": "wifi", "dns": "dns"}
_STATE_OF = {"good": State.NORMAL, "bad": State.DOWN}


@dataclass(frozen=True, slots=True)
class Line:
    """One timeline of a site: of itself, of an uplink (`detail`: its provider), of a check (its
    kind)."""

    kind: str
    name: str
    detail: str
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check said at a moment: good, bad, unknown, and why."""

    at: float
    verdict: str
    reason: str = ""


Samples = Sequence[tuple[float, float]]


def only_uplink(site: Sequence[Spell]) -> tuple[Spell, ...]:
    """The one line of a site: the site is down when no line works."""
    return tuple(site)


def unseen_uplink(site: Sequence[Spell]) -> tuple[Spell, ...]:
    """A further line that no agent tells of: down with the site, else nothing is known of it."""
    return tuple(
        spell
        if spell.state in (State.DOWN, State.MAINTENANCE) or not spell.counts
        else Spell(spell.begin, spell.end, State.UNKNOWN)
        for spell in site
    )


def uplink(
    samples: Samples, site: Sequence[Spell], every_s: float, main: bool
) -> tuple[Spell, ...]:
    """One of several lines by its samples of `ronda_uplink_up`: 1, 0, or NaN for not measured.

    A sample speaks until the next one where that is at most 2.5 report intervals away, else for
    one interval. What people do to the site, and its slowness on its main line, hold for it.
    """
    begin, end = site[0].begin, site[-1].end
    told: list[Spell] = []
    for place, (at, value) in enumerate(samples):
        after = samples[place + 1][0] if place + 1 < len(samples) else float("inf")
        until = after if after - at <= 2.5 * every_s else at + every_s
        state = State.UNKNOWN
        if value == value:
            state = State.NORMAL if value > 0 else State.DOWN
        told.append(Spell(whole(at), whole(until), state))
    seen = filled(told, begin, end)
    return tuple(over(seen, site, _main_line if main else _further_line))


def check(
    before: str, told: Iterable[Verdict], site: Sequence[Spell], kind: str, retired: float | None
) -> tuple[Spell, ...]:
    """A check by what its agent said of it; while nobody heard the agent nothing is known of it.

    `before`: what it said last before; "" where it never did.
    """
    begin, end = site[0].begin, site[-1].end
    seen: list[Spell] = []
    at, now = begin, Verdict(begin, before)
    for each in (*told, Verdict(end, "")):
        moment = min(max(whole(each.at), at), end)
        if at < moment:
            seen.append(_as_told(now, at, moment, kind))
        at, now = moment, each
    if retired is not None:
        seen = [
            replace(spell, end=min(spell.end, whole(retired)))
            for spell in seen
            if spell.begin < whole(retired)
        ]
    return tuple(over(filled(seen, begin, end), site, _check))


def _as_told(told: Verdict, begin: int, end: int, kind: str) -> Spell:
    if not told.verdict:
        return hole(begin, end)
    state = _STATE_OF.get(told.verdict, State.UNKNOWN)
    if state == State.NORMAL:
        return Spell(begin, end, state)
    cause = _CAUSE_OF_KIND.get(kind, "app") if state == State.DOWN else ""
    return Spell(begin, end, state, cause, evidence=(told.reason,) if told.reason else ())


def _check(mine: Spell, site: Spell) -> Spell:
    if not mine.counts or not site.counts:
        return hole(0, 0)
    if site.state in (State.UNKNOWN, State.MAINTENANCE):
        return site
    if site.state == State.DOWN and mine.state == State.DOWN:
        # what cannot be reached without the line is not its owner's fault
        return replace(site, evidence=(*mine.evidence, *site.evidence))
    return mine


def _main_line(mine: Spell, site: Spell) -> Spell:
    if mine.state == State.NORMAL and site.state == State.SLOW:
        return site
    return _further_line(mine, site)


def _further_line(mine: Spell, site: Spell) -> Spell:
    if not site.counts or site.state == State.MAINTENANCE:
        return site
    if site.state == State.DOWN:
        # that no line works is the site's own word
        return site
    if not mine.counts:
        return replace(site, state=State.UNKNOWN, cause="", percent=0, evidence=(), said=None)
    return replace(mine, source=site.source if mine.source != NONE else NONE)


def within(told: Iterable[Line], begin: int, end: int) -> list[Line]:
    """The timelines of a site cut to [begin, end); none where the site did not count then."""
    cut = [replace(line, spells=tuple(filled(line.spells, begin, end))) for line in told]
    if not any(spell.counts for line in cut if line.kind == SITE for spell in line.spells):
        return []
    return [
        line for line in cut if line.kind != CHECK or any(spell.counts for spell in line.spells)
    ]


def by_name(lines: Iterable[Line]) -> Mapping[tuple[str, str], Line]:
    """Lines by kind and name."""
    return {(line.kind, line.name): line for line in lines}
