"""Numbers that are past their keep leave what they came to by the hour."""

from sqlalchemy import Connection, Engine

from collector.db import reading, writing
from collector.series import blocks, days, rollup_store, sheet
from collector.series.frames import samples
from collector.series.layouts import Columns
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.rollups import is_counter, roll


class Thinning:
    """Forgets days and roll-ups of sites, a transaction for each day."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._columns = Columns(engine)

    def numbers(self, row: int, before: int) -> int:
        """Thin a site's days before this one; how many there were."""
        gone = 0
        while (day := self._oldest(row, before)) is not None:
            with writing(self._engine) as connection:
                self.thin(connection, row, day)
            gone += 1
        with writing(self._engine) as connection:
            blocks.delete_before(connection, row, before * 24)
        return gone

    def rollups(self, row: int, step_s: int, before: int) -> int:
        """Forget a site's roll-ups of days before this one; how many there were."""
        with writing(self._engine) as connection:
            return rollup_store.delete_before(connection, row, step_s, before)

    def _oldest(self, row: int, before: int) -> int | None:
        with reading(self._engine) as connection:
            day = days.first_day(connection, row)
        return day if day is not None and day < before else None

    def thin(self, connection: Connection, row: int, day: int) -> None:
        """Leave of this day what it came to by the hour."""
        line = samples(sheet.axes_of(days.frames_of(connection, row, day)))
        counters = {column for column in line if is_counter(self._columns.name(column) or "")}
        rollup_store.put(connection, row, HOUR_S, day, roll(line, HOUR_S, counters))
        days.delete_one(connection, row, day)


def oldest(engine: Engine) -> dict[str, int | None]:
    """The first day of which there are numbers, hours, days."""
    with reading(engine) as connection:
        return {
            "numbers": days.oldest(connection),
            "hours": rollup_store.oldest(connection, HOUR_S),
            "days": rollup_store.oldest(connection, DAY_S),
        }
