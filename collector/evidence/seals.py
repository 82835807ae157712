"""Rows of sealed records: appended by the engine, read by all, changed by nobody. A store file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from collector.db import meta_get
from collector.evidence import record
from collector.evidence.record import Record
from collector.evidence.signing import Signer
from collector.schema import aliases, seals

_AT_ONCE = 500
_S = seals.c
# made once: putting a statement together costs as much as asking it
_LAST = select(_S.id, _S.link, _S.sealed_at, _S.signer).order_by(_S.id.desc()).limit(1)
_NEWEST = (
    select(_S.subject, _S.day, _S.id, _S.told)
    .where(
        _S.kind == bindparam("kind"),
        _S.subject.in_(bindparam("subjects", expanding=True)),
        _S.day >= bindparam("first"),
        _S.day < bindparam("after"),
    )
    .order_by(_S.id)
)
_BODIES = _NEWEST.with_only_columns(_S.subject, _S.day, _S.id, _S.body)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record: what to write down outside of the centre. Number 0: there is none yet."""

    number: int = 0
    link: str = ""
    sealed_at: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is to be sealed; `replaces` the number of the one it stands in place of."""

    kind: str
    subject: str
    day: str
    told: Mapping[str, Any]
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The record that counts of a day: its number, and the digest of what it tells."""

    number: int
    told: str


def head(connection: Connection) -> Head:
    """The newest record of all."""
    found = connection.execute(_LAST).first()
    return Head() if found is None else Head(found.id, found.link, found.sealed_at, found.signer)


def head_at(connection: Connection, before: int) -> Head:
    """The newest record sealed before a moment."""
    query = select(_S.id, _S.link, _S.sealed_at, _S.signer).where(_S.sealed_at < before)
    found = connection.execute(query.order_by(_S.id.desc()).limit(1)).first()
    return Head() if found is None else Head(found.id, found.link, found.sealed_at, found.signer)


def append(connection: Connection, drafts: Sequence[Draft], signer: Signer, now: int) -> Head:
    """Seal drafts behind the newest record, in the caller's transaction; the new head.

    The caller holds the lock of writers, so numbers leave no gap.
    """
    last, epoch = head(connection), meta_get(connection, "epoch")
    number, link, rows = last.number, last.link or record.START, list[dict[str, Any]]()
    for draft in drafts:
        number += 1
        told = dict(draft.told)
        made = Record(
            number, draft.kind, draft.subject, draft.day, now, draft.replaces, epoch, told
        )
        text = made.text()
        digest = record.digest(text)
        link = record.link(link, digest)
        rows.append(
            {
                "id": number,
                "kind": draft.kind,
                "subject": draft.subject,
                "day": draft.day,
                "sealed_at": now,
                "replaces": draft.replaces,
                "body": record.packed(text),
                "told": record.digest(record.spelled(told)),
                "digest": digest,
                "link": link,
                "signer": signer.key,
                "signature": signer.sign(link),
            }
        )
    if rows:
        connection.execute(insert(seals), rows)
        return Head(number, link, now, signer.key)
    return last


def known(
    connection: Connection, kind: str, subjects: Sequence[str], first: str, after: str
) -> dict[str, Known]:
    """By day (or month), the record that counts of one subject, by all its codes."""
    asked = {"kind": kind, "subjects": list(subjects), "first": first, "after": after}
    return {row.day: Known(row.id, row.told) for row in connection.execute(_NEWEST, asked)}


def ever(connection: Connection, kind: str, subjects: Sequence[str]) -> set[str]:
    """Those of these subjects that have any record of this kind."""
    found: set[str] = set()
    for begin in range(0, len(subjects), _AT_ONCE):
        these = _S.subject.in_(subjects[begin : begin + _AT_ONCE])
        query = select(_S.subject).where(_S.kind == kind, these).distinct()
        found.update(connection.execute(query).scalars())
    return found


def bodies(
    connection: Connection, kind: str, subjects: Iterable[str], first: str, after: str
) -> dict[tuple[str, str], Record]:
    """By subject and day, the records that count."""
    wanted, found = sorted(subjects), dict[tuple[str, str], bytes]()
    for begin in range(0, len(wanted), _AT_ONCE):
        some = wanted[begin : begin + _AT_ONCE]
        asked = {"kind": kind, "subjects": some, "first": first, "after": after}
        for row in connection.execute(_BODIES, asked):
            found[row.subject, row.day] = row.body
    return {key: record.read(record.unpacked(body)) for key, body in found.items()}


