"""Does an incident settle, or does its fault go up and down? By what the rows say of its past."""

from sqlalchemy import Connection

from alerts import chronicle, incidents
from alerts.flapping import Flapping, flapping
from alerts.incidents import Incident

# lines of the chronicle that tell of changes, and what an incident's details keep
FLAPS, GOOD, BAD = "flapping", "good again", "bad again"
_LATELY_S = 3600.0


def look(connection: Connection, incident: Incident, at: float, now: float) -> Flapping:
    """Whether a fault that is good again at `at` goes up and down."""
    flapped = bool(incident.details.get(FLAPS))
    return flapping(_changes(connection, incident, at), flapped, now)


def _changes(connection: Connection, incident: Incident, at: float) -> list[float]:
    """When this fault went bad or good of late, under this number or an earlier one."""
    since = at - _LATELY_S
    before = incidents.lately(connection, incident.key, since, incident.id)
    times = [time for one in before for time in (one.down_since, one.resolved_at or at)]
    lines = chronicle.lines(connection, [incident.id])[incident.id]
    times += [line.at for line in lines if line.verb in (GOOD, BAD)]
    return [time for time in (incident.down_since, *times) if time >= since]
