"""Who was told of an incident: whose links and replies about it count."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select

from alerts import bodies
from alerts.escalation import DEADLINE
from alerts.notices import (
    CLAIMED,
    FAILED,
    OPENED,
    QUEUED,
    RESOLVED,
    SENT,
    SKIPPED,
    SLEEPS,
    TASK,
)
from collector.inventory import Contact
from collector.schema import contacts, notices

MOST = 500
_MOST_BODIES = 20


def of_incident(connection: Connection, incident: int) -> list[Contact]:
    """Contacts to whose address a notice of the incident was written, by scope and name.

    By address, too: people of one name live in many villages.
    """
    table = contacts
    addresses = (table.c.whatsapp, table.c.telegram, table.c.sms, table.c.email, table.c.webhook)
    written = (
        select(notices.c.id)
        .where(
            notices.c.incident == incident,
            notices.c.person == table.c.name,
            notices.c.target != "",
            or_(*(notices.c.target == address for address in addresses)),
        )
        .exists()
    )
    # only these names are looked up: there may be a contact for every village of the country
    names = select(notices.c.person).where(notices.c.incident == incident)
    query = select(table).where(table.c.name.in_(names), written)
    rows = connection.execute(query.order_by(table.c.scope, table.c.name).limit(MOST))
    return [Contact(**row._mapping) for row in rows]


def sites_told(connection: Connection, incident: int, person: Contact) -> list[str]:
    """The sites that somebody in charge of villages was told of, of an incident of many."""
    t = notices.c
    mine = (t.incident == incident, t.person == person.name)
    theirs = t.target.in_([address for address in person.addresses if address])
    query = select(t.body).where(*mine, theirs, t.news.in_((OPENED, RESOLVED)))
    rows = connection.execute(query.order_by(t.id.desc()).limit(_MOST_BODIES)).scalars()
    found = dict.fromkeys(code for body in rows for code in bodies.sites_of(json.loads(body)))
    return list(found) or [person.scope]


Reader = tuple[str, str, str]  # person, channel, address


@dataclass(frozen=True, slots=True)
class Reached:
    """Of an incident: who has its news, for whom it waits and since when it may go, and whom it
    did not reach by this way."""

    sent: frozenset[Reader] = frozenset()
    waits: Mapping[Reader, float] = field(default_factory=dict)
    missed: frozenset[Reader] = frozenset()


def reached(connection: Connection, incident: int) -> Reached:
    """Who has heard of it and not of its end, by what became of the messages."""
    t = notices.c
    mine = (t.incident == incident, t.news.in_((OPENED, DEADLINE, RESOLVED)), t.state != SKIPPED)
    columns = (t.person, t.channel, t.target, t.news, t.state, t.answer, t.next_try)
    last: dict[Reader, tuple[str, float]] = {}
    for row in connection.execute(select(*columns).where(*mine).order_by(t.id)):
        reader = (row.person, row.channel, row.target)
        if row.news == RESOLVED:
            last.pop(reader, None)
        elif last.get(reader, ("", 0.0))[0] != SENT:
            last[reader] = (row.state, row.next_try if row.answer == SLEEPS else 0.0)
    return Reached(
        frozenset(reader for reader, (state, _) in last.items() if state == SENT),
        {reader: at for reader, (state, at) in last.items() if state in (QUEUED, CLAIMED)},
        frozenset(reader for reader, (state, _) in last.items() if state in (FAILED, TASK)),
    )


def told(connection: Connection, numbers: Sequence[int]) -> set[Reader]:
    """Person and way of whoever has heard of one of these incidents, and not of its end.

    What waits to be sent counts: it is on its way.
    """
    t = notices.c
    mine = (t.incident.in_(list(numbers)), t.news.in_((OPENED, RESOLVED)), t.state != SKIPPED)
    query = select(t.person, t.channel, t.target, t.news).where(*mine).order_by(t.id)
    last = {(row.person, row.channel, row.target): row.news for row in connection.execute(query)}
    return {reader for reader, news in last.items() if news == OPENED}
