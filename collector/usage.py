"""What agents use of their lines, by their own count, beside what the line has in a month."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select

from collector.schema import agents, memories, uplinks

# of what a line has in a month; more is told
LARGE_PART = 0.05


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes on `day` and in its month; `most` a day and `quota` a month, where there are any."""

    agent: int
    site: str
    told_at: float
    day: str
    today: int
    month: int
    most: int | None
    quota: float | None

    @property
    def part(self) -> float:
        """Of the quota of the month; 0 without one."""
        return self.month / self.quota if self.quota else 0.0

    def as_json(self) -> dict[str, Any]:
        table = asdict(self)
        del table["site"], table["told_at"]
        return {**table, "quota_part": round(self.part, 4) if self.quota else None}


def usage(connection: Connection, sites: Iterable[str] = ()) -> list[Usage]:
    """Of every active agent that has told it, of these sites or of all."""
    query = select(agents.c.id, agents.c.site, memories.c.body).join(
        memories, memories.c.agent == agents.c.id
    )
    wanted = list(sites)
    if wanted:
        query = query.where(agents.c.site.in_(wanted))
    rows = connection.execute(query.where(agents.c.state == "active").order_by(agents.c.id))
    quotas = _quotas(connection)
    found = []
    for row in rows:
        if told := json.loads(row.body).get("used"):
            at, day, today, month, most = told
            quota = quotas.get(row.site)
            found.append(Usage(row.id, row.site, at, day, today, month, most, quota))
    return found


def _quotas(connection: Connection) -> dict[str, float]:
    """The smallest of a site's lines: which of them an agent used nobody tells."""
    query = select(uplinks.c.site, uplinks.c.quota_gb).where(uplinks.c.quota_gb > 0)
    found: dict[str, float] = {}
    for site, quota_gb in connection.execute(query):
        found[site] = min(found.get(site, float("inf")), float(quota_gb) * 1e9)
    return found


def megabytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB"
