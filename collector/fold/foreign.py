"""What others sent by remote_write, on its way from the journal into history; it sets no states."""

from sqlalchemy import Connection, Engine

from collector.db import reading, writing
from collector.foreign.carrying import Line, key_of, unpack
from collector.series import foreign
from collector.series.foreign import Run, Slot

# a day in so many parts is packed; a day that is over, once nothing came for it for a while
PARTS = 60
QUIET_S = 3600.0
TIDY_EVERY_S = 10.0
_DAY_S = 86400


class Foreigners:
    """Gathers samples of a batch; `save` writes them in the batch's transaction of history."""

    def __init__(self, history: Engine, position: int) -> None:
        # where the batch that is gathered begins
        self.position = position
        self.samples = 0
        self.unreadable = 0
        self._history = history
        self._new: dict[int, bytes] = {}
        self._runs: dict[Slot, list[Run]] = {}
        self._due: list[Slot] = []
        self._tidied_at = float("-inf")
        self._forgot_before = -1
        with reading(history) as connection:
            self._ids = foreign.known(connection)
            # parts, and when the last one came
            self._loose = {slot: (parts, 0.0) for slot, parts in foreign.loose(connection).items()}
        self._next = 1 + max(self._ids.values(), default=-1)

    def take(self, payload: bytes) -> None:
        """Take in one record of the journal."""
        try:
            lines = unpack(payload)
        except ValueError:
            self.unreadable += 1
            return
        for line in lines:
            series = self._id(line)
            self.samples += len(line.times) // 8
            for day, run in foreign.by_day(line.times_ms, line.numbers).items():
                self._runs.setdefault((series, day), []).append(run)

    def save(self, connection: Connection) -> None:
        """Write what was taken in; `saved` once all of the batch is through."""
        foreign.add(connection, self._new)
        merged = {slot: foreign.merged(runs) for slot, runs in self._runs.items()}
        foreign.put(connection, self.position, merged)

    def saved(self, position: int, now: float) -> None:
        """The next batch begins at `position`."""
        for slot in self._runs:
            self._loose[slot] = self._loose.get(slot, (0, now))[0] + 1, now
        self._new.clear()
        self._runs.clear()
        self.position = position

    def tidy(self, now: float, history_days: int, limit: int = 5) -> int:
        """Pack some of what lies in many parts, drop what is too old; how many days were packed.

        Between two batches only: what is gathered must not lose its series.
        """
        if not self._due and not 0 <= now - self._tidied_at < TIDY_EVERY_S:
            self._tidied_at = now
            self._forget(int(now // _DAY_S) - history_days)
            self._due = [slot for slot, told in self._loose.items() if _is_due(slot, *told, now)]
        some, self._due = self._due[:limit], self._due[limit:]
        if some:
            with writing(self._history) as connection:
                foreign.pack(connection, some)
            for slot in some:
                self._loose.pop(slot, None)
        return len(some)

    def _forget(self, before_day: int) -> None:
        if before_day <= self._forgot_before:
            return
        self._forgot_before = before_day
        with writing(self._history) as connection:
            foreign.forget(connection, before_day)
        with reading(self._history) as connection:
            self._ids = foreign.known(connection)
        self._loose = {slot: told for slot, told in self._loose.items() if slot[1] >= before_day}

    def _id(self, line: Line) -> int:
        key = key_of(line.labels)
        series = self._ids.get(key)
        if series is None:
            series = self._ids[key] = self._next
            self._next += 1
            self._new[series] = line.labels
        return series


def _is_due(slot: Slot, parts: int, last: float, now: float) -> bool:
    is_over = now > (slot[1] + 1) * _DAY_S and now - last > QUIET_S
    return parts >= PARTS or is_over
