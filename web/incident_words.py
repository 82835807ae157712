"""What pages call an incident, what was done about it, and why something was not done."""

import re
from collections.abc import Mapping
from typing import Any

from alerts.ailments import SITE
from alerts.chronicle import Line
from alerts.hands import What
from alerts.incidents import Incident
from alerts.people import PHONE
from alerts.sources import BACKUP, BLIND
from collector.cause import CAUSES
from web import labels, reasons, words
from web.powers import No
from web.tongue import gettext, lazy_gettext, ngettext

SUBJECTS: dict[str, Any] = {
    "uplink": lazy_gettext("internet line"),
    "hotspot": lazy_gettext("hotspot"),
    "service": lazy_gettext("service"),
    "power": lazy_gettext("power"),
    "device": lazy_gettext("device"),
    "agent": lazy_gettext("Ronda agent"),
}
STATES: dict[str, Any] = {
    "open": lazy_gettext("nobody has it yet"),
    "acknowledged": lazy_gettext("being handled"),
    "handled": lazy_gettext("handled"),
    "resolved": lazy_gettext("recovered"),
}
SEVERITIES: dict[str, Any] = {
    "critical": lazy_gettext("critical"),
    "warning": lazy_gettext("warning"),
    "info": lazy_gettext("info"),
}
# by the template of its message
_TROUBLE: dict[str, Any] = {
    "internet": lazy_gettext("internet down"),
    "power": lazy_gettext("power outage"),
    "ups": lazy_gettext("running on battery"),
    "battery": lazy_gettext("battery almost empty"),
    "suspended": lazy_gettext("only the bill page opens"),
    "hotspot": lazy_gettext("nobody can sign in to the wifi"),
    "no_sign_in": lazy_gettext("nobody can sign in to the wifi"),
    "nobody": lazy_gettext("nobody uses the wifi"),
    "dhcp": lazy_gettext("wifi addresses almost used up"),
    "ap": lazy_gettext("access point is off"),
    "citizens_internet": lazy_gettext("citizens report the internet"),
    "citizens_app": lazy_gettext("citizens report an application"),
    "app": lazy_gettext("cannot be opened"),
    "app_slow": lazy_gettext("opens slowly"),
    "defaced": lazy_gettext("shows what is not the village's"),
    "disk": lazy_gettext("disk almost full"),
    "inodes": lazy_gettext("disk almost full of files"),
    "readonly": lazy_gettext("disk cannot be written to"),
    "certificate": lazy_gettext("certificate ends soon"),
    "domain": lazy_gettext("domain ends soon"),
    "quota": lazy_gettext("quota almost used up"),
    "slow": lazy_gettext("internet is slow"),
    "slow_answers": lazy_gettext("internet answers slowly"),
    "lossy": lazy_gettext("internet loses data"),
    "line": lazy_gettext("line is down"),
    "dns": lazy_gettext("names are not found (DNS)"),
    "port": lazy_gettext("cable is unplugged"),
    "optical": lazy_gettext("optical signal is weak"),
    "optical_falling": lazy_gettext("optical signal is falling"),
    "cpu": lazy_gettext("is busy"),
    "memory": lazy_gettext("memory almost full"),
    "hot": lazy_gettext("is too hot"),
    "clock": lazy_gettext("clock is wrong"),
    "reboots": lazy_gettext("starts again and again"),
    "missing": lazy_gettext("device is not there"),
    "dropping": lazy_gettext("agent drops measurements"),
    "two_agents": lazy_gettext("two agents with one token"),
    "configuration": lazy_gettext("agent refuses its configuration"),
    "check": lazy_gettext("check fails"),
}
DONE: dict[str, Any] = {
    "opened": lazy_gettext("Incident opened"),
    "joined": lazy_gettext("Joined"),
    "moved up": lazy_gettext("A wider cause was found"),
    "replaced": lazy_gettext("Became part of another incident"),
    "left over": lazy_gettext("Left over"),
    "told": lazy_gettext("Told"),
    "deadline": lazy_gettext("Warned of the deadline"),
    "not told": lazy_gettext("Not told further"),
    "good again": lazy_gettext("Good again"),
    "bad again": lazy_gettext("Broken again"),
    "flapping": lazy_gettext("Goes up and down"),
    "backlog": lazy_gettext("Told later by the agent"),
    "resolved": lazy_gettext("Recovered"),
    "taken": lazy_gettext("Acknowledged"),
    "handled": lazy_gettext("Handled"),
    "note": lazy_gettext("Note"),
    "photo": lazy_gettext("Photo added"),
    "photo gone": lazy_gettext("Photo removed"),
    "pause": lazy_gettext("Clock stopped"),
    "resume": lazy_gettext("Clock goes on"),
    "snooze": lazy_gettext("Left alone for a while"),
    "assign": lazy_gettext("Assigned"),
    "ticket": lazy_gettext("Ticket of the ISP"),
    "cause": lazy_gettext("Cause corrected"),
    "merge_incidents": lazy_gettext("Merged"),
    "split_incident": lazy_gettext("A site became a matter of its own"),
    "settle_incident": lazy_gettext("Declared settled"),
    "isp": lazy_gettext("Reported to the ISP"),
}
# how a site is whose line does not work, the worst first
_GONE = ("down", "unknown", "slow")
# lines that begin with the names of those who were told
NAMING = ("told", "deadline")
_DELIVERED: dict[str, Any] = {
    "waiting": lazy_gettext("waits to be sent"),
    "sent": lazy_gettext("sent"),
    "failed": lazy_gettext("failed"),
    "skipped": lazy_gettext("not sent"),
    "phone": lazy_gettext("to be phoned by a person"),
}
_CHANNELS = {"sms": "SMS", "whatsapp": "WhatsApp", "telegram": "Telegram", "email": "e-mail"}
_KEPT = "kept"
# what a person did stands out in the timeline
KEY_VERBS = frozenset({"opened", "taken", "handled", "resolved", "ticket", "pause", "cause"})
_ANSWERS: dict[What, Any] = {
    What.AGAIN: lazy_gettext("Nothing changed: it was so already."),
    What.OTHERS: lazy_gettext("%(by)s has it already."),
    What.HANDLED: lazy_gettext("It is handled already."),
    What.OVER: lazy_gettext("It is over."),
    What.CHANGED: lazy_gettext("Somebody changed it meanwhile. Look at it again."),
    What.STILL_BAD: lazy_gettext(
        "It is still broken. It ends by itself when that is good again; until then mark it handled."
    ),
    What.MISSING: lazy_gettext("There is no such incident."),
}
_REFUSALS: dict[No, Any] = {
    No.ROLE: lazy_gettext("Your role does not allow this."),
    No.OUTSIDE: lazy_gettext("Part of this incident lies outside your area: ask the control room."),
    No.OVER: lazy_gettext("It is over."),
}


