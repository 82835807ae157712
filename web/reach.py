"""Which mutes and planned works somebody may set and end, and of which they are told.

Who may keep something quiet may also let it be loud again.
"""

from sqlalchemy import Connection

from alerts import incident_rows
from collector.inventory.scope import Scope

OF_PLACE = ("site", "area", "check")
# of no one place: whoever is somewhere may know that they hold
_OF_ALL = ("rule", "upstream")


def may(connection: Connection, reader: Scope, about: str) -> bool:
    """What lies in the reader's areas; what is of no place only for who sees everything."""
    kind, _, name = about.partition(":")
    if reader.everything:
        return True
    if kind == "incident":
        return _told_of_incident(connection, reader, name) and incident_rows.whole(
            connection, reader, int(name)
        )
    return kind in OF_PLACE and reader.sees(name.partition("/")[0])


def told(connection: Connection, reader: Scope, about: str) -> bool:
    """What holds where the reader is, or is of no one place."""
    kind, _, name = about.partition(":")
    if kind == "incident":
        return _told_of_incident(connection, reader, name)
    areas = reader.areas + reader.sites
    wider = kind == "area" and any(area.startswith(name) for area in areas)
    return wider or kind in _OF_ALL or may(connection, reader, about)


def _told_of_incident(connection: Connection, reader: Scope, number: str) -> bool:
    return reader.everything or incident_rows.sees(connection, reader, int(number))
