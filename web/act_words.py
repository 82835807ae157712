"""What an act was, about what, and with which details, in words."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alerts.called import EVERYTHING, Thing
from collector.audit import SHOWN
from collector.cause import CAUSES
from collector.inventory.kinds import KINDS
from web import labels, words
from web.context import home_zone, now
from web.inventory.desk import TITLES
from web.tongue import Later, gettext, lazy_gettext, ngettext

VERBS: Mapping[str, Later] = {
    "account_add": lazy_gettext("Account made"),
    "account_change": lazy_gettext("Role or areas changed"),
    "account_lock": lazy_gettext("Account locked"),
    "account_unlock": lazy_gettext("Account unlocked"),
    "account_password": lazy_gettext("Password chosen"),
    "account_reset": lazy_gettext("Link for a new password made"),
    "account_sign_out": lazy_gettext("Signed out on all devices"),
    "account_identify": lazy_gettext("Wrote down by what a provider knows an account"),
    "account_bound": lazy_gettext("Account bound to its provider"),
    "account_step_add": lazy_gettext("Second step set up"),
    "account_step_codes": lazy_gettext("New recovery codes made"),
    "account_step_recovery": lazy_gettext("Signed in with a recovery code"),
    "account_step_remove": lazy_gettext("Second step taken away"),
    "person_file": lazy_gettext("Took a file of a person's data"),
    "person_erased": lazy_gettext("Erased a person's data"),
    "report_mail": lazy_gettext("Sent a month's report"),
    "head_mail": lazy_gettext("Sent the head of the evidence"),
    "session_end": lazy_gettext("One sign-in ended"),
    "token_add": lazy_gettext("Token made"),
    "token_revoke": lazy_gettext("Token revoked"),
    "acknowledge": lazy_gettext("Took an incident"),
    "take_part": lazy_gettext("Took their part of an incident"),
    "handle": lazy_gettext("Handled an incident"),
    "handle_part": lazy_gettext("Handled their part of an incident"),
    "note": lazy_gettext("Wrote a note"),
    "photo": lazy_gettext("Added a photo"),
    "photo gone": lazy_gettext("Removed a photo"),
    "assign": lazy_gettext("Assigned an incident"),
    "pause": lazy_gettext("Stopped the clock"),
    "resume": lazy_gettext("Let the clock go on"),
    "snooze": lazy_gettext("Left an incident alone"),
    "ticket": lazy_gettext("Wrote down the ticket of the ISP"),
    "cause": lazy_gettext("Corrected the cause"),
    "merge_incidents": lazy_gettext("Merged incidents"),
    "split_incident": lazy_gettext("Split a site off an incident"),
    "settle_incident": lazy_gettext("Declared an incident settled"),
    "citizen_answer": lazy_gettext("Answered a citizen's report"),
    "citizen_close": lazy_gettext("Closed a citizen's report"),
    "citizen_join": lazy_gettext("Joined a citizen's report to an incident"),
    "citizen_spam": lazy_gettext("Called a citizen's report spam"),
    "citizen_show": lazy_gettext("Let the words of a citizen's report be shown, or not"),
    "mute": lazy_gettext("Muted"),
    "mute_end": lazy_gettext("Ended a mute"),
    "quiet": lazy_gettext("Set quiet hours"),
    "quiet_end": lazy_gettext("Ended quiet hours"),
    "window": lazy_gettext("Planned work"),
    "window_end": lazy_gettext("Cancelled planned work"),
    "maintenance": lazy_gettext("Planned work began or ended"),
    "duty": lazy_gettext("Put somebody on duty"),
    "duty_end": lazy_gettext("Took a shift out of the rota"),
    "override": lazy_gettext("Changed a threshold"),
    "inventory": lazy_gettext("Changed the inventory"),
    "codes": lazy_gettext("Made enrolment codes"),
    "ready_by": lazy_gettext("Set the day of readiness"),
    "contact_test": lazy_gettext("Tried a contact"),
    "contact_trial": lazy_gettext("Sent a trial message to contacts"),
    "recode": lazy_gettext("Gave new codes to villages"),
    "webhook_add": lazy_gettext("Added a webhook"),
    "webhook_change": lazy_gettext("Changed a webhook"),
    "webhook_remove": lazy_gettext("Removed a webhook"),
    "channel_tested": lazy_gettext("Tried a channel"),
    "approve": lazy_gettext("Let an agent in"),
    "revoke": lazy_gettext("Sent an agent away"),
    "grant": lazy_gettext("Let an agent speak for other places"),
    "ask": lazy_gettext("Asked an agent to act"),
    "password": lazy_gettext("Kept or forgot a password of checks"),
    "run": lazy_gettext("Had a playbook run"),
    "run_approved": lazy_gettext("Approved a run as the second person"),
    "run_stopped": lazy_gettext("Stopped a run"),
    "host": lazy_gettext("Kept a device of playbooks"),
    "host_key": lazy_gettext("Pinned a host key"),
    "schedule": lazy_gettext("Had a playbook run again and again"),
    "schedule_end": lazy_gettext("Ended a playbook that ran again and again"),
    "automatic": lazy_gettext("Let a playbook begin by itself"),
    "automatic_off": lazy_gettext("No playbook begins by itself any more"),
    "host_removed": lazy_gettext("Forgot a device of playbooks"),
    "sealed": lazy_gettext("Sealed the evidence of the days before"),
    "centre": lazy_gettext("Changed which centres report here"),
    "exempt": lazy_gettext("Declared what no provider answers for"),
    "exempt_end": lazy_gettext("Took back what no provider answers for"),
}
_KINDS: Mapping[str, Later] = {
    "account": lazy_gettext("account"),
    "token": lazy_gettext("token"),
    "webhook": lazy_gettext("webhook"),
    "person": lazy_gettext("person"),
    "duty": lazy_gettext("shift"),
    "window": lazy_gettext("planned work"),
    "citizen": lazy_gettext("citizen's report"),
    "mute": lazy_gettext("mute"),
    "rule": lazy_gettext("rule"),
    "run": lazy_gettext("run"),
    "schedule": lazy_gettext("schedule"),
    "upstream": lazy_gettext("upstream"),
    "record": lazy_gettext("sealed record"),
    "exemption": lazy_gettext("exemption"),
}
_DETAILS: Mapping[str, Later] = {
    "role": lazy_gettext("role"),
    "areas": lazy_gettext("areas"),
    "area": lazy_gettext("area"),
    "site": lazy_gettext("place"),
    "scope": lazy_gettext("place"),
    "name": lazy_gettext("name"),
    "by": lazy_gettext("by"),
    "note": lazy_gettext("note"),
    "cause": lazy_gettext("cause"),
    "since": lazy_gettext("since"),
    "until": lazy_gettext("until"),
    "ends": lazy_gettext("until"),
    "expires_at": lazy_gettext("until"),
    "begins": lazy_gettext("from"),
    "minutes": lazy_gettext("minutes"),
    "title": lazy_gettext("what"),
    "person": lazy_gettext("person"),
    "codes": lazy_gettext("rows"),
    "removed": lazy_gettext("removed"),
    "sites": lazy_gettext("sites"),
    "days": lazy_gettext("days"),
    "day": lazy_gettext("day"),
    "agent": lazy_gettext("agent"),
    "do": lazy_gettext("to do"),
    "scopes": lazy_gettext("places"),
    "threshold": lazy_gettext("threshold"),
    "for_s": lazy_gettext("must last"),
    "off": lazy_gettext("switched off"),
    "set": lazy_gettext("kept"),
    "bound": lazy_gettext("may go elsewhere"),
    "forgotten": lazy_gettext("forgotten"),
    "target": lazy_gettext("address"),
    "targets": lazy_gettext("targets"),
    "people": lazy_gettext("people"),
    "active": lazy_gettext("switched on"),
    "local": lazy_gettext("with a password, too"),
    "issuer": lazy_gettext("provider"),
    "taken": lazy_gettext("taken"),
    "approval": lazy_gettext("needs approval"),
    "first_day": lazy_gettext("first day"),
    "last_day": lazy_gettext("last day"),
    "import": lazy_gettext("import"),
    "playbook": lazy_gettext("playbook"),
    "dry": lazy_gettext("dry run"),
    "reason": lazy_gettext("why"),
    "platform": lazy_gettext("platform"),
    "key": lazy_gettext("key"),
    "record": lazy_gettext("sealed record"),
    "link": lazy_gettext("head"),
    "kind": lazy_gettext("kind"),
    "why": lazy_gettext("why"),
}
_TIMES = ("since", "until", "ends", "expires_at")
_TEXT = r'"((?:[^"\\]|\\.)*)"?'
# as far as it goes: of a long body only the beginning is here
_PAIR = re.compile(rf'"(\w+)":(?:{_TEXT}|(-?[\d.]+|true|false)|\[((?:{_TEXT},?)*))')
_ONE = re.compile(_TEXT)
_SHOWN_OF_LIST = 3


def verb(name: str) -> str:
    """`Akun dikunci` for account_lock."""
    return str(VERBS.get(name, name))


def choices() -> Sequence[tuple[str, str]]:
    """All verbs with their words, by their words."""
    return sorted(((name, str(word)) for name, word in VERBS.items()), key=lambda each: each[1])


def subject(text: str, thing: Thing) -> str:
    """What an act was about, in words."""
    if text in KINDS:
        return str(TITLES[text])
    if text == "passwords":
        return gettext("Passwords of checks")
    if thing.kind == EVERYTHING:
        return gettext("everything")
    if thing.kind == "contact":
        place = gettext("everywhere") if thing.place == "*" else thing.place
        return f"{thing.name} ({place})"
    named = f"#{thing.key}" if thing.name == thing.key and thing.key.isdigit() else thing.said
    kind = str(_KINDS.get(thing.kind, ""))
    return f"{kind} {named}".strip()


def details(body: str) -> list[str]:
    """`peran: pengelola`; what nobody needs to read is left out, and what is cut off says so."""
    told = body.partition('"rows":')[0]
    found = [f"{_DETAILS[key]}: {value}" for key, value in _pairs(told) if value]
    return [*found, "..."] if len(body) >= SHOWN and told == body else found


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    for found in _PAIR.finditer(body):
        key, text, number, listed = found[1], found[2], found[3], found[4]
        if key not in _DETAILS:
            continue
        if listed is not None:
            yield key, _listed([_plain(one[1]) for one in _ONE.finditer(listed)])
        elif text is not None:
            yield key, _said(key, _plain(text))
        else:
            yield key, _counted(key, number)


def _said(key: str, text: str) -> str:
    if key == "role":
        return labels.role(text)
    name, colon, why = text.partition(": ")
    if key == "cause" or (key == "note" and colon and name in CAUSES):
        return f"{labels.cause(name)}{colon}{why}"
    ways = {"password": gettext("password"), "link": gettext("link")}
    return ways.get(text, text) if key == "by" else text


def _counted(key: str, text: str) -> str:
    if text in ("true", "false"):
        return gettext("yes") if text == "true" else ""
    value = float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else 0.0
    if key in _TIMES and value > 1e9:
        zone = home_zone()
        return f"{words.moment(value, zone, now())} {words.zone_name(zone, value)}"
    return words.lasted(value) if key == "for_s" else text


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _SHOWN_OF_LIST
    told = ", ".join(texts[:_SHOWN_OF_LIST])
    return f"{told}, {ngettext('and %(num)s more', 'and %(num)s more', more)}" if more > 0 else told


def _plain(text: str) -> str:
    try:
        found: Any = json.loads(f'"{text}"')
    except ValueError:
        return text
    return str(found)