def headline(incident: Incident) -> str:
    """`Benculuk: tidak melapor`: what and where."""
    if incident.parent:
        return gettext("%(name)s: mass fault", name=incident.title)
    if incident.key == BLIND:
        return gettext("The control room is blind")
    if incident.key == BACKUP:
        return gettext("The centre has no good backup")
    kind = str(incident.details.get("kind", ""))
    if incident.key.startswith(SITE):
        words = {"silent": gettext("not reporting"), "off": gettext("switched off")}
        return f"{incident.title}: {words.get(kind, gettext('internet down'))}"
    told = trouble(incident.details.get("told", {}).get("message", ""))
    return f"{incident.title}: {told}" if told else incident.title


def trouble(template: str) -> str:
    """What is wrong, by the template of its message; empty where that is of somebody's own."""
    return str(_TROUBLE[template]) if template in _TROUBLE else ""


def shape(incident: Incident, bad: Mapping[str, int], back: int = 0) -> str:
    """down, slow or unknown: as most of its sites are, `bad` by state; normal when none is, and
    so many are back. Silence is never red, and nobody who speaks again is down.
    """
    if back and not bad:
        return "normal"
    if incident.unseen:
        return "unknown"
    if incident.subject == "uplink" and (incident.parent or incident.key.startswith(SITE)):
        hit = [state for state in _GONE if bad.get(state)]
        if hit or not bad:
            return max(hit, key=lambda state: bad[state], default="unknown")
    return "down" if incident.severity == "critical" else "slow"


def shape_word(name: str, incident: Incident) -> str:
    """The word that stands with the shape."""
    if name == "normal":
        return gettext("Back, being watched")
    if name == "unknown":
        return gettext("Not reporting") if not incident.unseen else gettext("Cannot be seen")
    return gettext("Fault") if name == "down" else gettext("Warning")


def back(good: int, incident: Incident) -> str:
    """How many of its members are good again while it is not over; empty for none."""
    if not good or incident.over:
        return ""
    if good < incident.members:
        return ngettext("%(num)s back, being watched", "%(num)s back, being watched", good)
    return gettext("all back, being watched") if good > 1 else gettext("back, being watched")


def supposed(incident: Incident, share: bool = True) -> str:
    """`kabel FO putus, dugaan, keyakinan 60%`: its cause, and that it is a guess if it is one."""
    if not incident.cause or incident.cause == "unknown":
        return ""
    named = labels.cause(incident.cause)
    if incident.confidence >= 1:
        return named
    if share and incident.confidence:
        sure = words.share(incident.confidence, 0)
        guess = gettext("suspected, %(share)s sure", share=sure)
    else:
        guess = gettext("suspected")
    return f"{named}, {guess}"


def holder(incident: Incident) -> str:
    """Who has it; empty: nobody."""
    return incident.acknowledged_by or incident.assigned_to


def subject(name: str) -> str:
    return str(SUBJECTS.get(name, name))


def state(name: str) -> str:
    return str(STATES.get(name, name))


def stands(incident: Incident) -> str:
    """Its state for people: assigned is not yet in hands."""
    if incident.state == "open" and incident.assigned_to:
        return gettext("assigned")
    return state(incident.state)


def severity(name: str) -> str:
    return str(SEVERITIES.get(name, name))


def done(line: Line) -> str:
    """What a line of the chronicle tells, without its note."""
    return str(DONE.get(line.verb, line.verb))


def said(line: Line) -> str:
    """The note of a line in the reader's language."""
    name, colon, rest = line.note.partition(": ")
    if line.verb == "cause" and name in CAUSES:
        return f"{labels.cause(name)}: {rest}" if colon else labels.cause(name)
    if line.verb in NAMING and colon:
        return f"{reasons.say(name)}: {reasons.say(rest)}"
    if line.verb == "moved up" and colon:
        return f"{name.partition('|')[0]}: {reasons.say(rest)}"
    if line.verb == "snooze" or re.fullmatch(r"until \d+", line.note):
        return ""
    return reasons.say(line.note)


def answer(what: What, by: str = "") -> str:
    """What became of somebody's word, where it was not simply done."""
    text = _ANSWERS.get(what)
    return "" if text is None else gettext(text.text, by=by)


def refusal(no: No) -> str:
    return str(_REFUSALS[no])


def delivered(sort: str) -> str:
    """What became of a message."""
    return str(_DELIVERED.get(sort, sort))


def channel(name: str) -> str:
    if name in (PHONE, _KEPT):
        return gettext("by phone") if name == PHONE else gettext("only written down")
    return _CHANNELS.get(name, name)


def changed() -> str:
    """Somebody was faster."""
    return answer(What.CHANGED)
