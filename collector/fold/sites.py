"""The sites as the fold sees them: where they stand, whether they count, what they share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from collector.acts import Act
from collector.inventory import store

# a frame is live when it came within this many report intervals of its time
LIVE_INTERVALS = 2.5


@dataclass(slots=True)
class Site:
    """A place with an agent; `groups` are what it shares with neighbours, as (kind, name)."""

    code: str
    row: int
    active: bool
    every_s: float
    isp: str
    groups: tuple[tuple[str, str], ...]

    @property
    def live_s(self) -> float:
        return LIVE_INTERVALS * self.every_s


class Sites:
    """All of them, by code and by row in the window."""

    def __init__(self) -> None:
        self._by_code: dict[str, Site] = {}
        self._by_row: dict[int, Site] = {}

    def load(self, connection: Connection, only: Iterable[str] = ()) -> None:
        for one in store.sites(connection, only=only):
            self.put(
                {
                    "code": one.code,
                    "row": one.row,
                    "lifecycle": one.lifecycle,
                    "report_every_s": one.report_every_s,
                    "isp": one.isp,
                    "power_feeder": one.power_feeder,
                }
            )

    def put(self, row: Mapping[str, Any]) -> Site:
        """A site as a row of the inventory; known ones change in place."""
        district = ".".join(row["code"].split(".")[:3])
        groups = [("feeder", row["power_feeder"]), ("district", district)]
        new = Site(
            row["code"],
            row["row"],
            row["lifecycle"] == "active",
            float(row["report_every_s"]),
            row["isp"].partition("|")[0],
            tuple(group for group in groups if group[1]),
        )
        self._by_code[new.code] = self._by_row[new.row] = new
        return new

    def recall(self, act: Act) -> bool:
        """Put the rows that an act of the inventory holds; False when it holds none."""
        rows = act.body.get("rows") if (act.verb, act.subject) == ("inventory", "sites") else None
        for row in rows or ():
            self.put(row)
        return rows is not None

    def get(self, code: str) -> Site | None:
        return self._by_code.get(code)

    def at(self, row: int) -> Site | None:
        return self._by_row.get(row)

    def __iter__(self) -> Any:
        return iter(self._by_row.values())
