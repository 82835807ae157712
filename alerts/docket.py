"""The incidents that are not over, with the sites they are about, read when any has changed.

A store file.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from alerts import incidents
from alerts.incidents import Incident
from collector.schema import incidents as incident_rows
from collector.schema import members


@dataclass(frozen=True, slots=True)
class Case:
    """One open incident and its sites; those of its members, where it has a parent.

    `good` of its members were seen good again, and with them all that was wrong at the sites in
    `back`. At the sites in `ended` nothing is bad any more, whoever saw it; `own`: something of no
    site still is.
    """

    incident: Incident
    sites: Sequence[str]
    good: int = 0
    back: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    own: bool = False


class Docket:
    """The open incidents of one database; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rev = -1
        self._cases: Sequence[Case] = ()

    def look(self, connection: Connection) -> Sequence[Case]:
        """As the database is now."""
        with self._lock:
            rev = incidents.newest_rev(connection)
            if rev != self._rev:
                self._cases, self._rev = _read(connection), rev
            return self._cases


def changed_sites(connection: Connection, since: int, most: int) -> set[str] | None:
    """The sites of incidents changed after a revision; None: of many, or of no site."""
    newer = incident_rows.c.rev > since
    found = connection.execute(
        select(incident_rows.c.id, incident_rows.c.site).where(newer).limit(most + 1)
    ).all()
    if len(found) > most:
        return None
    sites = {row.site for row in found if row.site}
    numbers = [row.id for row in found]
    of_members = select(members.c.site).where(members.c.incident.in_(numbers)).distinct()
    sites.update(connection.execute(of_members.limit(most + 1)).scalars())
    return sites if sites and len(sites) <= most else None


def _read(connection: Connection) -> list[Case]:
    found = incidents.still_open(connection)
    many, none = _members(connection), _Joined()
    return [_case(each, many.get(each.id, none)) for each in found]


@dataclass(slots=True)
class _Joined:
    """Sites in the order in which they joined; those of them where something is bad still, "" for
    what is of none, and those where something ended that nobody saw end.
    """

    good: int = 0
    sites: dict[str, None] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)


def _case(incident: Incident, joined: _Joined) -> Case:
    sites = list(joined.sites) or ([incident.site] if incident.site else [])
    ended = frozenset(joined.sites.keys() - joined.bad)
    return Case(incident, sites, joined.good, ended - joined.unseen, ended, "" in joined.bad)


def _members(connection: Connection) -> Mapping[int, _Joined]:
    t = members.c
    statement = (
        select(t.incident, t.site, t.good_at.is_not(None), t.unseen)
        .join(incident_rows, incident_rows.c.id == t.incident)
        .where(incident_rows.c.state.in_(incidents.UNRESOLVED))
        .order_by(t.incident, t.joined_at)
    )
    found: dict[int, _Joined] = {}
    for number, site, good, unseen in connection.execute(statement):
        joined = found.setdefault(number, _Joined())
        joined.good += good and not unseen
        if site:
            joined.sites[site] = None
        if not good:
            joined.bad.add(site)
        elif unseen:
            joined.unseen.add(site)
    return found


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident that opened or ended within a stretch of time, and its sites."""

    opened_at: float
    resolved_at: float | None
    cause: str
    sites: Sequence[str]


def moved(connection: Connection, begin: float, end: float) -> list[Moved]:
    """The incidents that opened or ended in [begin, end); what became part of another is left."""
    t = incident_rows.c
    opened = (t.opened_at >= begin) & (t.opened_at < end)
    ended = (t.resolved_at >= begin) & (t.resolved_at < end)
    mine = ((opened | ended), t.merged_into.is_(None))
    query = select(t.id, t.opened_at, t.resolved_at, t.cause, t.site).where(*mine).order_by(t.id)
    rows = connection.execute(query).all()
    joined = (
        select(members.c.incident, members.c.site)
        .join(incident_rows, t.id == members.c.incident)
        .where(*mine)
    )
    many: dict[int, dict[str, None]] = {}
    for number, site in connection.execute(joined):
        if site:
            many.setdefault(number, {})[site] = None
    return [
        Moved(r.opened_at, r.resolved_at, r.cause, list(many.get(r.id, {r.site: None})))
        for r in rows
    ]
