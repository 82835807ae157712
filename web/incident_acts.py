"""What people do about an incident: each by POST, by compare-and-set, with its act.

A view finds, asks, answers: the floors below decide, and write why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import hands, incident_rows, incidents, mutes, photos, steering
from alerts.hands import Outcome, What
from alerts.incidents import Incident
from alerts.photos import Kept
from collector import inventory
from collector.db import reading, writing
from web import incident_page, incident_words, pictures
from web.context import centre, me, now, scope
from web.incidents import MUTE_HOURS, powers, seen
from web.pictures import photo_words
from web.powers import Powers
from web.tongue import gettext, lazy_gettext

bp = Blueprint("incident_acts", __name__, url_prefix="/incidents")

Done = What | Outcome
_WRONG: dict[str, Any] = {
    "why": lazy_gettext("Say why, in 200 characters at most."),
    "person": lazy_gettext("Choose somebody of the list."),
    "ticket": lazy_gettext("Give the ticket's number, and a time that is not to come."),
    "cause": lazy_gettext("Choose a cause of the list."),
    "note": lazy_gettext("Say how you know, in 200 characters at most."),
    "into": lazy_gettext("Give the number of an open incident that you may see."),
    "for": lazy_gettext("Choose a time of the list."),
    "site": lazy_gettext("Choose one of several sites that are still bad."),
    "mutes": lazy_gettext("Too many mutes are in force: lift some first."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, about what, when, with which words."""

    incident: Incident
    may: Powers
    by: str
    now: float
    words: Mapping[str, str]

    @property
    def id(self) -> int:
        return self.incident.id

    def word(self, name: str) -> str:
        return self.words.get(name, "").strip()[:1000]


@bp.post("/<int:number>/<verb>")
def act(number: int, verb: str) -> Response:
    """Do it, say what became of it, show the incident again."""
    if verb not in _VERBS:
        abort(404)
    try:
        said = perform(number, verb, request.form)
    except Refused as refused:
        said = str(_WRONG.get(refused.place, refused))
    if said:
        flash(said, "bad")
    listed = not said and request.form.get("next") == "list"
    onward = url_for("incidents.index") if listed else url_for("incidents.show", number=number)
    return redirect(onward, 303)


def perform(number: int, verb: str, words: Mapping[str, str]) -> str:
    """Do it in the name of who asks; empty, or why not. Refused names the word that is wrong."""
    with writing(centre().store) as connection:
        return _VERBS[verb](connection, _asked(connection, number, verb, words))


@bp.post("/<int:number>/photo")
def photo(number: int) -> Response:
    """Keep a photo; what cameras write beside it is not kept."""
    sent = request.files.get("photo")
    try:
        kept = keep_photo(number, sent.read() if sent is not None else b"")
        flash(photo_words(kept.name.lower()), "good" if kept is Kept.DONE else "bad")
    except Refused as refused:
        flash(photo_words(refused.problem), "bad")
    return redirect(url_for("incidents.show", number=number), 303)


def keep_photo(number: int, data: bytes) -> Kept:
    """What became of a photo of an incident; Refused where it is none that can be kept."""
    with reading(centre().store) as connection:
        _asked(connection, number, "photo")
    # decoded outside of any transaction: it takes its time
    picture = pictures.fit(data)
    with writing(centre().store) as connection:
        asked = _asked(connection, number, "photo")
        return photos.add(connection, asked.id, picture, asked.by, asked.now)


def photographer(number: int) -> str:
    """The account that asks, where it may send a photo of this incident."""
    with reading(centre().store) as connection:
        return _asked(connection, number, "photo").by


def _asked(
    connection: Connection, number: int, verb: str, words: Mapping[str, str] | None = None
) -> Asked:
    incident, may = seen(connection, number)
    no = may.refusal(verb)
    # what is over meanwhile is told by the act itself: the page was true when it was shown
    if no is not None and no.value != "over":
        abort(403, incident_words.refusal(no))
    user = me()
    assert user is not None
    return Asked(incident, powers(connection, incident), user.name, now(), words or {})


def _take(connection: Connection, asked: Asked) -> str:
    role = asked.may.speaks_as
    return _became(hands.take(connection, asked.id, asked.by, asked.now, role), asked.by)


def _handled(connection: Connection, asked: Asked) -> str:
    role, note = asked.may.speaks_as, asked.word("note")
    return _became(hands.handled(connection, asked.id, asked.by, asked.now, note, role), asked.by)


