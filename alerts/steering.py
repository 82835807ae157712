"""What people steer of an incident: its clock, its cause, who has it, what it is part of.

Each is a compare-and-set on the row, an act and a line of the chronicle, in one transaction.
"""

import contextlib
from collections.abc import Callable

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import chronicle, incidents, members
from alerts.ailments import SITE
from alerts.cases import SETTLED
from alerts.escalation import FIRST
from alerts.hands import What
from alerts.hindsight import CORRECTED
from alerts.incidents import RESOLVED, UNRESOLVED, Incident, New
from alerts.members import Member
from collector import acts, corrections
from collector.cause import CAUSES
from collector.printable import on_one_line

# the engine reads its incidents anew after these
MERGE, SPLIT, SETTLE = "merge_incidents", "split_incident", "settle_incident"
LONGEST_SNOOZE_S = 7 * 86400.0
_WORDS = 200


def pause(connection: Connection, number: int, why: str, by: str, now: float) -> What:
    """The clock stands: somebody else is waited for, the provider or PLN."""
    text = _said("why", why)
    return _set(
        connection, number, by, now, "pause", text, lambda row: row.paused_at is None,
        paused_at=now, paused_why=text,
    )  # fmt: skip


def resume(connection: Connection, number: int, by: str, now: float) -> What:
    """The clock goes on."""
    row = incidents.find(connection, number)
    stood = row.paused_s if row is not None else 0.0
    if row is not None and row.paused_at is not None:
        stood += max(0.0, now - row.paused_at)
    return _set(
        connection, number, by, now, "resume", "", lambda one: one.paused_at is not None,
        paused_at=None, paused_why="", paused_s=stood,
    )  # fmt: skip


def snooze(connection: Connection, number: int, until: float, by: str, now: float) -> What:
    """Nobody is told more of it until then."""
    if not now < until <= now + LONGEST_SNOOZE_S:
        raise Refused("for", "longer than nothing, and 7 days at most")
    return _set(connection, number, by, now, "snooze", f"until {until:.0f}", snoozed_until=until)


def assign(
    connection: Connection, number: int, person: str, by: str, now: float, was: str | None = None
) -> What:
    """Somebody is to work on it; `was`: who was to, as far as the asker knows."""
    name = _said("person", person)
    found = _unless_changed(connection, number, was, lambda row: row.assigned_to)
    return found or _set(connection, number, by, now, "assign", name, assigned_to=name)


def ticket(
    connection: Connection,
    number: int,
    name: str,
    at: float,
    by: str,
    now: float,
    was: str | None = None,
) -> What:
    """The provider's own number for it, and when it was reported to them."""
    text = _said("ticket", name)
    found = _unless_changed(connection, number, was, lambda row: row.ticket)
    return found or _set(connection, number, by, now, "ticket", text, ticket=text, ticket_at=at)


def settle(connection: Connection, number: int, by: str, now: float) -> What:
    """What goes up and down, and is good now, is over without waiting for it to stay so.

    It is the engine that ends it, and tells whoever was told of it.
    """
    row = incidents.find(connection, number)
    if row is None or row.over:
        return What.MISSING if row is None else What.OVER
    joined = members.of(connection, [number])[number]
    if row.parent or not joined or any(one.good_at is None for one in joined):
        return What.STILL_BAD
    good_at = max(one.good_at or 0.0 for one in joined)
    details = {**row.details, SETTLED: now}
    if row.details.get(SETTLED, 0.0) >= good_at:
        return What.AGAIN
    return _set(connection, number, by, now, SETTLE, "", details=details)


def correct(
    connection: Connection,
    number: int,
    cause: str,
    note: str,
    by: str,
    now: float,
    was: str | None = None,
) -> What:
    """Somebody knows the cause; what was guessed is kept beside it. Also when it is over."""
    if cause not in CAUSES:
        raise Refused("cause", f"{cause!r} is not one of {', '.join(CAUSES)}")
    why = _said("note", note)
    row = incidents.find(connection, number)
    if row is None:
        return What.MISSING
    if was is not None and row.cause != was:
        return What.CHANGED
    guessed = {"cause": row.cause, "confidence": row.confidence, "evidence": list(row.evidence)}
    before = row.details.get(CORRECTED, {}).get("guess", guessed)
    told = {"by": by, "at": now, "why": why, "guess": before}
    incidents.change(
        connection, number, (*UNRESOLVED, RESOLVED), cause=cause, confidence=1.0,
        evidence=[*before["evidence"], f"{by}: {why}"],
        details={**row.details, CORRECTED: told},
    )  # fmt: skip
    if row.key.startswith(SITE):
        # the state of the site, which availability is counted by; it may have been put right since
        with contextlib.suppress(Refused):
            corrections.correct(connection, by, now, row.site, row.down_since, cause, why)
    _note(connection, number, by, now, "cause", f"{cause}: {why}")
    return What.DONE


