"""Incidents that ended lately, with their sites: for whoever shows what has been. A store file."""

from sqlalchemy import Connection, select

from alerts.docket import Case
from alerts.incidents import RESOLVED, some
from collector.schema import incidents, members

_AT_ONCE = 200


def ended(connection: Connection, since: float, most: int) -> list[Case]:
    """Those that ended after a moment and became part of no other, the newest first."""
    query = select(incidents.c.id).where(
        incidents.c.state == RESOLVED,
        incidents.c.resolved_at > since,
        incidents.c.merged_into.is_(None),
    )
    numbers = connection.execute(query.order_by(incidents.c.resolved_at.desc()).limit(most))
    listed = list(numbers.scalars())
    sites: dict[int, dict[str, None]] = {number: {} for number in listed}
    for begin in range(0, len(listed), _AT_ONCE):
        these = members.c.incident.in_(listed[begin : begin + _AT_ONCE])
        joined = select(members.c.incident, members.c.site).where(these)
        for number, site in connection.execute(joined):
            sites[number][site] = None
    found = some(connection, listed)
    return [
        Case(each, [site for site in sites[each.id] or [each.site] if site])
        for each in sorted(found, key=lambda one: -(one.resolved_at or 0.0))
    ]