def first_day(connection: Connection) -> str | None:
    """The earliest day of any site that is sealed."""
    return connection.execute(select(func.min(_S.day)).where(_S.kind == record.DAY)).scalar()


def one(connection: Connection, number: int) -> Record | None:
    """The record of a number."""
    body = connection.execute(select(_S.body).where(_S.id == number)).scalar()
    return None if body is None else record.read(record.unpacked(body))


def named(connection: Connection, number: int) -> tuple[str, str] | None:
    """Kind and day of the record of a number."""
    found = connection.execute(select(_S.kind, _S.day).where(_S.id == number)).first()
    return None if found is None else (found.kind, found.day)


def replacing(
    connection: Connection, kind: str, since: int, until: int, before_day: str
) -> list[tuple[int, int, str, str]]:
    """Records sealed in [since, until) that replace another, of days before `before_day`: number,
    which it replaces, subject, day; in order."""
    query = select(_S.id, _S.replaces, _S.subject, _S.day).where(
        _S.replaces > 0,
        _S.kind == kind,
        _S.sealed_at >= since,
        _S.sealed_at < until,
        _S.day < before_day,
    )
    return [
        (row.id, row.replaces, row.subject, row.day)
        for row in connection.execute(query.order_by(_S.id))
    ]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A record that stands in place of another."""

    number: int
    subject: str
    day: str


def behind(connection: Connection, after: int, before: str, limit: int) -> list[Replaced]:
    """Site-days behind a number that replace others, or were never told and are before a day; in
    order."""
    query = select(_S.id, _S.subject, _S.day).where(
        _S.id > after, _S.kind == record.DAY, _S.replaces.is_not(None) | (_S.day < before)
    )
    found = connection.execute(query.order_by(_S.id).limit(limit))
    return [Replaced(row.id, row.subject, row.day) for row in found]


def sheets(connection: Connection, before: str) -> list[tuple[str, str]]:
    """Contract and month of every refund sheet that is issued, of months before one; in order."""
    query = select(_S.subject, _S.day).where(_S.kind == record.SHEET, _S.day < before)
    return sorted((row.subject, row.day) for row in connection.execute(query.distinct()))


def sheets_of(connection: Connection, month: str) -> list[int]:
    """The refund sheets of a month and their supplements, by number."""
    query = select(_S.id).where(_S.kind == record.SHEET, _S.day == month).order_by(_S.id)
    return list(connection.execute(query).scalars())


def told(connection: Connection, kind: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Subject, day and what it tells of every record of a kind, in order."""
    query = select(_S.subject, _S.day, _S.body).where(_S.kind == kind).order_by(_S.id)
    for row in connection.execute(query):
        yield row.subject, row.day, record.read(record.unpacked(row.body)).told


def doubled(connection: Connection) -> list[int]:
    """Records that stand beside another of the same site and day, or contract and month, without
    replacing it; and those that replace one which another replaced already."""
    own = (_S.kind, _S.subject, _S.day)
    beside = select(func.max(_S.id)).where(_S.replaces.is_(None)).group_by(*own)
    twice = select(func.max(_S.id)).where(_S.replaces.is_not(None)).group_by(_S.replaces)
    found = {
        int(number)
        for query in (beside, twice)
        for number in connection.execute(query.having(func.count() > 1)).scalars()
    }
    return sorted(found)


def every(connection: Connection, after: int | None = None) -> Iterator[Any]:
    """All rows behind a number, or all whatever number somebody gave them; in order, a few at a
    time."""
    while True:
        query = select(seals).order_by(_S.id).limit(_AT_ONCE)
        behind_it = query if after is None else query.where(_S.id > after)
        rows = connection.execute(behind_it).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id


def count(connection: Connection) -> int:
    """How many records there are."""
    return int(connection.execute(select(func.count()).select_from(seals)).scalar_one())


def former_codes(connection: Connection) -> dict[str, list[str]]:
    """By code, those it had before: what is sealed keeps the code of its day."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(select(aliases.c.old, aliases.c.new)):
        found.setdefault(row.new, []).append(row.old)
    return found