def _note(connection: Connection, asked: Asked) -> str:
    if not asked.word("note"):
        return gettext("The note is empty.")
    return _became(hands.note(connection, asked.id, asked.by, asked.now, asked.word("note")))


def _pause(connection: Connection, asked: Asked) -> str:
    return _became(steering.pause(connection, asked.id, asked.word("why"), asked.by, asked.now))


def _resume(connection: Connection, asked: Asked) -> str:
    return _became(steering.resume(connection, asked.id, asked.by, asked.now))


def _assign(connection: Connection, asked: Asked) -> str:
    person = asked.word("person")
    if not incident_page.helps(connection, asked.incident, person):
        raise Refused("person", "is none of those around")
    was = asked.word("was")
    return _became(steering.assign(connection, asked.id, person, asked.by, asked.now, was))


def _cause(connection: Connection, asked: Asked) -> str:
    cause, note, was = asked.word("cause"), asked.word("note"), asked.word("was")
    return _became(steering.correct(connection, asked.id, cause, note, asked.by, asked.now, was))


def _ticket(connection: Connection, asked: Asked) -> str:
    at = _local(asked)
    if not 0 < at <= asked.now:
        raise Refused("ticket", "is from the time to come")
    name, was = asked.word("ticket"), asked.word("was")
    return _became(steering.ticket(connection, asked.id, name, at, asked.by, asked.now, was))


def _local(asked: Asked) -> float:
    """The time given, in the zone of the incident; now where none is given."""
    text = asked.word("at")
    if not text:
        return asked.now
    home = centre().settings.timezone
    site = asked.incident.site
    zone = inventory.zone(site, home) if site else ZoneInfo(home)
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise Refused("ticket", "has no time that can be read") from None


def _merge(connection: Connection, asked: Asked) -> str:
    text = asked.word("into").removeprefix("#")
    into = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if not into or not _merges_into(connection, into):
        raise Refused("into", "is none that you may see")
    return _became(steering.merge(connection, asked.id, into, asked.by, asked.now))


def _merges_into(connection: Connection, number: int) -> bool:
    found = incidents.find(connection, number)
    there = found is not None and incident_rows.sees(connection, scope(), number)
    return found is not None and there and powers(connection, found).may("merge")


def _mute(connection: Connection, asked: Asked) -> str:
    hours = asked.word("hours")
    if hours not in map(str, MUTE_HOURS):
        raise Refused("for", "is none of the list")
    ends = asked.now + int(hours) * 3600.0
    about = f"incident:{asked.id}"
    mutes.add(connection, about, asked.word("why"), asked.by, asked.now, ends)
    return ""


def _settle(connection: Connection, asked: Asked) -> str:
    return _became(steering.settle(connection, asked.id, asked.by, asked.now))


def _snooze(connection: Connection, asked: Asked) -> str:
    hours = asked.word("hours")
    if hours not in map(str, MUTE_HOURS):
        raise Refused("for", "is none of the list")
    until = asked.now + int(hours) * 3600.0
    return _became(steering.snooze(connection, asked.id, until, asked.by, asked.now))


def _split(connection: Connection, asked: Asked) -> str:
    what, _ = steering.split(connection, asked.id, asked.word("site"), asked.by, asked.now)
    return _became(what)


def _photo_remove(connection: Connection, asked: Asked) -> str:
    text = asked.word("photo")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    gone = photos.remove(connection, asked.id, number, asked.by, asked.now)
    return "" if gone else gettext("This photo is not there any more.")


def _became(done: Done, by: str = "") -> str:
    """Empty when it was done; one's own word said twice is no mistake."""
    outcome = done if isinstance(done, Outcome) else Outcome(done)
    if outcome.what is What.DONE or (outcome.what is What.AGAIN and outcome.by == by != ""):
        return ""
    return incident_words.answer(outcome.what, outcome.by)


_VERBS: dict[str, Callable[[Connection, Asked], str]] = {
    "take": _take,
    "handled": _handled,
    "note": _note,
    "pause": _pause,
    "resume": _resume,
    "assign": _assign,
    "cause": _cause,
    "ticket": _ticket,
    "merge": _merge,
    "mute": _mute,
    "settle": _settle,
    "snooze": _snooze,
    "split": _split,
    "photo_remove": _photo_remove,
}
