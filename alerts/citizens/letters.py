"""What reporters hear who left a contact: answered, solved, closed; by the outbox, once each."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row

from alerts import notices
from alerts.citizens import rows
from alerts.citizens.report import Report
from alerts.gsm7 import cut, plain
from alerts.message import local
from alerts.notices import Draft
from alerts.people import Serving
from alerts.phrases import say
from collector import inventory

# to one address, of all its reports together; and to all of them
MOST_A_DAY, MOST_ALL_A_DAY = 6, 1000
_DAY_S = 86400.0
# by which ways a telephone number is tried, the cheapest first
_OF_PHONE = ("whatsapp", "sms")


def queue(connection: Connection, serving: Serving, home: str, now: float, most: int) -> int:
    """Write what is to be told, in the caller's transaction; how many messages that is."""
    reports = rows.to_tell(connection, most)
    if not reports:
        return 0
    by_id = {one.id: one for one in reports}
    codes = sorted({one.site for one in reports})
    names = {site.code: site.name for site in inventory.sites(connection, only=codes)}
    drafts: list[Draft] = []
    told = rows.told_lately(connection, now - _DAY_S)
    room = MOST_ALL_A_DAY - sum(told.values())
    for left in rows.contacts(connection, list(by_id)):
        one = by_id[left.report]
        ways = list(_ways(left, serving))
        told[left.contact] = told.get(left.contact, 0) + 1
        # anybody may enter anybody's number
        if ways and told[left.contact] <= MOST_A_DAY and len(drafts) < room:
            place = names.get(one.site, one.site)
            drafts.append(draft(one, place, ways, left.language, home, now))
    notices.queue(connection, drafts, now)
    rows.told(connection, list(by_id))
    return len(drafts)


def draft(
    report: Report,
    place: str,
    ways: list[notices.Way],
    language: str,
    home: str,
    now: float,
) -> Draft:
    """The message of one report to one address."""
    zone = inventory.zone(report.site, home)
    words = say(
        language,
        "citizen",
        report.tell,
        number=report.number,
        place=place,
        at=local(report.over_at or now, zone, now, language),
        answer=report.answer,
    )
    (channel, target), *further = ways
    return written(f"warga {report.number}", channel, target, words, language, tuple(further))


def written(
    person: str,
    channel: str,
    target: str,
    words: str,
    language: str,
    further: tuple[notices.Way, ...] = (),
) -> Draft:
    """A notice of no incident, as every channel takes it."""
    words = " ".join(words.split())
    body: dict[str, Any] = {
        "incident": 0,
        "news": notices.CITIZEN,
        "text": words,
        "sms": cut(plain(words)),
        "title": "Ronda",
        "severity": "info",
        "person": person,
        "language": language,
    }
    text = json.dumps(body, ensure_ascii=False)
    return Draft(0, notices.CITIZEN, person, channel, target, text, further)


def _ways(left: Row[Any], serving: Serving) -> Iterator[notices.Way]:
    """By which channels an address can be reached; where it was written from comes first."""
    known = dict(serving)
    if left.channel in known:
        yield left.channel, left.contact
    if left.contact.startswith("+"):
        wanted: tuple[str, ...] = _OF_PHONE
    else:
        wanted = ("email",) if "@" in left.contact else ()
    for column in wanted:
        for name, serves in serving:
            if serves == column and name != left.channel:
                yield name, left.contact
