"""The sites of a round in portions small enough for a slice of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.evaluation.cells import Portion
from alerts.evaluation.looking import Look
from alerts.evaluation.meaning import Meanings
from alerts.evaluation.overlay import Overlay
from alerts.evaluation.planning import Planned
from alerts.evaluation.trees import metric_of, reaches_s
from collector.db import reading
from collector.promql.labels import Ids
from collector.promql.plan import selectors
from collector.promql.source import Centre
from collector.promql.store import rows_with_blocks
from collector.series.history import History
from collector.series.window_part import Flat, WindowPart, joined

SITES = 8_192
_FEW = 256
# columns times sites
_NUMBERS = 2_000_000
# whose history is read site by site, and of so many it is asked at once who has any
SITES_OF_HISTORY, SITES_LOOKED_UP = 8, 512


_Rules = tuple[Planned, ...]


@dataclass(slots=True)
class Cutter:
    """Makes portions; remembers, of each list of rules, what they ask for in one catalogue."""

    centre: Centre
    overlay: Overlay
    meanings: Meanings = field(default_factory=Meanings)
    _catalogue: object = None
    _columns: dict[_Rules, NDArray[np.int32]] = field(default_factory=dict)
    _apart: dict[_Rules, tuple[_Rules, _Rules]] = field(default_factory=dict)

    def cut(self, look: Look, places: Ids, rules: _Rules) -> Iterator[Portion]:
        """The sites at these places, a portion at a time, for rules about each site."""
        wanted = self.columns(look, rules)
        long = any(rule.long for rule in rules)
        for some in _parted(places, SITES_LOOKED_UP if long else SITES):
            if long:
                yield from self._of_history(look, some, wanted, rules)
            else:
                yield from self._fitting(look, some, wanted, rules)

    def split(self, look: Look, rules: _Rules) -> tuple[_Rules, _Rules]:
        """Rules that go by site now, and those that meet series of other programs."""
        self._follow(look)
        if rules not in self._apart:
            self._apart[rules] = self._split(look, rules)
        return self._apart[rules]

    def columns(self, look: Look, rules: _Rules) -> NDArray[np.int32]:
        """Every column that any of the rules asks for."""
        self._follow(look)
        if rules not in self._columns:
            asked = {
                column
                for planned in rules
                for selector in selectors(planned.rule.tree)
                for column in self.meanings.of(look.catalogue, selector.matchers).columns.tolist()
            }
            self._columns[rules] = np.array(sorted(asked), np.int32)
        return self._columns[rules]

    def _follow(self, look: Look) -> None:
        if look.catalogue is not self._catalogue:
            self._catalogue = look.catalogue
            self._columns, self._apart = {}, {}

    def _split(self, look: Look, rules: _Rules) -> tuple[_Rules, _Rules]:
        apart: list[Planned] = []
        names: set[str] = set()
        for planned in rules:
            asked = selectors(planned.rule.tree)
            meets = any(self.meanings.of(look.catalogue, one.matchers).others for one in asked)
            if meets or names.intersection(map(metric_of, asked)):
                apart.append(planned)
                names |= {planned.rule.name} if planned.rule.record else set()
        if not apart:
            return rules, ()
        return tuple(p for p in rules if p not in apart), tuple(apart)

    def _of_history(
        self, look: Look, places: Ids, wanted: NDArray[np.int32], rules: _Rules
    ) -> Iterator[Portion]:
        """Sites without anything of that time cost nothing: each of the others is read alone."""
        there = self._with_history(look, places, rules)
        if not there.all():
            yield self._portion(look, places[~there], wanted, None, None)
        past = _Past(self.centre.history, look)
        for some in _parted(places[there], SITES_OF_HISTORY):
            yield self._portion(look, some, wanted, past, None)

    def _with_history(self, look: Look, places: Ids, rules: _Rules) -> NDArray[np.bool_]:
        asked = [selector for planned in rules for selector in selectors(planned.rule.tree)]
        end = look.at - min((one.offset_ms for one in asked), default=0) / 1000
        if end >= look.at - self.centre.history.window.reach_s():
            return np.ones(len(places), bool)
        held = look.catalogue.sites.lookback_ms[places].max(initial=0) / 1000
        start = look.at - max(reaches_s(planned.rule.tree) for planned in rules) - float(held)
        rows = look.catalogue.sites.rows[places]
        with reading(self.centre.blocks) as connection:
            known = rows_with_blocks(connection, rows.tolist(), start, end, late=False)
        return np.isin(rows, known)

    def _fitting(
        self, look: Look, places: Ids, wanted: NDArray[np.int32], rules: Sequence[Planned]
    ) -> Iterator[Portion]:
        """Fewer sites at once where each has series that no other has."""
        part = self.centre.history.window.part(look.catalogue.sites.rows[places])
        held = look.catalogue.sites.lookback_ms[places].max(initial=0) / 1000
        reach = max([float(held), *(reaches_s(p.rule.tree) + float(held) for p in rules)])
        there = wanted[:0]
        if part is not None and len(wanted):
            there = np.intersect1d(wanted, part.columns(look.at - reach, look.at))
        if len(there) * len(places) <= _NUMBERS or len(places) <= _FEW:
            yield self._portion(look, places, there, None, part)
            return
        half = len(places) // 2
        yield from self._fitting(look, places[:half], wanted, rules)
        yield from self._fitting(look, places[half:], wanted, rules)

    def _portion(
        self,
        look: Look,
        places: Ids,
        wanted: NDArray[np.int32],
        past: "_Past | None",
        part: WindowPart | None,
    ) -> Portion:
        codes = [look.codes[place] for place in places.tolist()]
        by_code = {code: place for place, code in enumerate(codes)}
        return Portion(
            look, places, codes, by_code, part, wanted, self.overlay, self.meanings, past
        )


def _parted(places: Ids, most: int) -> Iterator[Ids]:
    return (places[at : at + most] for at in range(0, len(places), most))


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """Reads what is older than the window, site by site."""

    history: History
    look: Look

    def __call__(self, columns: NDArray[np.int32], places: Ids, start: float, end: float) -> Flat:
        parts: list[Flat] = []
        for site, row in enumerate(self.look.catalogue.sites.rows[places].tolist()):
            for column, (times, values) in self.history.in_time(
                row, start, end, columns.tolist()
            ).items():
                which = np.full(len(times), np.searchsorted(columns, column))
                parts.append((which, np.full(len(times), site), times, values))
        return joined(parts)
