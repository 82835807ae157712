"""The last ninety days of many sites as bars, kept as long as they are true.

What a site's days were changes only when its states do, and today's bar with the minutes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from web import strips
from web.strips import Spell

MOST = 5000
# availability of ninety days moves by less than what is shown
GOOD_FOR_S = 300.0
STEP = 10

Spells = Mapping[str, Sequence[Spell]]


@dataclass(frozen=True, slots=True)
class Bars:
    """What is drawn of one site, and the part of the known time in which it worked."""

    paths: Mapping[str, str]
    available: float | None
    first: float
    at: float


class Kept:
    """Bars by site; not for several threads at once."""

    def __init__(self) -> None:
        self._bars: dict[str, Bars] = {}

    def forget(self, codes: Iterable[str] | None) -> None:
        """Of these sites (None: of all) what was kept is not true any more."""
        if codes is None:
            self._bars.clear()
            return
        for code in codes:
            self._bars.pop(code, None)

    def of(
        self,
        codes: Sequence[str],
        edges: Sequence[float],
        load: Callable[[Sequence[str], float], Spells],
    ) -> dict[str, Bars]:
        """The bars of these sites for the days between `edges`, which end with now."""
        now, kept = edges[-1], self._bars
        old = [
            code
            for code in codes
            if (one := kept.get(code)) is None
            or one.first != edges[0]
            or not 0 <= now - one.at <= GOOD_FOR_S
        ]
        if len(kept) + len(old) > MOST:
            kept.clear()
            old = list(codes)
        spells = load(old, edges[0]) if old else {}
        for code in old:
            table = strips.by_day(spells[code], edges)
            drawn = strips.day_paths(table, STEP)
            kept[code] = Bars(drawn, strips.available(strips.total(table)), edges[0], now)
        return {code: kept[code] for code in codes}
