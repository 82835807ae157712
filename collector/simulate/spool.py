"""What one simulated agent has not got rid of: runs of frames, worked out when they are sent."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

BATCH_FRAMES = 60
MAX_RUNS = 20_000


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive frames: rounds of the interval and numbers count up together."""

    round: int
    n: int
    count: int
    clock_error: float = 0.0  # of the wall clock when they were taken


@dataclass(frozen=True, slots=True)
class Finding:
    """A change of verdict at true time `at`."""

    n: int
    at: float
    check: str
    verdict: str
    reason: str
    clock_error: float = 0.0


class Spool:
    """Frames and findings that wait, oldest first; bounded, what falls out is counted."""

    def __init__(self) -> None:
        self._runs: deque[Run] = deque()
        self._findings: deque[Finding] = deque()
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._runs or self._findings)

    @property
    def frames(self) -> int:
        return sum(run.count for run in self._runs)

    def keep(self, run: Run) -> None:
        """Frames just taken."""
        last = self._runs[-1] if self._runs else None
        if last is not None and _follows(last, run):
            self._runs[-1] = replace(last, count=last.count + run.count)
        else:
            self._runs.append(run)
        while len(self._runs) > MAX_RUNS:
            self.dropped += self._runs.popleft().count

    def keep_finding(self, finding: Finding) -> None:
        self._findings.append(finding)

    def take(self, rounds_an_hour: float, limit: int = BATCH_FRAMES) -> list[Run]:
        """The oldest frames, at most `limit` and of one hour."""
        taken: list[Run] = []
        hour: int | None = None
        while self._runs and limit > 0:
            run = self._runs[0]
            if hour is None:
                hour = int(run.round // rounds_an_hour)
            count = min(run.count, limit, _rounds_left(run.round, hour, rounds_an_hour))
            if count <= 0:
                break
            taken.append(replace(run, count=count))
            limit -= count
            self._runs.popleft()
            if count < run.count:
                self._runs.appendleft(_without(run, count))
        return taken

    def take_findings(self, limit: int = 100) -> list[Finding]:
        return [self._findings.popleft() for _ in range(min(limit, len(self._findings)))]

    def put_back(self, runs: Sequence[Run], findings: Iterable[Finding] = ()) -> None:
        """What was taken and did not arrive: old frames stand first again, the newest last."""
        for run in reversed(runs):
            if self._runs and run.round > self._runs[0].round:
                self.keep(run)
            elif self._runs and _follows(run, self._runs[0]):
                self._runs[0] = replace(run, count=run.count + self._runs[0].count)
            else:
                self._runs.appendleft(run)
        self._findings.extendleft(reversed(list(findings)))

    def lose(self) -> int:
        """A power cut or a new boot of a device that forgets: how many entries are gone."""
        lost = self.frames + len(self._findings)
        self._runs.clear()
        self._findings.clear()
        return lost


def _follows(last: Run, run: Run) -> bool:
    return (
        run.round == last.round + last.count
        and run.n == last.n + last.count
        and run.clock_error == last.clock_error
    )


def _without(run: Run, count: int) -> Run:
    return replace(run, round=run.round + count, n=run.n + count, count=run.count - count)


def _rounds_left(first: int, hour: int, rounds_an_hour: float) -> int:
    """How many rounds from `first` on lie before the end of `hour`."""
    end = (hour + 1) * rounds_an_hour
    return int(-(-(end - first) // 1))
