"""When the newest spools of agents began."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select

from collector.schema import anchors, spools

_NEWEST_SPOOLS = 4


@dataclass(frozen=True, slots=True)
class SpoolRow:
    """When a spool began, by the collector's clock and by the uptime of its boot."""

    agent: int
    spool: str
    boot: str
    began: float
    began_up: float | None


def newest_spools(connection: Connection, met: bool = False) -> Iterator[SpoolRow]:
    """The few spools of each agent that began last.

    With `met` only those of boots that spoke to us themselves; when others began may be a guess.
    """
    place = func.row_number().over(partition_by=spools.c.agent, order_by=spools.c.began.desc())
    chosen = select(spools, place.label("place"))
    if met:
        same = (anchors.c.agent == spools.c.agent, anchors.c.boot == spools.c.boot)
        chosen = chosen.where(exists().where(*same))
    numbered = chosen.subquery()
    query = select(numbered).where(numbered.c.place <= _NEWEST_SPOOLS)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield SpoolRow(row.agent, row.spool, row.boot, row.began, row.began_up)
