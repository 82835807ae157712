"""A trial message to everybody in some places, and who said that it came."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from agent.strict import Refused
from alerts import gsm7, notices, people
from alerts.links import GOOD_FOR_S, TRIAL
from alerts.notices import Draft
from alerts.phrases import say
from alerts.way_back import WayBack
from collector import acts
from collector.cli_common import iso
from collector.inventory import Contact
from collector.schema import acts as done
from collector.schema import contacts, trials
from collector.schema import notices as notices_table

VERB = "contact_trial"
MOST = 2000
# nobody is asked twice because somebody pressed twice
PAUSE_S = 600.0


class State(StrEnum):
    """How far a trial message has come with one person."""

    CONFIRMED = "confirmed"
    SENT = "sent"
    WAITING = "waiting"
    FAILED = "failed"
    NO_WAY = "no way"


_STATES = {
    notices.SENT: State.SENT,
    notices.QUEUED: State.WAITING,
    notices.CLAIMED: State.WAITING,
    notices.FAILED: State.FAILED,
    notices.SKIPPED: State.FAILED,
}
_FURTHEST = {state: place for place, state in enumerate(_STATES)}


@dataclass(frozen=True, slots=True)
class Asked:
    """One person who was asked; `answer` is what the gateway said where it failed."""

    scope: str
    person: str
    state: State
    at: float | None = None
    channel: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One trial: when, by whom, everybody who was asked."""

    number: int
    at: float
    by: str
    asked: Sequence[Asked]

    def count(self, *states: State) -> int:
        """How many of those asked are so far."""
        return sum(one.state in states for one in self.asked)


def to_ask(connection: Connection, may: Callable[[str], bool]) -> list[Contact]:
    """Everybody in the places somebody may change: by scope and name, providers left out."""
    query = select(contacts).where(contacts.c.role != "isp")
    rows = connection.execute(query.order_by(contacts.c.scope, contacts.c.name))
    return [Contact(**row._mapping) for row in rows if may(row.scope)]


def how_many(connection: Connection, may: Callable[[str], bool]) -> int:
    """How many that would be."""
    counted = select(contacts.c.scope, func.count()).where(contacts.c.role != "isp")
    rows = connection.execute(counted.group_by(contacts.c.scope))
    return sum(count for scope, count in rows if may(scope))


def call(
    connection: Connection,
    asked: Sequence[Contact],
    serving: people.Serving,
    back: WayBack,
    now: float,
    by: str,
) -> int:
    """Ask them all, by the outbox; the number of the call.

    Refused: nobody is there, too many are, or some of them were asked a moment ago.
    """
    if not asked:
        raise Refused("contacts", "there is nobody to ask")
    if len(asked) > MOST:
        raise Refused("contacts", f"{len(asked)} people are too many at once, {MOST} are the most")
    if _asked_since(connection, asked, now - PAUSE_S):
        raise Refused("contacts", "these people were asked less than ten minutes ago")
    number = acts.record(connection, now, by, VERB, "", {"people": len(asked)})
    rows = [
        {"call": number, "scope": one.scope, "person": one.name, "asked_at": now} for one in asked
    ]
    connection.execute(insert(trials), rows)
    # whoever stands in several places is asked once
    each = {_who(one): one for one in reversed(asked)}
    drafts = (_draft(number, one, serving, back, now) for one in reversed(each.values()))
    notices.queue(connection, filter(None, drafts), now)
    return number


def _asked_since(connection: Connection, asked: Iterable[Contact], moment: float) -> bool:
    recent = select(trials.c.scope, trials.c.person).where(trials.c.asked_at > moment)
    before = {(row.scope, row.person) for row in connection.execute(recent)}
    return any((one.scope, one.name) in before for one in asked)


def _who(person: Contact) -> tuple[str, ...]:
    return (person.name, *person.addresses)


def _draft(
    number: int, person: Contact, serving: people.Serving, back: WayBack, now: float
) -> Draft | None:
    # nobody phones for a trial
    ways = [way for way in people.ways(person, serving) if way[0] != people.PHONE]
    if not ways:
        return None
    body = json.dumps(message(number, person, back, ways, now), ensure_ascii=False)
    (channel, target), *rest = ways
    return Draft(0, notices.TRIAL, person.name, channel, target, body, tuple(rest))


