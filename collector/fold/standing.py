"""How every site stands at a full minute, for receivers: nobody reports that."""

from collections.abc import Iterable

import numpy as np

from collector.fold.numbers import Numbers
from collector.fold.sites import Sites
from collector.fold.timelines import Timelines
from collector.outward.parcels import STATES
from collector.silence import Watch

MINUTE_S = 60.0
_CODES = {state: code for code, state in enumerate(STATES)}


def minute_between(before: float | None, at: float) -> float | None:
    """The full minute that came after the tick `before` and by the tick `at`, if one did."""
    minute = at // MINUTE_S * MINUTE_S
    return minute if before is None or before < minute else None


def stand(
    minute: float, sites: Sites, timelines: Timelines, watch: Watch, numbers: Numbers
) -> None:
    """Give it to `numbers`, which hands it on."""
    found = _rows(sites, timelines.standing())
    rows = np.fromiter(found, np.int32, len(found))
    codes = np.fromiter(found.values(), np.int8, len(found))
    contacts = (watch.contact(row) or 0.0 for row in found)
    numbers.standing(minute, rows, codes, np.fromiter(contacts, float, len(found)))


def _rows(sites: Sites, states: Iterable[tuple[str, str]]) -> dict[int, int]:
    found = ((sites.get(code), state) for code, state in states)
    return {site.row: _CODES[state] for site, state in found if site is not None}
