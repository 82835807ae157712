"""What a search finds beside sites: lines by their numbers, people by their phone. A store file.

Numbers are searched only where somebody wrote one: a name reads no telephone book.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from alerts import incidents
from alerts.incidents import Incident
from collector.inventory.places import AREA_CODE, SITE_CODE, within
from collector.schema import contacts, members, uplinks
from web.scope import Scope

# shorter numbers are in too many others
LEAST_DIGITS = 4
MOST = 10
# looked at before those outside the reader's areas are left out
_MOST_READ = 500
_SEPARATORS = re.compile(r"[\s().-]")


@dataclass(frozen=True, slots=True)
class Line:
    """An uplink found by a number of its contract."""

    site: str
    name: str
    isp: str
    service_no: str
    contract_no: str


@dataclass(frozen=True, slots=True)
class Person:
    """A contact found by a phone number or a name."""

    scope: str
    name: str
    role: str
    phone: str


def incident(connection: Connection, text: str, scope: Scope) -> Incident | None:
    """The incident called `#4821` or `4821`, if any of it lies in the scope."""
    number = re.fullmatch(r"#?\s*([0-9]{1,9})", text, re.ASCII)
    found = incidents.find(connection, int(number[1])) if number else None
    if found is None or scope.everything or (found.site and scope.sees(found.site)):
        return found
    mine = select(members.c.site).where(
        members.c.incident == found.id, scope.clause(members.c.site)
    )
    return found if connection.execute(mine.limit(1)).first() else None


def lines(connection: Connection, text: str, scope: Scope) -> list[Line]:
    """Lines whose service or contract number holds this text."""
    if len(re.findall(r"[0-9]", text, re.ASCII)) < LEAST_DIGITS:
        return []
    t = uplinks.c
    # one comparison a row, the cheaper one where there are no letters
    numbers = t.service_no + " " + t.contract_no
    lettered = text.upper() != text.lower()
    like = numbers.icontains if lettered else numbers.contains
    holds = like(text, autoescape=True)
    statement = select(t.site, t.name, t.isp, t.service_no, t.contract_no)
    statement = statement.where(holds, scope.clause(t.site)).order_by(t.site, t.name).limit(MOST)
    return [Line(*row) for row in connection.execute(statement)]


def people(connection: Connection, text: str, scope: Scope) -> list[Person]:
    """Contacts by a phone number however it is written; those of the reader's sites and areas."""
    digits = phone_digits(text)
    if digits is None:
        return []
    t = contacts.c
    holds = (t.whatsapp + " " + t.sms + " " + t.telegram).contains(digits, autoescape=True)
    statement = select(t.scope, t.name, t.role, t.whatsapp, t.sms, t.telegram).where(holds)
    found: list[Person] = []
    for row in connection.execute(statement.order_by(t.scope, t.name).limit(_MOST_READ)):
        if _concerns(row.scope, scope):
            phone = next(p for p in (row.whatsapp, row.sms, row.telegram) if digits in p)
            found.append(Person(row.scope, row.name, row.role, phone))
    return found[:MOST]


def phone_digits(text: str) -> str | None:
    """`0812-0000-0151` as it stands in the inventory: `6281200000151`; None for no number."""
    bare = _SEPARATORS.sub("", text).removeprefix("+")
    if not re.fullmatch(r"[0-9]+", bare, re.ASCII) or len(bare) < LEAST_DIGITS:
        return None
    return f"62{bare[1:]}" if bare.startswith("08") else bare


def _concerns(of: str, scope: Scope) -> bool:
    """Does a contact of this scope look after any of the reader's sites?"""
    if scope.everything or not (AREA_CODE.fullmatch(of) or SITE_CODE.fullmatch(of)):
        return True
    mine: Sequence[str] = (*scope.areas, *scope.sites)
    return scope.sees(of) or any(within(code, of) for code in mine)
