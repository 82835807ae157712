"""What is held of a person, row by row, in words; what programs alone need is in the file."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from alerts.called import parse
from web import act_words, incident_words, labels, words
from web.context import home_zone, now
from web.tongue import Later, gettext, lazy_gettext

# names of columns; those that only programs need stand in APART
TITLES: Mapping[str, Later] = {
    "acknowledged_at": lazy_gettext("taken"),
    "acknowledged_by": lazy_gettext("taken by"),
    "active": lazy_gettext("switched on"),
    "address": lazy_gettext("address"),
    "answer": lazy_gettext("answer"),
    "answered_at": lazy_gettext("answered"),
    "applied_at": lazy_gettext("imported"),
    "approved_at": lazy_gettext("approved"),
    "approved_by": lazy_gettext("approved by"),
    "place": lazy_gettext("place"),
    "playbook": lazy_gettext("playbook"),
    "applied_by": lazy_gettext("imported by"),
    "area": lazy_gettext("area"),
    "areas": lazy_gettext("areas"),
    "asked_at": lazy_gettext("asked"),
    "assigned_to": lazy_gettext("given to"),
    "at": lazy_gettext("when"),
    "began": lazy_gettext("since"),
    "begins": lazy_gettext("from"),
    "begun_at": lazy_gettext("begun"),
    "body": lazy_gettext("text"),
    "by": lazy_gettext("by whom"),
    "cancelled_at": lazy_gettext("cancelled"),
    "channel": lazy_gettext("channel"),
    "confirmed_at": lazy_gettext("confirmed"),
    "contact": lazy_gettext("contact"),
    "created_at": lazy_gettext("made"),
    "days": lazy_gettext("days"),
    "device": lazy_gettext("device"),
    "down_since": lazy_gettext("since"),
    "email": lazy_gettext("e-mail"),
    "ends": lazy_gettext("until"),
    "expires_at": lazy_gettext("until"),
    "failed": lazy_gettext("failed sign-ins"),
    "first_day": lazy_gettext("first day"),
    "handled_at": lazy_gettext("handled"),
    "incident": lazy_gettext("incident"),
    "language": lazy_gettext("language"),
    "last_day": lazy_gettext("last day"),
    "lifted_at": lazy_gettext("ended"),
    "local": lazy_gettext("with a password, too"),
    "locked_by": lazy_gettext("locked by"),
    "locked_until": lazy_gettext("locked until"),
    "minutes": lazy_gettext("minutes"),
    "name": lazy_gettext("name"),
    "note": lazy_gettext("note"),
    "number": lazy_gettext("number"),
    "over_at": lazy_gettext("over"),
    "owner": lazy_gettext("owner"),
    "person": lazy_gettext("person"),
    "query": lazy_gettext("filter"),
    "resolved_at": lazy_gettext("over"),
    "revoked_at": lazy_gettext("revoked"),
    "role": lazy_gettext("role"),
    "saved_at": lazy_gettext("saved"),
    "scope": lazy_gettext("place"),
    "sent_at": lazy_gettext("sent"),
    "set_at": lazy_gettext("set"),
    "signed_in_at": lazy_gettext("last sign-in"),
    "site": lazy_gettext("place"),
    "sms": lazy_gettext("SMS"),
    "subject": lazy_gettext("about"),
    "target": lazy_gettext("to"),
    "targets": lazy_gettext("targets"),
    "telegram": lazy_gettext("Telegram"),
    "text": lazy_gettext("text"),
    "title": lazy_gettext("what"),
    "undone_at": lazy_gettext("undone"),
    "undone_by": lazy_gettext("undone by"),
    "used_at": lazy_gettext("used"),
    "user": lazy_gettext("account"),
    "verb": lazy_gettext("what"),
    "webhook": lazy_gettext("webhook"),
    "whatsapp": lazy_gettext("WhatsApp"),
    "why": lazy_gettext("why"),
    "withdrawn_at": lazy_gettext("taken back"),
}
# fmt: off
APART = frozenset((
    "held", "raised_at", "report", "reporter", "shown", "tell", "via",
    "a_day", "changes", "dry", "ended_at", "host_keys", "jump", "last_at", "last_run", "last_said",
    "level", "not_before", "off_at", "off_why", "old_algorithms", "params", "platform", "port",
    "reason", "since", "strange_at", "strange_key", "values", "way",
    "applied", "attempts", "call", "cause", "check", "confidence", "details", "edition",
    "evidence", "further", "height", "id", "key", "kind", "last_step", "marks", "members",
    "merged_into", "mode", "news", "next_try", "opened_at", "order", "parent", "parent_kind",
    "paused_at", "paused_s", "paused_why", "pseudonym", "repeats", "rev", "revocation", "rule",
    "rung", "severity", "size", "snoozed_until", "spares", "state", "ticket", "ticket_at", "told",
    "told_at", "told_to", "unseen", "width", "zone",
))
# fmt: on
_LANGUAGES = {"id": lazy_gettext("Indonesian"), "en": lazy_gettext("English")}
_NONE = (None, "", "[]", "{}")


def said(section: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Titles and words of a row; what is empty, and what only programs need, is left out."""
    told = {name: row[name] for name in row if name in TITLES and row[name] not in _NONE}
    texts = {name: _text(section, name, value) for name, value in told.items()}
    return [(str(TITLES[name]), text) for name, text in texts.items() if text]


def _text(section: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float):
        return words.moment(value, home_zone(), now()) if value else ""
    say = _SAID.get((section, name)) or _SAID.get(("", name)) or str
    return say(str(value)) if value != 0 else ""


def _listed(text: str) -> str:
    return ", ".join(json.loads(text)) if text.startswith("[") else text.replace("|", ", ")


# how a column of a section, or of any, is said
_SAID: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("", "role"): labels.role,
    ("", "scope"): lambda text: act_words.subject(text, parse(text)),
    ("", "language"): lambda text: str(_LANGUAGES.get(text, text)),
    ("", "areas"): _listed,
    ("", "targets"): _listed,
    ("", "channel"): incident_words.channel,
    ("acts", "verb"): act_words.verb,
    ("acts", "subject"): lambda text: act_words.subject(text, parse(text)),
    ("acts", "body"): lambda text: "; ".join(act_words.details(text)),
    ("incident_log", "verb"): lambda text: str(incident_words.DONE.get(text, text)),
    ("notices", "body"): lambda text: str(json.loads(text).get("text", "")),
}
