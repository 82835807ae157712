"""Which words tell of an incident: by cause, by how its place is gone, by how wide it is. Pure."""

from collections.abc import Sequence

from alerts import message
from alerts.ailments import Ailment
from alerts.escalation import DEADLINE
from alerts.faults import SERVICE
from alerts.incidents import Incident
from alerts.message import Facts
from alerts.notices import OPENED

SUSPENDED = "suspended"
# causes that have a template of their own, and that a village looks at also where many have them
IN_REACH = ("power", SUSPENDED)
# templates of what many have
WIDE = ("wide", "wide_service")
# what whoever is not of the village hears of it: its people, and who mends it
ELSEWHERE = "elsewhere"
# who says nothing is not known to be down
_GONE = {"silent": "silent", "off": "off"}


def wide(incident: Incident) -> bool:
    """Many places have it: nobody mends it at their own modem.

    What is shared within one village is not wide.
    """
    local = incident.parent_kind == SERVICE and "@" in incident.parent
    return bool(incident.parent) and incident.members > 1 and not local


def choose(news: str, incident: Incident, ailment: Ailment, facts: Facts) -> str:
    """Which template tells this."""
    if news != OPENED:
        return "recovered"
    cause = incident.cause if ailment.of_site and incident.cause in IN_REACH else ""
    named = ailment.told.get("message", "")
    if wide(incident):
        # who opens only the page of the bill looks after the bill, however many there are
        cause = cause or (named if named in IN_REACH else "")
        return cause or WIDE[bool(facts.check)]
    if ailment.of_site:
        # it may have spoken since, and said that its line is down
        down = facts.site_state == "down"
        return cause or ("internet" if down else _GONE.get(ailment.kind, "internet"))
    if message.known(named):
        return named
    return message.choose(news, facts)


def within(chosen: str, limit: bool, role: str, opened: bool) -> str:
    """Which template tells the first line of the chosen one; "" where it is told as it is.

    What to look at by hand is for those who are there.
    """
    if limit:
        return DEADLINE
    there = role == "village" or not opened or chosen.startswith("mass")
    return "" if there or message.whole(chosen) else ELSEWHERE


def gone(ailments: Sequence[Ailment]) -> str:
    """How these places are gone, as a word of the reader's language."""
    if any(ailment.of_site and ailment.kind in _GONE for ailment in ailments):
        return "@gone_silent"
    return "@gone_down" if all(ailment.of_site for ailment in ailments) else "@gone_line"
