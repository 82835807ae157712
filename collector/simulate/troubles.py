"""What the numbers look like in each trouble: on battery, suspended, a full pool, a slow evening.

A degree says how bad it is for each row: 0 or 1, or between; what it means, each function tells.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from collector.simulate.catalogue import HOTSPOT, MEASURED, UPS, Nature, Series
from collector.simulate.scenario import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# changes rows of numbers (k by series) by their degrees (k) and times (k)
Change = Callable[[Floats, Floats, Floats], None]

_SHOWN: Mapping[Kind, Sequence[Series]] = {
    Kind.BLACKOUT: UPS,
    Kind.DHCP_EXHAUSTION: HOTSPOT,
    Kind.SLOW_EVENING: MEASURED,
}


def shown(kinds: Iterable[Kind]) -> list[Series]:
    """The series that agents report because of these troubles."""
    wanted = set(kinds)
    return [one for kind, listed in _SHOWN.items() if kind in wanted for one in listed]


class Troubles:
    """The troubles of one list of series."""

    def __init__(self, listed: Sequence[Series]) -> None:
        self._listed = listed
        self._changes: Mapping[Kind, Change] = {
            Kind.BLACKOUT: self._on_battery,
            Kind.ISOLIR: self._suspended,
            Kind.DHCP_EXHAUSTION: self._pool_full,
            Kind.SLOW_EVENING: self._slow,
        }

    def change(self, out: Floats, times: Floats, degrees: Mapping[Kind, Floats]) -> None:
        """Let what befalls each row be seen in its numbers."""
        for kind, change in self._changes.items():
            if kind in degrees:
                change(out, degrees[kind], times)

    def _on_battery(self, out: Floats, charge: Floats, times: Floats) -> None:
        """`charge` of the battery: 1 on mains, less without, NaN where there is no UPS."""
        known = np.where(np.isnan(charge), np.nan, charge >= 1)
        self._set(out, "ronda_power_on_mains", known)
        self._set(out, "ronda_power_battery_ratio", np.rint(charge * 100) / 100)

    def _suspended(self, out: Floats, degree: Floats, times: Floats) -> None:
        places = self._named("ronda_uplink_content_ok")
        out[np.ix_(degree > 0, places)] = 0.0

    def _pool_full(self, out: Floats, degree: Floats, times: Floats) -> None:
        """`degree` of the pool's free addresses are taken by what nobody uses any more."""
        used = self._named("ronda_dhcp_leases_used_ratio")
        out[:, used] = np.round(out[:, used] + (1 - out[:, used]) * degree[:, None], 3)
        for name, more in (("ronda_dhcp_leases{", 3.0), ("ronda_wifi_clients", 1.5)):
            places = self._named(name)
            out[:, places] = np.ceil(out[:, places] * (1 + more * degree[:, None]))
        full = degree >= 1
        # who gets no address sees nothing of the steps after it
        out[np.ix_(full, self._named("ronda_hotspot_journey_up"))] = np.nan
        out[np.ix_(full, self._named('ronda_hotspot_journey_up{step="dhcp"'))] = 0.0

    def _slow(self, out: Floats, degree: Floats, times: Floats) -> None:
        slow = degree > 0
        rtt = self._far(Nature.RTT)
        out[:, rtt] += np.round(np.where(slow, 0.3 + 0.4 * degree, 0.0), 5)[:, None]
        # one of five packets, every third minute two
        lost = np.where(np.floor(times / 60) % 3 == 0, 0.4, 0.2)[:, None]
        loss = self._far(Nature.LOSS)
        out[:, loss] = np.where(slow[:, None], lost, out[:, loss])
        speed = self._named("ronda_uplink_measured")
        out[:, speed] = np.rint(out[:, speed] * (1 - 0.9 * degree[:, None]))

    def _set(self, out: Floats, name: str, numbers: Floats) -> None:
        out[:, self._named(name)] = numbers[:, None]

    def _named(self, start: str) -> Ints:
        found = [i for i, one in enumerate(self._listed) if one.name.startswith(start)]
        return np.array(found, dtype=np.int64)

    def _far(self, nature: Nature) -> Ints:
        found = [i for i, one in enumerate(self._listed) if one.far and one.nature is nature]
        return np.array(found, dtype=np.int64)
