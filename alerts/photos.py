"""Photos of an incident: a bounded number of bytes, the oldest of what is over go first."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select

from alerts import chronicle, incidents
from collector import acts
from collector.schema import incidents as incidents_table
from collector.schema import photos

MOST_OF_ONE = 6
MOST_BYTES = 256 * 1024 * 1024
ADDED, REMOVED = "photo", "photo gone"


class Kept(StrEnum):
    """What became of a photo."""

    DONE = "it is kept"
    ENOUGH = "the incident has as many as it may have"
    FULL = "there is no room for photos"
    MISSING = "there is no such incident"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo without its body; times are UTC epoch seconds."""

    id: int
    incident: int
    by: str
    at: float
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as it was made fit to be kept: JPEG, and nothing but its points."""

    body: bytes
    width: int
    height: int


_SHOWN = [photos.c[name] for name in Photo.__slots__]


def add(
    connection: Connection,
    incident: int,
    picture: Picture,
    by: str,
    now: float,
    most_bytes: int = MOST_BYTES,
) -> Kept:
    """Keep a photo of an incident, or of the one it became part of."""
    incident = incidents.follow(connection, incident)
    if incidents.find(connection, incident) is None:
        return Kept.MISSING
    if len(of(connection, incident)) >= MOST_OF_ONE:
        return Kept.ENOUGH
    size = len(picture.body)
    if not _make_room(connection, size, now, most_bytes):
        return Kept.FULL
    row = {"incident": incident, "by": by, "at": now, "size": size, "body": picture.body}
    row |= {"width": picture.width, "height": picture.height}
    made = connection.execute(insert(photos).values(row)).inserted_primary_key
    assert made is not None
    chronicle.note(connection, incident, now, ADDED, "", by)
    acts.record(connection, now, by, ADDED, incidents.subject(incident), {"photo": int(made[0])})
    return Kept.DONE


def of(connection: Connection, incident: int) -> list[Photo]:
    """The photos of an incident, in the order they came."""
    query = select(*_SHOWN).where(photos.c.incident == incident).order_by(photos.c.id)
    return [Photo(**row._mapping) for row in connection.execute(query)]


def body(connection: Connection, incident: int, number: int) -> bytes | None:
    """The JPEG of one photo of this incident; None when there is none."""
    mine = (photos.c.id == number, photos.c.incident == incident)
    found: bytes | None = connection.execute(select(photos.c.body).where(*mine)).scalar()
    return found


def remove(connection: Connection, incident: int, number: int, by: str, now: float) -> bool:
    """Take a photo away, such as one of people; False when it is not there."""
    mine = (photos.c.id == number, photos.c.incident == incident)
    if connection.execute(delete(photos).where(*mine)).rowcount != 1:
        return False
    chronicle.note(connection, incident, now, REMOVED, "", by)
    acts.record(connection, now, by, REMOVED, incidents.subject(incident), {"photo": number})
    return True


def _make_room(connection: Connection, size: int, now: float, most_bytes: int) -> bool:
    """Photos of incidents that are over make room, the oldest first; their chronicle says so."""
    used = int(connection.execute(select(func.coalesce(func.sum(photos.c.size), 0))).scalar_one())
    if used + size <= most_bytes:
        return True
    over = (
        select(*_SHOWN)
        .join(incidents_table, incidents_table.c.id == photos.c.incident)
        .where(incidents_table.c.state == incidents.RESOLVED)
        .order_by(photos.c.id)
    )
    gone: list[Photo] = []
    for row in connection.execute(over):
        if used + size <= most_bytes:
            break
        gone.append(Photo(**row._mapping))
        used -= gone[-1].size
    if used + size > most_bytes:
        return False
    connection.execute(delete(photos).where(photos.c.id.in_([one.id for one in gone])))
    for one in gone:
        chronicle.note(connection, one.incident, now, REMOVED, "to make room for newer ones")
    return True
