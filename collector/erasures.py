"""Who was erased must not come back with a backup: marks by which a restored row is known again.

A mark is a salted digest, so that the list that lies beside backups names nobody.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from collector.db import upsert
from collector.persons import Listed, Person, all_listed
from collector.schema import citizen_contacts, erasures, notices, users

FILE = "erased.jsonl"
_MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Erasure:
    """One person who was erased."""

    pseudonym: str
    at: float
    by: str
    salt: str
    marks: frozenset[str]

    def knows(self, kind: str, value: str) -> bool:
        """Was this account, contact or address the person's?"""
        return _mark(self.salt, kind, value) in self.marks


def remember(connection: Connection, person: Person, pseudonym: str, now: float, by: str) -> None:
    """Write the marks of a person, in the transaction that erases them."""
    salt = secrets.token_hex(16)
    told = [("account", person.account)] if person.account else []
    told += [("contact", key) for one in person.contacts for key in one.keys]
    told += [("address", each) for each in person.addresses]
    marks = sorted(_mark(salt, kind, value) for kind, value in told)
    row = {"pseudonym": pseudonym, "at": now, "by": by, "salt": salt, "marks": json.dumps(marks)}
    upsert(erasures, [row], connection)


def keep(connection: Connection, one: Erasure) -> None:
    """Write one down that another database made."""
    row = {"pseudonym": one.pseudonym, "at": one.at, "by": one.by, "salt": one.salt}
    upsert(erasures, [row | {"marks": json.dumps(sorted(one.marks))}], connection)


def known(connection: Connection) -> list[Erasure]:
    """All of them, the oldest first."""
    rows = connection.execute(select(erasures).order_by(erasures.c.at, erasures.c.pseudonym))
    told = [dict(row) for row in rows.mappings()]
    return [_erasure(**each | {"marks": json.loads(each["marks"])}) for each in told]


def write(folder: Path, those: Iterable[Erasure], name: str = FILE) -> None:
    """The list as a file, whole or not at all."""
    fresh = folder / f".{name}.{secrets.token_hex(4)}"
    lines = [
        json.dumps(
            {"pseudonym": one.pseudonym, "at": one.at, "by": one.by, "salt": one.salt}
            | {"marks": sorted(one.marks)}
        )
        for one in those
    ]
    with fresh.open("w") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / name)


def read(folders: Iterable[Path], called: Sequence[str]) -> list[Erasure]:
    """The lists of these names (`*` is anything) that lie in these folders, as one; lines that
    are none are left out."""
    found: dict[str, Erasure] = {}
    for folder in folders:
        for path in sorted(path for name in called for path in folder.glob(name)):
            found |= {one.pseudonym: one for one in _lines(path)}
    return sorted(found.values(), key=lambda one: (one.at, one.pseudonym))


def back(connection: Connection, erasure: Erasure) -> Person:
    """What of an erased person stands in these rows again."""
    names = connection.execute(select(users.c.name)).scalars()
    account = next((name for name in names if erasure.knows("account", name)), "")
    listed = [one for one in all_listed(connection) if _is(erasure, one)]
    written = set(connection.execute(select(notices.c.target).distinct()).scalars())
    written |= set(connection.execute(select(citizen_contacts.c.contact).distinct()).scalars())
    ways = written | {way for one in listed for way in one.ways}
    theirs = {way for way in ways if erasure.knows("address", way)}
    return Person(account, tuple(listed), frozenset(theirs))


def _is(erasure: Erasure, one: Listed) -> bool:
    # a name may be a post that somebody else holds by now; an address is one's own
    if one.ways:
        return any(erasure.knows("address", way) for way in one.ways)
    return erasure.knows("contact", one.key)


def _lines(path: Path) -> Iterator[Erasure]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        try:
            yield _erasure(**json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue


def _erasure(pseudonym: str, at: float, by: str, salt: str, marks: Iterable[str]) -> Erasure:
    return Erasure(str(pseudonym), float(at), str(by), str(salt), frozenset(map(str, marks)))


def _mark(salt: str, kind: str, value: str) -> str:
    return hashlib.sha256(f"{salt} {kind} {value}".encode()).hexdigest()