def message(
    number: int, person: Contact, back: WayBack, ways: Sequence[tuple[str, str]], now: float
) -> dict[str, object]:
    """What is sent to one person, with the ways to answer that there are."""
    link = back.maker.url(number, person, now, TRIAL) if back.maker is not None else ""
    language = person.language
    asks = [say(language, "trial", "link", link=link)] if link else []
    asks += [say(language, "trial", "reply")] if back.hears(ways) else []
    text = "\n".join([say(language, "trial", "text", person=person.name), *asks])
    # a text message has room for one of them: the shorter
    short = " ".join([say(language, "trial", "sms"), *asks[-1:]])
    return {
        "incident": 0,
        "news": notices.TRIAL,
        "text": text,
        "sms": gsm7.cut(gsm7.plain(short)),
        "title": say(language, "trial", "title"),
        "severity": "info",
        "at": iso(now),
        "person": person.name,
        "language": language,
        "link": link,
    }


def called(connection: Connection, number: int) -> list[Contact]:
    """Those who were asked and are still contacts."""
    mine = trials.c.call == number
    both = (contacts.c.scope == trials.c.scope) & (contacts.c.name == trials.c.person)
    found = connection.execute(select(contacts).join(trials, both).where(mine))
    return [Contact(**row._mapping) for row in found]


def confirm(connection: Connection, number: int, person: Contact, now: float) -> bool:
    """They say that it came, for all their places; False when they had, or were not asked."""
    mine = _theirs(connection, number, person)
    statement = update(trials).where(mine, trials.c.confirmed_at.is_(None))
    return connection.execute(statement.values(confirmed_at=now)).rowcount > 0


def confirmed(connection: Connection, number: int, person: Contact) -> bool:
    """Whether they have said that it came."""
    mine = _theirs(connection, number, person)
    said = select(trials.c.call).where(mine, trials.c.confirmed_at.is_not(None))
    return connection.execute(said.limit(1)).first() is not None


def _theirs(connection: Connection, number: int, person: Contact) -> ColumnElement[bool]:
    t = trials.c
    scopes = [one.scope for one in called(connection, number) if _who(one) == _who(person)]
    return and_(t.call == number, t.scope.in_(scopes), t.person == person.name)


def confirm_newest(connection: Connection, person: Contact, now: float) -> bool:
    """The same of the newest call that asked them, where they have not answered it."""
    t = trials.c
    theirs = (t.scope == person.scope, t.person == person.name, t.asked_at > now - GOOD_FOR_S)
    number = connection.execute(select(func.max(t.call)).where(*theirs)).scalar()
    return number is not None and confirm(connection, int(number), person, now)


def newest(connection: Connection, may: Callable[[str], bool]) -> Call | None:
    """The newest call that asked somebody in these places, and how far it is with each of them."""
    t = trials.c
    for number in connection.execute(select(t.call).distinct().order_by(t.call.desc()).limit(20)):
        rows = connection.execute(select(trials).where(t.call == number.call)).all()
        rows = [row for row in rows if may(row.scope)]
        if rows:
            return _call(connection, number.call, rows)
    return None


def _call(connection: Connection, number: int, rows: Sequence[Row[Any]]) -> Call:
    about = select(done.c.at, done.c.by).where(done.c.id == number)
    at, by = connection.execute(about).one()
    known = {(one.scope, one.name): one for one in called(connection, number)}
    tried = _tried(connection, at)
    asked = [_asked(row, known.get((row.scope, row.person)), tried) for row in rows]
    return Call(number, at, by, sorted(asked, key=lambda one: (one.scope, one.person)))


def _tried(connection: Connection, since: float) -> dict[tuple[str, str], Row[Any]]:
    """By person and address the newest notice of a trial."""
    n = notices_table.c
    mine = (n.incident == 0, n.news == notices.TRIAL, n.created_at >= since)
    chosen = select(n.person, n.target, n.channel, n.state, n.sent_at, n.answer)
    found = connection.execute(chosen.where(*mine).order_by(n.id))
    newest: dict[tuple[str, str], Any] = {}
    for row in found:
        newest[row.person, row.target] = row
    return newest


def _asked(
    row: Row[Any], person: Contact | None, tried: Mapping[tuple[str, str], Row[Any]]
) -> Asked:
    if row.confirmed_at is not None:
        return Asked(row.scope, row.person, State.CONFIRMED, row.confirmed_at)
    ways = person.addresses if person is not None else ()
    theirs = [tried[row.person, way] for way in ways if (row.person, way) in tried]
    if not theirs:
        return Asked(row.scope, row.person, State.NO_WAY)
    # the way that got furthest tells: a way that failed was followed by the next
    best = min(theirs, key=lambda notice: _FURTHEST.get(notice.state, len(_FURTHEST)))
    state = _STATES.get(best.state, State.WAITING)
    return Asked(row.scope, row.person, state, best.sent_at, best.channel, best.answer)