def merge(connection: Connection, number: int, into: int, by: str, now: float) -> What:
    """An incident is part of another one; its members go there."""
    target = incidents.find(connection, into)
    if target is None or target.over or number == into:
        return What.MISSING if target is None else What.OVER
    if not incidents.merge(connection, number, into, now):
        return _why_not(connection, number)
    members.move(connection, number, into)
    came = [*target.details.get("from", []), *incidents.lineage(connection, number)]
    count = members.count(connection, into)
    details = {**target.details, "from": came}
    incidents.change(connection, into, UNRESOLVED, members=count, details=details)
    _note(connection, number, by, now, MERGE, f"part of #{into}")
    chronicle.note(connection, into, now, "joined", f"#{number}", by)
    return What.DONE


def split(connection: Connection, number: int, site: str, by: str, now: float) -> tuple[What, int]:
    """What is wrong at one site is a matter of its own; the number of the new incident."""
    row = incidents.find(connection, number)
    if row is None or row.over:
        return (What.MISSING if row is None else What.OVER), 0
    joined = members.of(connection, [number])[number]
    theirs = [one for one in joined if one.site == site and one.good_at is None]
    if not theirs or len(joined) == len(theirs):
        raise Refused("site", f"{site!r} is not one of several sites of incident {number}")
    made = [_alone(connection, row, one, now) for one in theirs]
    members.leave(connection, number, [one.key for one in theirs])
    _note(connection, number, by, now, SPLIT, f"{site} is #{made[0]} now")
    return What.DONE, made[0]


def _alone(connection: Connection, whole: Incident, member: Member, now: float) -> int:
    new = New(
        key=member.key,
        subject=whole.subject,
        severity=whole.severity,
        title=member.title,
        down_since=member.bad_at,
        site=member.site,
        cause=whole.cause,
        confidence=whole.confidence,
        evidence=whole.evidence,
        details={"from": incidents.lineage(connection, whole.id)},
    )
    made = incidents.open_incident(connection, new, now)
    # its people were told as part of the other one
    incidents.change(connection, made, UNRESOLVED, rung=FIRST, told_at=now)
    members.save(
        connection, [Member(made, member.key, member.site, member.title, member.bad_at, now)]
    )
    return made


def _set(
    connection: Connection,
    number: int,
    by: str,
    now: float,
    verb: str,
    text: str,
    fits: Callable[[Incident], bool] | None = None,
    **values: object,
) -> What:
    row = incidents.find(connection, number)
    if row is not None and not row.over and fits is not None and not fits(row):
        return What.AGAIN
    if not incidents.change(connection, number, UNRESOLVED, **values):
        return _why_not(connection, number)
    _note(connection, number, by, now, verb, text)
    return What.DONE


def _unless_changed(
    connection: Connection, number: int, was: str | None, current: Callable[[Incident], str]
) -> What | None:
    row = incidents.find(connection, number)
    changed = was is not None and row is not None and current(row) != was
    return What.CHANGED if changed else None


def _why_not(connection: Connection, number: int) -> What:
    return What.MISSING if incidents.find(connection, number) is None else What.OVER


def _note(connection: Connection, number: int, by: str, now: float, verb: str, text: str) -> None:
    acts.record(connection, now, by, verb, incidents.subject(number), {"note": text})
    chronicle.note(connection, number, now, verb, text, by)


def _said(place: str, text: str) -> str:
    flat = on_one_line(text)
    if not flat:
        raise Refused(place, "is empty")
    if len(flat) > _WORDS:
        raise Refused(place, f"at most {_WORDS} characters")
    return flat
