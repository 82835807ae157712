"""To whom a month's report goes by e-mail, when, and what became of each. Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from collector.inventory import Contact, places

# refund sheets are issued seven days after a month: the report has them, and what is changed behind
# it stands in the next one
DAY, HOUR = 8, 6
# later nobody is sent a month that the centre slept through
PATIENCE = timedelta(days=20)
MOST = 200
MOST_TRIES, AGAIN_S = 6, 1800.0


class State(StrEnum):
    """How far a letter is. What is claimed is never sent again: it may have gone already."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """One report to one address; `mark` stands for both and names nobody."""

    mark: str
    area: str
    to: str
    language: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a letter."""

    state: State = State.WAITING
    tries: int = 0
    next_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """The letters of one month by their marks."""

    month: str = ""
    sent: Mapping[str, Sent] = field(default_factory=dict)

    def of(self, letter: Letter) -> Sent:
        return self.sent.get(letter.mark, Sent())

    def with_(self, letter: Letter, sent: Sent) -> "Book":
        return replace(self, sent={**self.sent, letter.mark: sent})

    def text(self) -> str:
        """As it is kept."""
        sent = {mark: asdict(each) for mark, each in self.sent.items()}
        return json.dumps({"month": self.month, "sent": sent})


def read(text: str) -> Book:
    """A book as it was kept."""
    if not text:
        return Book()
    told = json.loads(text)
    sent = {
        mark: Sent(State(each["state"]), each["tries"], each["next_at"])
        for mark, each in told["sent"].items()
    }
    return Book(told["month"], sent)


def due(now: float, zone: tzinfo) -> tuple[str, float] | None:
    """The month that is to be sent, and since when; None: none is."""
    here = datetime.fromtimestamp(now, zone)
    first = here.date().replace(day=1)
    since = datetime.combine(first.replace(day=DAY), time(HOUR), zone)
    if not since <= here < since + PATIENCE:
        return None
    return f"{first - timedelta(days=1):%Y-%m}", since.timestamp()


def letters(
    contacts: Iterable[Contact], roles: Sequence[str], month: str, secret: bytes
) -> list[Letter]:
    """One for each contact of these roles that has an e-mail address, of the place it is of; who
    stands there twice gets one of each place."""
    found: dict[str, Letter] = {}
    for one in contacts:
        if one.role not in roles or not one.email or not _place(one.scope):
            continue
        area = "" if one.scope == "*" else one.scope
        mark = marked(secret, month, area, one.email)
        found.setdefault(mark, Letter(mark, area, one.email, one.language))
    return sorted(found.values(), key=lambda each: (each.area, each.mark))[:MOST]


def marked(secret: bytes, about: str, place: str, to: str) -> str:
    """What stands for a letter to an address, and names nobody."""
    told = f"{about}\n{place}\n{to.casefold()}".encode()
    return hmac.new(secret, told, hashlib.sha256).hexdigest()[:24]


def open_letters(found: Iterable[Letter], book: Book, now: float) -> list[Letter]:
    """Those that are to be sent now."""
    return [
        each
        for each in found
        if book.of(each).state is State.WAITING and book.of(each).next_at <= now
    ]


def after(before: Sent, failed: bool, permanent: bool, now: float) -> Sent:
    """What a try has made of a letter."""
    tries = before.tries + 1
    if not failed:
        return Sent(State.SENT, tries)
    if permanent or tries >= MOST_TRIES:
        return Sent(State.FAILED, tries)
    return Sent(State.WAITING, tries, now + AGAIN_S * tries)


def _place(scope: str) -> bool:
    return scope == "*" or bool(
        places.AREA_CODE.fullmatch(scope) or places.SITE_CODE.fullmatch(scope)
    )
