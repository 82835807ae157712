"""What is known of a site beside what citizens say: its open incidents, what probes see."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select, update

from alerts.citizens.matching import Known, Signs
from collector import states
from collector.schema import citizen_reports, incidents, members

# what a bad check of a kind is about; the state of the site tells of its line
_ABOUT = {"journey": "hotspot", "wifi": "hotspot", "power": "power"}
_OF_LINE = ("ping", "dns", "known")
_NO_SERVICE = ("agent", "snmp", "routeros", "backup_age", "domain", "mail_domain")
_AT_ONCE = 400


def incidents_at(connection: Connection, sites: Sequence[str]) -> dict[str, list[Known]]:
    """Incidents that are open at each of these sites, of one fault there or of many."""
    found: dict[str, list[Known]] = {code: [] for code in sites}
    for begin in range(0, len(sites), _AT_ONCE):
        some = sites[begin : begin + _AT_ONCE]
        for site, known in _open(connection, some):
            if known not in found[site]:
                found[site].append(known)
    return found


def _open(connection: Connection, sites: Sequence[str]) -> list[tuple[str, Known]]:
    i, m = incidents.c, members.c
    columns = (i.id, i.key, i.subject, i.severity, i.opened_at)
    own = select(i.site, *columns).where(i.site.in_(sites), i.state != "resolved")
    # of many, where what fell there has not come back
    joined = (
        select(m.site, *columns)
        .join(incidents, i.id == m.incident)
        .where(m.site.in_(sites), i.state != "resolved", or_(m.good_at.is_(None), i.site == m.site))
    )
    rows = [*connection.execute(own), *connection.execute(joined)]
    return [(row[0], Known(*row[1:])) for row in rows]


def signs(connection: Connection, sites: Sequence[str]) -> dict[str, Signs]:
    """What probes say of each of these sites."""
    now = {one.code: one.state for one in states.current(connection, sites)} if sites else {}
    found = {}
    for code in sites:
        bad = (one for one in states.checks_of(connection, code) if one.verdict == "bad")
        about = frozenset(_ABOUT.get(one.kind, "service") for one in bad if _counts(one.kind))
        found[code] = Signs(str(now.get(code, "unknown")), about)
    return found


def _counts(kind: str) -> bool:
    return kind not in (*_OF_LINE, *_NO_SERVICE)


def move(connection: Connection, incident: int, into: int) -> None:
    """Reports of an incident are of another one, which it is part of."""
    mine = citizen_reports.c.incident == incident
    connection.execute(update(citizen_reports).where(mine).values(incident=into))
