"""A person erased: messages to others keep no name and number of theirs."""

import json
import re

from sqlalchemy import Connection, and_, false, or_, select, update

from collector import schema
from collector.persons import Person

# what of a message people read
_TEXTS = ("text", "sms")


def in_messages(
    connection: Connection, person: Person, incidents: set[int], pseudonym: str
) -> None:
    """What others were told of an incident names whom to phone, who has it and who hears next."""
    t = schema.notices.c
    of_theirs = [t.body.contains(_quoted(name), autoescape=True) for name in person.names]
    named = and_(t.incident.in_(incidents), or_(false(), *of_theirs))
    phoned = [t.body.contains(_quoted(each), autoescape=True) for each in person.addresses]
    query = select(t.id, t.body).where(t.news != "webhook", or_(named, *phoned))
    for row in connection.execute(query).all():
        told = json.loads(row.body)
        new = {key: untold(told[key], person, pseudonym) for key in _TEXTS if told.get(key)}
        body = json.dumps(told | new, ensure_ascii=False)
        connection.execute(update(schema.notices).where(t.id == row.id).values(body=body))


def untold(text: str, person: Person, pseudonym: str) -> str:
    """A message without somebody's name and addresses. Pure."""
    for words, instead in ((person.names, pseudonym), (person.addresses, "")):
        for each in sorted(filter(None, words), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", instead, text)
    return text


def _quoted(text: str) -> str:
    """As it stands within a text of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
