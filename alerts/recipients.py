"""Who was told of an incident: whose links and replies about it count."""

from sqlalchemy import Connection, select

from collector.inventory import Contact
from collector.schema import contacts, notices

MOST = 500


def of_incident(connection: Connection, incident: int) -> list[Contact]:
    """Contacts to whom a notice of the incident was written, by scope and name."""
    names = select(notices.c.person).where(notices.c.incident == incident).distinct()
    query = select(contacts).where(contacts.c.name.in_(names))
    rows = connection.execute(query.order_by(contacts.c.scope, contacts.c.name).limit(MOST))
    return [Contact(**row._mapping) for row in rows]
