"""Rows of citizens' reports: filed once, changed by compare-and-set, found by number."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from alerts.citizens.report import OPEN, Report, Tell
from alerts.notices import CITIZEN
from collector.db import upsert
from collector.schema import citizen_contacts, citizen_reports, notices

_r, _c = citizen_reports.c, citizen_contacts.c
_AT_ONCE = 500
# of one report: more people than that look it up by its number
MOST_CONTACTS = 5

# made once: putting a statement together costs more than asking it
_OF_REPORTER = (
    select(citizen_reports)
    .where(
        _r.reporter.in_(bindparam("who", expanding=True)),
        _r.site == bindparam("code"),
        _r.at > bindparam("since"),
        _r.state.in_(OPEN),
    )
    .order_by(_r.id.desc())
    .limit(1)
)
_BY_NUMBER = select(citizen_reports).where(_r.number == bindparam("number"))


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """File one; its row's id."""
    made = connection.execute(insert(citizen_reports).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def find(connection: Connection, number: str) -> Report | None:
    """By the number that its reporter has."""
    row = connection.execute(_BY_NUMBER, {"number": number}).first()
    return None if row is None else _report(row)


def some(connection: Connection, ids: Collection[int]) -> list[Report]:
    """These rows, the oldest first."""
    rows = connection.execute(select(citizen_reports).where(_r.id.in_(ids)).order_by(_r.id))
    return [_report(row) for row in rows]


def of_reporter(
    connection: Connection, reporters: Sequence[str], site: str, since: float
) -> Report | None:
    """The newest open one of a reporter about a site, made after a moment."""
    asked = {"who": list(reporters), "code": site, "since": since}
    row = connection.execute(_OF_REPORTER, asked).first()
    return None if row is None else _report(row)


def newest_at(connection: Connection, site: str, kind: str) -> Report | None:
    """The newest open one of a kind about a site."""
    mine = (_r.site == site, _r.kind == kind, _r.state.in_(OPEN))
    query = select(citizen_reports).where(*mine).order_by(_r.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _report(row)


def count_of(connection: Connection, reporters: Sequence[str], since: float) -> int:
    """How many a reporter has filed since a moment, about whatever."""
    return _count(connection, _r.reporter.in_(reporters), _r.at > since)


def count_at(connection: Connection, site: str, since: float) -> int:
    """How many were filed about a site since a moment."""
    return _count(connection, _r.site == site, _r.at > since)


def count(connection: Connection, still_open: bool = False) -> int:
    """How many rows there are; of those that are open."""
    return _count(connection, *((_r.state.in_(OPEN),) if still_open else ()))


def _count(connection: Connection, *where: Any) -> int:
    query = select(func.count()).select_from(citizen_reports).where(*where)
    return int(connection.execute(query).scalar_one())


def all_open(connection: Connection, most: int) -> list[Report]:
    """Those somebody has to look after, the oldest first."""
    query = select(citizen_reports).where(_r.state.in_(OPEN)).order_by(_r.at, _r.id).limit(most)
    return [_report(row) for row in connection.execute(query)]


def to_tell(connection: Connection, most: int) -> list[Report]:
    """Those of whose end or answer nobody was told yet."""
    query = select(citizen_reports).where(_r.tell != Tell.NOTHING).order_by(_r.id).limit(most)
    return [_report(row) for row in connection.execute(query)]


def change(
    connection: Connection, ids: Iterable[int], expected: Collection[str], **values: Any
) -> int:
    """Set columns of those that are in one of the expected states; how many that were."""
    wanted, changed = list(ids), 0
    for begin in range(0, len(wanted), _AT_ONCE):
        these = _r.id.in_(wanted[begin : begin + _AT_ONCE])
        statement = update(citizen_reports).where(these, _r.state.in_(expected))
        changed += connection.execute(statement.values(**values)).rowcount
    return changed


def told(connection: Connection, ids: Collection[int]) -> None:
    """Their reporters have nothing more to hear."""
    statement = update(citizen_reports).where(_r.id.in_(ids))
    connection.execute(statement.values(tell=Tell.NOTHING))


def leave_contact(
    connection: Connection, report: int, contact: str, channel: str, language: str, now: float
) -> bool:
    """How somebody wants to hear of it; False when it has as many as it may."""
    mine = select(_c.contact).where(_c.report == report)
    known = set(connection.execute(mine).scalars())
    if contact not in known and len(known) >= MOST_CONTACTS:
        return False
    row = {"report": report, "contact": contact, "channel": channel}
    upsert(citizen_contacts, [row | {"language": language, "at": now}], connection)
    return True


def contacts(connection: Connection, ids: Collection[int]) -> list[Row[Any]]:
    """(report, contact, channel, language) of these, in the order they were left."""
    columns = (_c.report, _c.contact, _c.channel, _c.language)
    query = select(*columns).where(_c.report.in_(ids)).order_by(_c.report, _c.at, _c.contact)
    return list(connection.execute(query))


def told_lately(connection: Connection, since: float) -> dict[str, int]:
    """How many messages each address got of its reports since a moment."""
    counted = select(notices.c.target, func.count()).where(
        notices.c.news == CITIZEN, notices.c.created_at > since
    )
    return {target: int(n) for target, n in connection.execute(counted.group_by(notices.c.target))}


def make_room(connection: Connection, most: int) -> int:
    """Keep `most` rows at most: the oldest of those that are over go; how many went."""
    over = count(connection) - most
    if over <= 0:
        return 0
    oldest = select(_r.id).where(_r.state.not_in(OPEN)).order_by(_r.at).limit(over)
    return _remove(connection, list(connection.execute(oldest).scalars()))


def _remove(connection: Connection, ids: Sequence[int]) -> int:
    for begin in range(0, len(ids), _AT_ONCE):
        these = ids[begin : begin + _AT_ONCE]
        connection.execute(delete(citizen_contacts).where(_c.report.in_(these)))
        connection.execute(delete(citizen_reports).where(_r.id.in_(these)))
    return len(ids)


def forget_people(connection: Connection, before: float) -> None:
    """What may tell of who it was goes: contacts, digests, words that nobody let be shown."""
    connection.execute(delete(citizen_contacts).where(_c.at < before))
    old = (_r.at < before, (_r.reporter != "") | (_r.text != ""))
    connection.execute(update(citizen_reports).where(*old).values(reporter=""))
    unseen = update(citizen_reports).where(_r.at < before, _r.text != "", _r.shown.is_(False))
    connection.execute(unseen.values(text=""))


def forget(connection: Connection, before: float) -> int:
    """Rows of years ago go; how many went."""
    old = select(_r.id).where(_r.at < before)
    return _remove(connection, list(connection.execute(old).scalars()))


def _report(row: Row[Any]) -> Report:
    return Report(**row._mapping)
