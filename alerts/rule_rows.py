"""How often rules told something of late, of what a reader may see. A store file."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from alerts.incident_rows import visible
from alerts.rehearsal import DAYS
from collector.inventory.scope import Scope
from collector.schema import incidents


@dataclass(frozen=True, slots=True)
class Fired:
    """Incidents of a rule in the last 30 days, and how many are open."""

    times: int = 0
    open: int = 0


def fired(connection: Connection, scope: Scope, now: float) -> dict[str, Fired]:
    """By rule, of what the reader may see."""
    i = incidents.c
    running = func.sum(case((i.resolved_at.is_(None), 1), else_=0))
    query = (
        select(i.rule, func.count(), running)
        .where(i.rule != "", i.opened_at >= now - DAYS * 86400, visible(scope))
        .group_by(i.rule)
    )
    return {rule: Fired(int(n), int(open or 0)) for rule, n, open in connection.execute(query)}
