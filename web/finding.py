"""What a search finds beside sites: incidents, lines by their numbers, people by their phone.

Numbers are searched only where somebody wrote one: a name reads no telephone book.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from alerts import incidents, members
from alerts.incidents import Incident
from collector.inventory import numbers
from collector.inventory.numbers import Line
from collector.inventory.scope import Scope
from web.lookup import Lookup
from web.names import Mask

# shorter numbers are in too many others
LEAST_DIGITS = 4
MOST = 10
_SEPARATORS = re.compile(r"[\s().-]")


@dataclass(frozen=True, slots=True)
class Person:
    """A contact found by a phone number."""

    scope: str
    name: str
    role: str
    phone: str


class Numbers:
    """Numbers by owner, which is a site, an area or, without a digit in front, everybody."""

    def __init__(self, told: Iterable[tuple[str, str]]) -> None:
        known = sorted(told)
        self._owners = [owner for owner, _ in known]
        self._texts = Lookup(text for _, text in known)

    def owners(self, text: str, mine: Mask) -> list[str]:
        """Of these, the first that have a number which holds the text."""
        found = self._texts.holding(text)
        # one owner may have many of them
        return list({self._owners[place]: None for place in found[mine[found]][:MOST].tolist()})

    def seen_by(self, scope: Scope) -> Mask:
        """What belongs to sites and areas that somebody may see."""
        if scope.everything:
            return np.ones(len(self._owners), bool)
        mask = np.zeros(len(self._owners), bool)
        for code in (*scope.areas, *scope.sites):
            self._mark(mask, code)
        for area in scope.areas:
            # `-` and `.` are neighbours, and `/` comes after them
            first, end = (bisect_left(self._owners, area + mark) for mark in "-/")
            mask[first:end] = True
        return mask

    def concerning(self, scope: Scope) -> Mask:
        """The same, and what belongs to areas around them, or to everybody."""
        mask = self.seen_by(scope)
        for code in (*scope.areas, *scope.sites):
            for end in re.finditer(r"[.-]", code):
                self._mark(mask, code[: end.start()])
        # names of providers and the star
        mask[: bisect_left(self._owners, "0")] = True
        mask[bisect_left(self._owners, ":") :] = True
        return mask

    def _mark(self, mask: Mask, owner: str) -> None:
        mask[bisect_left(self._owners, owner) : bisect_right(self._owners, owner)] = True


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """The numbers of all lines and people."""

    lines: Numbers
    phones: Numbers


def read(connection: Connection) -> Written:
    """As the database has them."""
    return Written(
        Numbers(numbers.of_lines(connection)),
        Numbers(numbers.of_people(connection)),
    )


def incident(connection: Connection, text: str, scope: Scope) -> Incident | None:
    """The incident called `#4821` or `4821`, if any of it lies in the scope."""
    number = re.fullmatch(r"#?\s*([0-9]{1,9})", text, re.ASCII)
    found = incidents.find(connection, int(number[1])) if number else None
    if found is None or scope.everything or (found.site and scope.sees(found.site)):
        return found
    joined = members.of(connection, [found.id])[found.id]
    return found if any(scope.sees(member.site) for member in joined) else None


def has_number(text: str) -> bool:
    """Whether it may be a number of a contract."""
    return len(re.findall(r"[0-9]", text, re.ASCII)) >= LEAST_DIGITS


def lines(connection: Connection, text: str, known: Numbers, scope: Scope) -> list[Line]:
    """Lines whose service or contract number holds this text."""
    if not has_number(text):
        return []
    found = numbers.lines(connection, known.owners(text, known.seen_by(scope)))
    folded = text.casefold()
    return [line for line in found if folded in line.numbers.casefold()][:MOST]


def people(connection: Connection, text: str, known: Numbers, scope: Scope) -> list[Person]:
    """Contacts by a phone number however it is written; those of the reader's sites and areas."""
    digits = phone_digits(text)
    if digits is None:
        return []
    found = numbers.people(connection, known.owners(digits, known.concerning(scope)))
    return [
        Person(one.scope, one.name, one.role, next(p for p in one.phones if digits in p))
        for one in found
        if digits in one.numbers
    ][:MOST]


def phone_digits(text: str) -> str | None:
    """`0812-0000-0151` as it stands in the inventory: `6281200000151`; None for no number."""
    bare = _SEPARATORS.sub("", text).removeprefix("+")
    if not re.fullmatch(r"[0-9]+", bare, re.ASCII) or len(bare) < LEAST_DIGITS:
        return None
    return f"62{bare[1:]}" if bare.startswith("08") else bare
