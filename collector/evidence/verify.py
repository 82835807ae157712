"""Is what was sealed as it was? Edits, gaps, a cut tail, a rebuilt chain, each by its record."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from collector.db import meta_get
from collector.evidence import record, sealing, seals
from collector.evidence.sealer import KEY, VERB
from collector.evidence.seals import Head
from collector.evidence.signing import Signer, former_keys, signed
from collector.schema import acts

# a broken chain is broken at many places; the first ones are told
MOST = 20
Signed = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which record; 0: with none that is there."""

    record: int
    what: str


@dataclass(slots=True)
class Found:
    """What a look at all of it came to; `keys`: how many records each signed."""

    count: int = 0
    head: Head = field(default_factory=Head)
    problems: list[Problem] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    replaced: int = 0

    @property
    def sound(self) -> bool:
        return not self.problems

    def tell(self, number: int, what: str) -> None:
        if len(self.problems) < MOST:
            self.problems.append(Problem(number, what))


def verify(connection: Connection, signer: Signer, folder: Path, head: str = "") -> Found:
    """Follow every record; `head`, as printed in a report or told outside, must be among them:
    `number:link`, a link, or the beginning of one."""
    trusted = {signer.key, *former_keys(folder)}
    walk = _Walk(trusted, told_heads(connection), head, lambda n: seals.named(connection, n))
    walk.sealer = sealer_head(connection)
    for row in seals.every(connection):
        walk.step(row._mapping)
    walk.close()
    for number in seals.doubled(connection):
        walk.found.tell(number, "stands beside another of the same day, which it does not replace")
    return walk.found


def told_heads(connection: Connection) -> dict[int, str]:
    """The heads that the chain of acts tells of, by number; an act that cannot be read tells of
    none that is there."""
    query = select(acts.c.subject, acts.c.body).where(acts.c.verb == VERB)
    found = {}
    for subject, body in connection.execute(query):
        try:
            found[int(subject.partition(":")[2])] = str(json.loads(body)["link"])
        except (ValueError, KeyError, TypeError):
            found[0] = "cannot be read"
    return found


def sealer_head(connection: Connection) -> tuple[int, str]:
    """The newest record by the word of what seals; (0, "") where it says nothing."""
    try:
        mark = sealing.mark(meta_get(connection, KEY))
    except ValueError:
        return (0, "")
    return (0, "") if mark is None else mark.head


class _Walk:
    """Goes from record to record; pure but for the signatures."""

    def __init__(
        self,
        trusted: Iterable[str],
        told: Mapping[int, str],
        head: str,
        named: Callable[[int], tuple[str, str] | None],
        check: Signed = signed,
    ) -> None:
        self.found = Found()
        self._trusted, self._told, self._named = frozenset(trusted), told, named
        self._check = check
        number, _, self._wanted = head.rpartition(":")
        self._wanted_at = int(number) if number else 0
        self._seen = not head
        self._next, self._before = 1, record.START
        self.sealer = (0, "")

    def step(self, row: Mapping[str, Any]) -> None:
        number = int(row["id"])
        if number < self._next:
            self.found.tell(number, "stands before the first")
            return
        if number != self._next:
            gone = f"{self._next} to {number - 1}" if number - self._next > 1 else f"{self._next}"
            self.found.tell(self._next, f"missing: {gone}")
        else:
            self._linked(row)
        self._says(row)
        self._signature(row)
        self._replaced(row)
        self._heads(number, row["link"])
        self._before, self._next = row["link"], number + 1
        self.found.count += 1
        self.found.head = Head(number, row["link"], row["sealed_at"], row["signer"])

    def close(self) -> None:
        """Heads that were told elsewhere must have been there."""
        for number in sorted(n for n in self._told if n >= self._next):
            self.found.tell(number, "the tail is cut: the chain of acts tells of it")
        if 0 in self._told:
            self.found.tell(0, "an act that tells of a head cannot be read: it was changed")
        if self.sealer[0] >= self._next:
            self.found.tell(self.sealer[0], "the tail is cut: it was the newest that was sealed")
        if self._seen:
            return
        if self._wanted_at >= self._next:
            what = "no such record: the tail is cut, or the centre was restored from a backup"
            self.found.tell(self._wanted_at, what)
        elif not self._wanted_at:
            what = "no record has that head: the chain was rebuilt, or its tail is cut"
            self.found.tell(0, what)

    def _heads(self, number: int, link: str) -> None:
        if self._told.get(number, link) != link:
            self.found.tell(number, "is another one than the chain of acts tells of")
        if number == self.sealer[0] and link != self.sealer[1]:
            self.found.tell(number, "is another one than was sealed: the chain was rebuilt")
        if number == self._wanted_at:
            self._seen = True
            if not link.startswith(self._wanted):
                self.found.tell(number, "has another head than that: the chain was rebuilt")
        elif not self._wanted_at and not self._seen:
            self._seen = link.startswith(self._wanted)

    def _linked(self, row: Mapping[str, Any]) -> None:
        if record.link(self._before, row["digest"]) != row["link"]:
            self.found.tell(row["id"], "is not bound to the record before it")

    def _says(self, row: Mapping[str, Any]) -> None:
        try:
            text = record.unpacked(row["body"])
            says = record.read(text)
        except ValueError:
            self.found.tell(row["id"], "cannot be read")
            return
        if record.digest(text) != row["digest"]:
            self.found.tell(row["id"], "says something else than was sealed")
            return
        named = (says.number, says.kind, says.subject, says.day, says.sealed_at, says.replaces)
        columns = ("id", "kind", "subject", "day", "sealed_at", "replaces")
        if named != tuple(row[name] for name in columns):
            self.found.tell(row["id"], "stands under another name than it was sealed with")
        elif record.digest(record.spelled(says.told)) != row["told"]:
            self.found.tell(row["id"], "stands under another digest than it was sealed with")

    def _signature(self, row: Mapping[str, Any]) -> None:
        key = row["signer"]
        self.found.keys[key] = self.found.keys.get(key, 0) + 1
        if key not in self._trusted:
            self.found.tell(row["id"], f"is signed with a key that is not this centre's: {key}")
        elif not self._check(key, row["link"], row["signature"]):
            self.found.tell(row["id"], "is not signed by this centre: the chain was rebuilt")

    def _replaced(self, row: Mapping[str, Any]) -> None:
        number, replaces = row["id"], row["replaces"]
        if replaces is None:
            return
        self.found.replaced += 1
        # a site that got another code goes on from its records under the old one
        there = self._named(replaces) if replaces < number else None
        if there != (row["kind"], row["day"]):
            self.found.tell(number, f"replaces record {replaces}, which is of something else")
