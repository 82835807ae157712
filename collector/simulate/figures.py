"""What a run came to: counted as it happened, only a 200 counts as kept."""

import math
from collections import Counter
from dataclasses import dataclass, field

from collector.simulate.client import Answer

_FINEST_MS = 0.01
# fewer is worth a word
_MOST_ECHOED = 0.95
_STEP = math.log(1.01)  # neighbouring buckets are 1 % apart


class Latencies:
    """Times of answers in bounded memory: right to 1 %, the greatest exactly."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._count = 0
        self.greatest_ms: float | None = None

    def add(self, seconds: float) -> None:
        ms = seconds * 1000
        self._buckets[int(math.log(max(ms, _FINEST_MS) / _FINEST_MS) / _STEP)] += 1
        self._count += 1
        self.greatest_ms = max(ms, self.greatest_ms or 0.0)

    def quantile_ms(self, share: float) -> float | None:
        """The time that this share of the answers took at most; none without answers."""
        if not self._count:
            return None
        left = math.ceil(share * self._count)
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                break
        upper = _FINEST_MS * math.exp((bucket + 1) * _STEP)
        return min(upper, self.greatest_ms or upper)


@dataclass
class Figures:
    """Counts of one run."""

    sites: int = 0
    beacons: tuple[int, int] = (0, 0)  # sent, echoed
    reports_sent: int = 0
    reports_acked: int = 0
    entries_acked: int = 0
    entries_rejected: int = 0
    entries_lost: int = 0  # of spools that a power cut took
    not_sent: int = 0  # the client had no room: the generator is the bottleneck
    latest_s: float = 0.0  # how far the generator itself fell behind
    failures: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)
    centre_cpu_s: float | None = None
    fold_lag_s: float | None = None

    def count_answer(self, answer: Answer) -> bool:
        """Whether the report was kept."""
        if answer.status:
            self.latencies.add(answer.seconds)
        if answer.status == 200:
            self.reports_acked += 1
            return True
        self.failures[str(answer.status) if answer.status else answer.problem] += 1
        return False

    def as_json(self) -> dict[str, object]:
        """Exactly the keys that `ronda simulate --json` promises."""
        return {
            "sites": self.sites,
            "reports_sent": self.reports_sent,
            "reports_acked": self.reports_acked,
            "entries_acked": self.entries_acked,
            "p50_ms": _round(self.latencies.quantile_ms(0.5)),
            "p99_ms": _round(self.latencies.quantile_ms(0.99)),
            "max_ms": _round(self.latencies.greatest_ms),
            "centre_cpu_s": _round(self.centre_cpu_s),
            "fold_lag_s": _round(self.fold_lag_s),
        }

    def remarks(self) -> list[str]:
        """What a reader of the figures must know beside them; one line each."""
        lines = [f"{count} reports failed: {why}" for why, count in self.failures.most_common()]
        if self.entries_rejected:
            lines.append(f"{self.entries_rejected} entries rejected by the centre")
        if self.entries_lost:
            lines.append(f"{self.entries_lost} entries lost in power cuts, as planned")
        if self.not_sent:
            lines.append(f"{self.not_sent} reports put off: more than this generator can send")
        sent, echoed = self.beacons
        if echoed < _MOST_ECHOED * sent:
            lines.append(f"{sent - echoed} of {sent} beacons were not echoed")
        if self.latest_s > 1:
            lines.append(f"the generator was up to {self.latest_s:.1f} s late")
        return lines


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 3)
