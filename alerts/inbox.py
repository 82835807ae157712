"""What people answer: who wrote it, does the incident concern them, what becomes of it, one line.

The answer goes out by the outbox, to the address the contact has in the inventory.
"""

import json
import logging
from collections.abc import Sequence
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, func, or_, select

from alerts import follow_talk, hands, incidents, notices, recipients, rollcall
from alerts.channels.config import Line
from alerts.citizens.hearing import Hearing
from alerts.gsm7 import cut, plain
from alerts.hands import Outcome, What
from alerts.message import local
from alerts.notices import Draft
from alerts.phrases import say
from alerts.replies import Heard, Pace, Reply, Verb, agrees, parse, phone
from collector import inventory
from collector.db import writing
from collector.inventory import Contact
from collector.schema import contacts

log = logging.getLogger(__name__)


class Result(StrEnum):
    """What became of a message that came in."""

    DONE = "written down"
    CITIZEN = "a citizen's report or question"
    HELPED = "explained how to answer"
    SILENT = "explained a while ago"
    NOT_THEIRS = "refused: not one of those who were told of it"
    STRANGER = "refused: no contact writes from there"
    TOO_MANY = "refused: too many from there"
    AGAIN = "heard before"


_SAID = {
    What.AGAIN: "again",
    What.OTHERS: "others",
    What.HANDLED: "handled_before",
    What.OVER: "over",
}


class Inbox:
    """Hears for some channels; one per process."""

    def __init__(
        self,
        store: Engine,
        lines: Sequence[Line],
        home: str,
        pace: Pace | None = None,
        citizens: bool = False,
        hides: Sequence[str] = (),
    ) -> None:
        self._store, self._home = store, home
        self._serves = {line.name: line.serves for line in lines}
        self._pace = pace or Pace()
        self._citizens = Hearing(store, home, hides) if citizens else None

    def hear(self, heard: Heard, now: float) -> Result:
        """Act on one message, and queue the answer; the number of no stranger is logged."""
        result = self._hear(heard, now)
        say_so = log.info if result is Result.DONE else log.warning
        if result not in (Result.AGAIN, Result.SILENT):
            say_so("a message by %s: %s", heard.channel, result)
        return result

    def _hear(self, heard: Heard, now: float) -> Result:
        column = self._serves[heard.channel]
        sender = heard.sender if column == "telegram" else phone(heard.sender)
        if not self._pace.listens(f"{column}:{sender}", now):
            return Result.TOO_MANY
        if not self._pace.fresh(heard):
            return Result.AGAIN
        reply = parse(heard.text)
        # people of the village report like everybody else
        citizens = self._citizens if reply is None and sender else None
        if citizens is not None and citizens.hear(heard, column, sender, now):
            return Result.CITIZEN
        with writing(self._store) as connection:
            if column == "telegram" and follow_talk.hear(connection, heard, "id", now):
                return Result.DONE
            return self._of_people(connection, heard, column, sender, now)

    def _of_people(
        self, connection: Connection, heard: Heard, column: str, sender: str, now: float
    ) -> Result:
        """What somebody says of an incident."""
        reply = parse(heard.text)
        people = _writers(connection, column, sender, heard) if sender else []
        if not people:
            return Result.STRANGER
        if reply is None and agrees(heard.text):
            said = [one for one in people if rollcall.confirm_newest(connection, one, now)]
            if said:
                words = say(said[0].language, "trial", "thanks")
                self._answer(connection, heard, said[0], 0, words, now)
                return Result.DONE
        if reply is None:
            return self._help(connection, heard, people[0], "help", now)
        told = recipients.of_incident(connection, reply.incident)
        mine = [person for person in people if person in told]
        if not mine:
            self._help(connection, heard, people[0], "not_yours", now)
            return Result.NOT_THEIRS
        outcome = _act(connection, reply, mine[0], now)
        words = self._words(connection, reply, outcome, mine[0], now)
        self._answer(connection, heard, mine[0], reply.incident, words, now)
        return Result.DONE

    def _help(
        self, connection: Connection, heard: Heard, person: Contact, phrase: str, now: float
    ) -> Result:
        if not self._pace.helps(f"{phrase}:{heard.channel}:{person.scope}/{person.name}", now):
            return Result.SILENT
        self._answer(connection, heard, person, 0, say(person.language, "reply", phrase), now)
        return Result.HELPED

    def _words(
        self, connection: Connection, reply: Reply, outcome: Outcome, person: Contact, now: float
    ) -> str:
        phrase = "handled" if reply.verb is Verb.HANDLED else "taken"
        phrase = _SAID.get(outcome.what, phrase)
        found = incidents.find(connection, reply.incident)
        home = ZoneInfo(self._home)
        zone = inventory.zone(found.site, self._home) if found and found.site else home
        at = local(outcome.at or now, zone, now, person.language)
        by = outcome.by or "?"
        return say(person.language, "reply", phrase, by=by, incident=reply.incident, at=at)

    def _answer(
        self,
        connection: Connection,
        heard: Heard,
        person: Contact,
        incident: int,
        words: str,
        now: float,
    ) -> None:
        # who answers an SMS by WhatsApp is answered where they wrote
        target = str(getattr(person, self._serves[heard.channel])) or f"+{phone(heard.sender)}"
        body = {
            "incident": incident,
            "news": notices.REPLY,
            "text": words,
            "sms": cut(plain(words)),
            "title": "Ronda",
            "severity": "info",
            "person": person.name,
            "language": person.language,
        }
        text = json.dumps(body, ensure_ascii=False)
        draft = Draft(incident, notices.REPLY, person.name, heard.channel, target, text)
        notices.queue(connection, [draft], now)


def _act(connection: Connection, reply: Reply, person: Contact, now: float) -> Outcome:
    by, role = person.name, person.role
    if reply.verb is Verb.HANDLED:
        return hands.handled(connection, reply.incident, by, now, reply.note, role)
    outcome = hands.take(connection, reply.incident, by, now, role)
    if outcome.what is What.DONE and reply.note:
        hands.note(connection, reply.incident, by, now, reply.note)
    return outcome


def _writers(connection: Connection, column: str, sender: str, heard: Heard) -> list[Contact]:
    """Contacts whose address this is; of a group's message the person before the group."""
    table = contacts
    if column == "telegram":
        known = [sender, heard.chat]
        alias = heard.alias.lower()
        wanted: ColumnElement[bool] = table.c.telegram.in_([one for one in known if one])
        if alias:
            wanted |= func.lower(table.c.telegram) == alias
    else:
        wanted = or_(table.c.whatsapp == f"+{sender}", table.c.sms == f"+{sender}")
    query = select(table).where(wanted).order_by(table.c.scope, table.c.name)
    found = [Contact(**row._mapping) for row in connection.execute(query.limit(recipients.MOST))]
    return sorted(found, key=lambda one: one.telegram == heard.chat != sender)
