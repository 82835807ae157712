"""The words and shapes people see of playbooks: levels, parts, states, reasons, refusals."""

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from playbooks.model import Command, Kind, Look, Platform, Proof
from playbooks.plan import Guarding, Part, Planned
from playbooks.run_rows import HostRow, Run
from playbooks.states import OPEN_RUNS, WORKING, HostState
from web import reasons, words
from web.playbooks.powers import No
from web.tongue import gettext, lazy_gettext, spoken

LEVELS: Mapping[str, Any] = {
    "green": lazy_gettext("Green"),
    "yellow": lazy_gettext("Yellow"),
    "red": lazy_gettext("Red"),
}
WHO: Mapping[str, Any] = {
    "green": lazy_gettext("safe, village IT may press"),
    "yellow": lazy_gettext("technician"),
    "red": lazy_gettext("technician and a second person, in a maintenance window"),
}
BARS = {"green": 1, "yellow": 2, "red": 3}
_PARTS: Mapping[str, Any] = {
    Part.PRECHECK: lazy_gettext("look first"),
    Part.SNAPSHOT: lazy_gettext("keep how it was"),
    Part.GUARD: lazy_gettext("safety net"),
    Part.DO: lazy_gettext("act"),
    Part.VERIFY: lazy_gettext("prove"),
    Part.PERSIST: lazy_gettext("make it stay"),
    Part.DISARM: lazy_gettext("take the net away"),
    Part.UNDO: lazy_gettext("undo"),
}
# what the engine does with the net, which is no command of the playbook
_GUARDING: Mapping[str, Any] = {
    Guarding.PREPARE: lazy_gettext("make room for the snapshot on the device"),
    Guarding.PROVE: lazy_gettext("show that the device can undo by itself"),
    Guarding.ARM: lazy_gettext("have the device undo by itself, unless it is stopped in time"),
    Guarding.DISARM: lazy_gettext("stop the undo: the change stays"),
    Guarding.CLEAR: lazy_gettext("remove what the net left on the device"),
    Guarding.FIRE: lazy_gettext("have the device undo now"),
}
RUN_STATES: Mapping[str, Any] = {
    "proposed": lazy_gettext("waits for a second person"),
    "waiting": lazy_gettext("waiting"),
    "running": lazy_gettext("running"),
    "done": lazy_gettext("succeeded"),
    "failed": lazy_gettext("failed"),
    "stopped": lazy_gettext("stopped"),
}
HOST_STATES: Mapping[str, Any] = {
    "waiting": lazy_gettext("waiting"),
    "running": lazy_gettext("running"),
    "settling": lazy_gettext("asking how it stands"),
    "done": lazy_gettext("succeeded"),
    "failed": lazy_gettext("failed"),
    "rolled_back": lazy_gettext("rolled back"),
    "interrupted": lazy_gettext("interrupted"),
    "unknown": lazy_gettext("not known"),
    "blocked": lazy_gettext("held back"),
    "skipped": lazy_gettext("left out"),
}
STEP_STATES: Mapping[str, Any] = {
    "running": lazy_gettext("running"),
    "done": lazy_gettext("done"),
    "failed": lazy_gettext("failed"),
    "interrupted": lazy_gettext("interrupted"),
}
# shape, then word, then colour
SHAPES = {
    "proposed": "maint",
    "waiting": "unknown",
    "running": "run",
    "settling": "run",
    "done": "normal",
    "failed": "down",
    "stopped": "slow",
    "rolled_back": "slow",
    "interrupted": "slow",
    "unknown": "unknown",
    "blocked": "maint",
    "skipped": "unknown",
}
PLATFORMS: Mapping[str, str] = {
    Platform.ROUTEROS: "MikroTik RouterOS",
    Platform.OPENWRT: "OpenWrt",
    Platform.DEBIAN: "Debian",
}
WAYS: Mapping[str, Any] = {
    "direct": lazy_gettext("directly, or by the VPN"),
    "jump": lazy_gettext("through another machine"),
    "tunnel": lazy_gettext("through the tunnel of its agent"),
}
_LOOKS: Mapping[str, Any] = {
    Proof.HEARTBEAT: lazy_gettext("the centre sees a report of the site within %(time)s"),
    Proof.CHECK: lazy_gettext("the check %(what)s is good within %(time)s"),
    Proof.HOLDS: lazy_gettext("the centre sees %(what)s within %(time)s"),
}
# as `plan.said` writes one down
_LOOK = re.compile(r"(heartbeat|check|holds)(?: (.+))? within ([0-9]+) s", re.DOTALL)
_NO: Mapping[str, Any] = {
    No.ROLE: lazy_gettext("Your role does not allow this."),
    No.OUTSIDE: lazy_gettext("This place lies outside your areas."),
    No.SAME: lazy_gettext("You asked for it yourself: somebody else has to approve it."),
    No.OVER: lazy_gettext("It does not wait for that any more."),
}
KINDS: Mapping[str, Any] = {
    Kind.IP: lazy_gettext("IP address"),
    Kind.CIDR: lazy_gettext("network, such as 10.0.0.0/24"),
    Kind.HOSTNAME: lazy_gettext("host name"),
    Kind.INTERFACE: lazy_gettext("interface, such as ether1 or br-lan"),
    Kind.IDENTIFIER: lazy_gettext("letters, digits and . _ @ : -"),
    Kind.INT: lazy_gettext("whole number"),
    Kind.SECRET: lazy_gettext("secret: no page shows it again"),
    Kind.ARCHIVE: lazy_gettext("name of a kept configuration of the device"),
    Kind.ENUM: lazy_gettext("one of the list"),
}


