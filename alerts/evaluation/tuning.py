"""What is different at some sites: thresholds, `for` and rules that are switched off there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.evaluation.looking import Look
from collector.promql.labels import Ids
from collector.promql.segments import Floats

EVERYWHERE = ("", "*")


class Override(Protocol):
    """One row of table overrides; `scope` is a site's code, an area's, or `*`."""

    @property
    def rule(self) -> str: ...

    @property
    def scope(self) -> str: ...

    @property
    def threshold(self) -> float | None: ...

    @property
    def for_s(self) -> float | None: ...

    @property
    def off(self) -> bool: ...


Row = tuple[str, str, float | None, float | None, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """One rule's differences by place; NaN: as the rule says."""

    thresholds: Floats
    for_s: Floats
    off: NDArray[np.bool_]

    def moved(self, places: Ids, number: float) -> Floats:
        """The threshold at each of these places."""
        found = self.thresholds[places]
        return np.where(np.isnan(found), number, found)


def rows_of(overrides: Iterable[Override]) -> tuple[Row, ...]:
    """As values that can be compared: has anything changed?"""
    return tuple(sorted((o.rule, o.scope, o.threshold, o.for_s, bool(o.off)) for o in overrides))


def tuned(rows: Sequence[Row], look: Look) -> dict[str, Tuned]:
    """By name of a rule; where scopes overlap, the narrower one counts."""
    found: dict[str, Tuned] = {}
    for rule, scope, threshold, for_s, off in sorted(rows, key=_width):
        many = len(look.codes)
        mine = found.setdefault(
            rule, Tuned(np.full(many, np.nan), np.full(many, np.nan), np.zeros(many, bool))
        )
        places = _places(scope, look)
        mine.thresholds[places] = np.nan if threshold is None else threshold
        mine.for_s[places] = np.nan if for_s is None else for_s
        mine.off[places] = off
    return found


def _width(row: Row) -> tuple[int, str, str]:
    scope = "" if row[1] in EVERYWHERE else row[1]
    return len(scope), scope, row[0]


def _places(scope: str, look: Look) -> Ids:
    if scope in EVERYWHERE:
        return np.arange(len(look.codes))
    within = (scope + ".", scope + "-")
    found = [p for p, code in enumerate(look.codes) if code == scope or code.startswith(within)]
    return np.array(found, np.int64)
