"""Incidents of years ago go, with all that was written about them."""

from sqlalchemy import Engine, delete, select

from alerts.alertmanager import taken
from alerts.citizens import rows
from alerts.notices import CITIZEN
from collector.db import writing
from collector.schema import incident_log, incidents, members, mutes, notices, photos, trials

# incidents in one transaction: people act meanwhile
_AT_ONCE = 200


# so long it is known who a citizen was that reported something
CITIZENS_S = 90 * 86400.0


def forget_citizens(store: Engine, now: float, before: float) -> None:
    """What tells who reported goes after 90 days, the rest of a report with everything else."""
    people = now - CITIZENS_S
    with writing(store) as connection:
        rows.forget_people(connection, people)
        rows.forget(connection, before)
        theirs = (notices.c.news == CITIZEN, notices.c.created_at < people)
        connection.execute(delete(notices).where(*theirs))


def forget_foreign(store: Engine, now: float) -> None:
    """Alerts of others that have been over for long."""
    with writing(store) as connection:
        taken.forget(connection, now)


def forget(store: Engine, before: float) -> int:
    """Remove what was over before a moment; how many incidents went."""
    gone = 0
    while numbers := _some(store, before):
        gone += len(numbers)
    with writing(store) as connection:
        connection.execute(delete(mutes).where(mutes.c.ends < before))
        # answers and trial messages are of no incident
        of_none = (notices.c.incident == 0, notices.c.created_at < before)
        connection.execute(delete(notices).where(*of_none))
        connection.execute(delete(trials).where(trials.c.asked_at < before))
    return gone


def _some(store: Engine, before: float) -> list[int]:
    over = incidents.c.resolved_at < before
    query = select(incidents.c.id).where(over).order_by(incidents.c.id).limit(_AT_ONCE)
    with writing(store) as connection:
        numbers = [int(number) for number in connection.execute(query).scalars()]
        for table in (members, incident_log, notices, photos):
            connection.execute(delete(table).where(table.c.incident.in_(numbers)))
        connection.execute(delete(incidents).where(incidents.c.id.in_(numbers)))
    return numbers
