"""A person erased: messages to others keep no name and number of theirs."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, and_, false, or_, select, update

from collector import schema
from collector.inventory import places
from collector.persons import Listed, Person
from collector.printable import called, on_one_line

# what of a message people read
_TEXTS = ("text", "sms")
# where messages name people; tests compare them with the templates. The same word elsewhere is a
# village or a provider
SAID = (
    "Di desa sudah diberi tahu: {who}.",
    "Di desa dikirimi pesan: {who}.",
    "Di desa belum ada yang diberi tahu; telepon {who}.",
    "Desa: {who}.",
    "Dipegang {who}, belum tertangani.",
    " menit lagi naik ke {who}.",
    " sudah ditangani {who} sejak ",
    "Tercatat: {who} menangani #",
    "Tercatat: {who}, #",
    "Told in the village: {who}.",
    "Written to in the village: {who}.",
    "Nobody in the village has been told yet; phone {who}.",
    "Village: {who}.",
    "{who} has it, it is not handled yet.",
    " minutes it goes up to {who}.",
    " is in the hands of {who} since ",
    "Noted: {who} has #",
    "Noted: {who}, #",
)
_AROUND = [said.split("{who}") for said in SAID]
# in a list others may stand before them
_BEFORE = "|".join(rf"{re.escape(head)}(?:[^\n]{{0,200}}?, )?" for head, _ in _AROUND if head)
_ENDS = {re.escape(tail) for head, tail in _AROUND if head} - {r"\."}
_AFTER = "|".join([r" \+?\d", ", ", r"\.(?:\s|$)", *sorted(_ENDS)])
# these begin with the name
_BEGINS = "|".join(re.escape(tail) for head, tail in _AROUND if not head)
# an account's name may be an everyday word: only these tell who has an incident
_OF_HOLDERS = ("deadline", "reply")
_TO_WEBHOOKS = "webhook"
_PLAIN = " .,'-"
# a cut name has so much of the whole one
_BEGINNING = 27


def in_messages(
    connection: Connection, person: Person, incidents: set[int], pseudonym: str
) -> None:
    """What others were told of an incident names whom to phone, who has it and who hears next."""
    t = schema.notices.c
    found = [t.body.contains(_quoted(_begun(name)), autoescape=True) for name in person.names]
    found += [t.body.contains(_quoted(each), autoescape=True) for each in person.addresses]
    if person.account:
        holds = t.body.contains(_quoted(_begun(person.account)), autoescape=True)
        found.append(and_(t.news.in_(_OF_HOLDERS), holds))
    query = select(t.id, t.incident, t.news, t.body)
    query = query.where(t.news != _TO_WEBHOOKS, or_(false(), *found))
    for row in connection.execute(query).all():
        told = json.loads(row.body)
        names = {
            name
            for one in person.contacts
            if row.incident in incidents or _serves(one, told)
            for name in one.names
        }
        if row.news in _OF_HOLDERS:
            names |= {person.account} - {""}
        new = {key: untold(told[key], names, person, pseudonym) for key in _TEXTS if told.get(key)}
        if told | new != told:
            body = json.dumps(told | new, ensure_ascii=False)
            connection.execute(update(schema.notices).where(t.id == row.id).values(body=body))


def untold(text: str, names: Iterable[str], person: Person, pseudonym: str) -> str:
    """A message without these names where it names people, and without the person's addresses and
    the names next to them. Pure."""
    addresses = sorted(map(re.escape, person.addresses), key=len, reverse=True)
    if addresses and (known := _any({*names, *person.names})):
        beside = rf"(?<!\w){known}(?= \(?(?:{'|'.join(addresses)}))"
        text = re.sub(beside, pseudonym, text)
    if known := _any(names):
        text = re.sub(rf"({_BEFORE}){known}(?={_AFTER})", rf"\g<1>{pseudonym}", text)
        begun = re.compile(rf"(^|(?<=[.:?] )){known}(?={_BEGINS})", re.MULTILINE)
        text = begun.sub(pseudonym, text)
    for each in addresses:
        text = re.sub(rf"(?<!\w){each}(?!\w)", "", text)
    return text


def _any(names: Iterable[str]) -> str:
    """A pattern of names, whole or as messages cut them; an SMS has other letters for some."""
    forms = {form for name in names for form in (on_one_line(name), called(name)) if form}
    each = ("".join(map(_letter, form)) for form in sorted(forms, key=len, reverse=True))
    return f"(?:{'|'.join(each)})" if forms else ""


def _letter(c: str) -> str:
    plain = c.isascii() and (c.isalnum() or c in _PLAIN)
    return re.escape(c) if plain else r"[^\n]{0,3}"


def _begun(name: str) -> str:
    return on_one_line(name)[:_BEGINNING]


def _serves(one: Listed, told: Mapping[str, Any]) -> bool:
    """Whether a contact is of a place that a message is about: of one name there are many."""
    codes = told.get("sites") or [(told.get("site") or {}).get("code", "")]
    covered = {"*", f"service:{told.get('check', '')}"}
    for code in filter(None, codes):
        covered |= {code, places.village(code), *places.parents(code)}
    return any(scope in covered or scope.startswith("isp:") for scope in one.places)


def _quoted(text: str) -> str:
    """As it stands within a text of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