def say(told: Mapping[str, str]) -> str:
    """Words of a playbook's file in the reader's language."""
    return told.get(spoken()) or told.get("en", "")


def part(name: str) -> str:
    return str(_PARTS.get(name, name))


def does(step: Planned) -> tuple[str, bool]:
    """What a step of a plan does, and whether that is a command as the device gets it."""
    if isinstance(step.does, Guarding):
        return str(_GUARDING[step.does]), False
    if isinstance(step.does, Look):
        return _seen(step.does, step.shown), False
    return step.shown, isinstance(step.does, Command)


def was(part_name: str, shown: str) -> tuple[str, bool]:
    """The same of a step as it was written down: all that is left of it is its text."""
    if shown in set(Guarding) and part_name in (Part.GUARD, Part.DISARM, Part.UNDO):
        return str(_GUARDING[Guarding(shown)]), False
    look = _LOOK.fullmatch(shown) if part_name == Part.VERIFY else None
    if look is None:
        return shown, True
    return _looked_for(Proof(look[1]), look[2] or "", float(look[3])), False


def refusal(no: No | None) -> str:
    return str(_NO[no]) if no else ""


def reason(text: str) -> str:
    """Why it failed, waits or is held back."""
    return reasons.run(text)


def left_out(text: str) -> str:
    """Why a schedule began nothing when it was due, as `PLACE: PROBLEM` was written down."""
    place, _, problem = text.partition(": ")
    if (place, problem) == ("site", "none is named"):
        return gettext("no site in service there has a device that fits")
    return f"{place}: {reason(problem)}" if problem else text


def armed(row: HostRow, zone: tzinfo, now: float) -> str:
    """Until when the device may still undo by itself; empty where it does not, or has."""
    if row.guard_until is None or row.state not in (*WORKING, HostState.INTERRUPTED):
        return ""
    at = f"{words.clock(row.guard_until, zone)} {words.zone_name(zone, now)}"
    if row.guard_until <= now:
        return gettext("its time to undo by itself was over at %(at)s", at=at)
    return gettext("undo armed until %(at)s", at=at)


def open_now(run: Run) -> bool:
    return run.state in OPEN_RUNS


def _seen(look: Look, shown: str) -> str:
    """`shown` is `PROOF SUBJECT within N s`, its parameters filled in."""
    subject = shown.removeprefix(look.proof.value).rpartition(" within ")[0].strip()
    return _looked_for(look.proof, subject, look.within_s)


def _looked_for(proof: Proof, subject: str, within_s: float) -> str:
    return str(_LOOKS[proof]) % {"what": subject, "time": words.lasted(within_s)}
