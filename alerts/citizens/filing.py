"""A report is filed, or found to be there already: bounded by reporter, by site and in all."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from agent.strict import Refused
from alerts.citizens import numbers, overflow, rows, salts, wording
from alerts.citizens.report import Kind, Report, State
from alerts.citizens.wording import Checked
from collector.db import reading, writing
from collector.inventory import cells

# from one address about one site: that is the same trouble
SAME_S = 6 * 3600.0
DAY_S = 86400.0
_HERE = "+62"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many reports there may be: a day of one address, a day of one site, in all."""

    of_address: int = 5
    of_site: int = 30
    in_all: int = 20_000


USUAL = Bounds()


class Outcome(StrEnum):
    """What became of it."""

    FILED = "filed"
    AGAIN = "the one of before"
    SHARED = "of this site there are many: the newest of this kind"
    TOO_MANY = "too many from this address today"
    FULL = "there is no room"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody reports; `way` is the address it came from, of which a digest is kept.

    `contact` is how they want to hear, `channel` the one they wrote by; "" for the form.
    """

    site: str
    kind: Kind
    way: str
    text: str = ""
    contact: str = ""
    via: str = "web"
    channel: str = ""
    language: str = "id"


@dataclass(frozen=True, slots=True)
class Filed:
    """The report that stands for what was said; None where there is none."""

    outcome: Outcome
    report: Report | None = None


def contact(text: str) -> str:
    """A telephone number of this country or an e-mail address as contacts have it; "" for nothing.

    Anybody may enter any number: one abroad may earn them what the message costs us.
    """
    text = text.strip()
    if not text:
        return ""
    if len(text) > 100:
        raise Refused("contact", "a phone number or an e-mail address")
    with contextlib.suppress(ValueError):
        found = cells.email(text).lower() if "@" in text else cells.phone(text)
        if "@" in text or found.startswith(_HERE):
            return found
    raise Refused("contact", "a phone number or an e-mail address")


def file(store: Engine, said: Said, now: float, bounds: Bounds = USUAL) -> Filed:
    """File it, unless it is there; who says the same again causes no write."""
    with reading(store) as connection:
        who = salts.reporters(connection, said.way, now)
        found = _there(connection, said, who, now, bounds) if who else None
    if found is not None and found.outcome is Outcome.AGAIN and not said.contact:
        return found
    # before the transaction: nobody else waits while words are gone through
    kept = wording.check(said.text)
    with writing(store) as connection:
        salts.renew(connection, now)
        who = salts.reporters(connection, said.way, now)
        found = _there(connection, said, who, now, bounds)
        if found is None:
            found = _file(connection, said, kept, who[0], now, bounds)
        if found.outcome not in (Outcome.FILED, Outcome.AGAIN):
            overflow.add(connection, now)
        if said.contact and found.report is not None:
            left = (said.contact, said.channel, said.language)
            rows.leave_contact(connection, found.report.id, *left, now)
    return found


def _there(
    connection: Connection, said: Said, who: Sequence[str], now: float, bounds: Bounds
) -> Filed | None:
    """The report that says it already, or why there is none."""
    mine = rows.of_reporter(connection, who, said.site, now - SAME_S)
    if mine is not None:
        return Filed(Outcome.AGAIN, mine)
    if rows.count_of(connection, who, now - DAY_S) >= bounds.of_address:
        return Filed(Outcome.TOO_MANY)
    if rows.count_at(connection, said.site, now - DAY_S) >= bounds.of_site:
        shared = rows.newest_at(connection, said.site, said.kind)
        return Filed(Outcome.SHARED if shared else Outcome.TOO_MANY, shared)
    return None


def _file(
    connection: Connection, said: Said, kept: Checked, who: str, now: float, bounds: Bounds
) -> Filed:
    rows.make_room(connection, bounds.in_all - 1)
    if rows.count(connection) >= bounds.in_all:
        return Filed(Outcome.FULL)
    values = {
        "site": said.site,
        "kind": said.kind,
        "via": said.via,
        "language": said.language,
        "text": kept.text,
        "held": ",".join(kept.held),
        "reporter": who,
        "at": now,
        "state": State.WAITING,
    }
    for _ in range(3):
        # of so many numbers one that is taken comes once in a lifetime
        with contextlib.suppress(IntegrityError), connection.begin_nested():
            number = numbers.make()
            rows.add(connection, {**values, "number": number})
            return Filed(Outcome.FILED, rows.find(connection, number))
    return Filed(Outcome.FULL)
