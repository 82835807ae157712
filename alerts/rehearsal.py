"""What a rule would have said in the past: its expression over history, minute by minute.

Looked at once a minute, while the living rules see every finding: what lasted less than a minute
may be missed, and a series that ended counts as good again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from alerts.overrides import Override
from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of, with_threshold
from collector.promql.context import Question
from collector.promql.evaluating import Steps
from collector.promql.labels import Words
from collector.promql.limits import Limits
from collector.promql.notes import Notes
from collector.promql.plan import Matcher, scoped
from collector.promql.vectors import Source, Vector

STEP_S = 60
DAYS = 30
# of one site
_SECONDS, _SAMPLES = 10.0, 5_000_000


class Past(Source, Protocol):
    """Where series come from, with the words of one query."""

    @property
    def words(self) -> Words: ...


@dataclass(frozen=True, slots=True)
class Episode:
    """From when it fired until it was good again; UTC epoch seconds."""

    fired_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one site: how often, and for how long in all."""

    times: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Told") -> "Told":
        return Told(self.times + other.times, self.seconds + other.seconds)


@dataclass(slots=True)
class Both:
    """The rule as it is, and as somebody wants it, at the sites that were looked at."""

    now: dict[str, Told] = field(default_factory=dict)
    wanted: dict[str, Told] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def total(self, which: str) -> Told:
        found = self.now if which == "now" else self.wanted
        return sum(found.values(), Told())

    def sites(self, which: str) -> int:
        """At how many it would have fired."""
        found = self.now if which == "now" else self.wanted
        return sum(1 for told in found.values() if told.times)


def tuned(rule: Rule, override: Override | None) -> Rule | None:
    """The rule as an override has it; None: it is off there."""
    if override is None:
        return rule
    if override.off:
        return None
    made = rule
    if override.threshold is not None and threshold_of(rule) is not None:
        made = with_threshold(made, override.threshold)
    return made if override.for_s is None else replace(made, for_s=override.for_s)


def at_site(
    query: Past, rule: Rule | None, site: str, end: float, stopwatch: Callable[[], float]
) -> Told:
    """The last 30 days of one site; Refused says why nobody can know."""
    if rule is None:
        return Told()
    last = int(end // STEP_S * STEP_S)
    times = np.arange(last - DAYS * 86400, last + 1, STEP_S, dtype=np.int64) * 1000
    tree = scoped(rule.tree, (Matcher("site", "=", site),))
    limits = Limits(len(times), samples=_SAMPLES, seconds=_SECONDS, clock=stopwatch)
    begin, until = int(times[0]), int(times[-1])
    question = Question(
        query, begin, until, STEP_S * 1000, limits, Notes(rule.expr), query.words, instant=False
    )
    with np.errstate(all="ignore"):
        found = Steps(question, times).value(tree)
    if not isinstance(found, Vector):
        raise Refused(rule.name, "compares no series")
    told = Told()
    for row in range(len(found)):
        spells = episodes(times / 1000.0, found.present[row], rule.for_s, rule.keep_firing_for_s)
        told += Told(len(spells), sum(one.ended_at - one.fired_at for one in spells))
    return told


def episodes(
    times: NDArray[np.float64], bad: NDArray[np.bool_], for_s: float, keep_s: float
) -> Sequence[Episode]:
    """When an alarm would have fired that was bad at these times, and until when. Pure."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], bad, [False])).astype(np.int8)))
    step = float(times[1] - times[0]) if len(times) > 1 else float(STEP_S)
    made: list[Episode] = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        since, until = float(times[begin]), float(times[end - 1]) + step
        if made and since <= made[-1].ended_at:
            # it was still kept firing when it turned bad again
            made[-1] = Episode(made[-1].fired_at, until + keep_s)
        elif until - step - since >= for_s:
            made.append(Episode(since + for_s, until + keep_s))
    return made
