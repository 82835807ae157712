"""What the next shift must know: what is open and who has it, what was done, what to watch."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts import chronicle, health, mutes, notices, windows
from alerts.called import Thing, called
from alerts.incidents import HANDLED, RESOLVED
from collector.cli_common import iso
from collector.schema import acts, incidents
from collector.schema import notices as notices_table
from collector.settings import Settings

# of each kind; how many more there are is said
MOST = 100
_ACTS_LOOKED_AT = 2000
_FLAPS = 3
# acts of people that no incident's own log tells of
VERBS = ("mute", "mute_end", "window", "window_end", "cause", "duty", "duty_end")


def note(
    connection: Connection,
    settings: Settings,
    now: float,
    hours: float,
    channels: Sequence[str] = (),
) -> dict[str, Any]:
    """The note as data; what ends within as many hours as it looks back is to be watched."""
    since = now - hours * 3600
    table = incidents
    opened = _rows(connection, table.c.state != RESOLVED)
    over = _rows(connection, table.c.resolved_at >= since, table.c.state == RESOLVED)
    watched = [
        *_deadlines(opened, settings, now, hours),
        *_to_phone(connection),
        *_ending(connection, now, hours),
        *_planned(connection, now, hours),
        *_flapping(connection, since),
        *_channels(connection, channels),
    ]
    return {
        "from": iso(since),
        "until": iso(now),
        "hours": hours,
        "open": [_open(row, settings, now) for row in opened[:MOST]],
        "open_in_all": len(opened),
        "over": [_over(row) for row in over[:MOST]],
        "over_in_all": len(over),
        "done": _done(connection, since),
        "watch": watched[:MOST],
        "watch_in_all": len(watched),
    }


def deadline_of(row: Mapping[str, Any], settings: Settings, now: float) -> float:
    """When an incident must be handled; moved by the time its clock stood."""
    stood: float = row["paused_s"]
    stood += now - row["paused_at"] if row["paused_at"] is not None else 0.0
    deadline: float = row["opened_at"] + stood + settings.handled_within_s
    return deadline


def _rows(connection: Connection, *wanted: Any) -> list[dict[str, Any]]:
    query = select(incidents).where(*wanted).order_by(incidents.c.id.desc()).limit(10_000)
    return [dict(row._mapping) for row in connection.execute(query)]


def _open(row: Mapping[str, Any], settings: Settings, now: float) -> dict[str, Any]:
    kept = ("id", "title", "severity", "state", "cause", "site", "members", "assigned_to")
    paused = row["paused_at"] is not None
    snoozed = row["snoozed_until"]
    return {
        **{name: row[name] for name in kept},
        "down_since": iso(row["down_since"]),
        "acknowledged_by": row["acknowledged_by"],
        "paused_why": row["paused_why"] if paused else "",
        "snoozed_until": iso(snoozed) if snoozed is not None and snoozed > now else None,
        "ticket": row["ticket"],
        "unseen": bool(row["unseen"]),
        "deadline_at": iso(deadline_of(row, settings, now)),
    }


def _over(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "title", "severity", "cause", "site")
    times = {"down_since": iso(row["down_since"]), "resolved_at": iso(row["resolved_at"])}
    return {**{name: row[name] for name in kept}, **times}


def _done(connection: Connection, since: float) -> list[dict[str, Any]]:
    """Lines of incidents, and acts of people that have none; in the order they were done."""
    lines: list[dict[str, Any]] = [
        {"at": e.at, "by": e.by, "incident": e.incident, "verb": e.verb, "note": e.note}
        for e in chronicle.since(connection, since, MOST)
        if e.by
    ]
    told = {(line["at"], line["by"], line["verb"]) for line in lines}
    newest = select(acts).order_by(acts.c.id.desc()).limit(_ACTS_LOOKED_AT)
    done = [
        act
        for act in connection.execute(newest)
        if act.at >= since
        and act.by
        and act.verb in VERBS
        # what was put right at an incident was so at its site, too
        and (act.at, act.by, act.verb) not in told
    ]
    things = called(connection, (act.subject for act in done))
    lines += [
        {"at": act.at, "by": act.by, "incident": None, "verb": act.verb, "note": note}
        for act in done
        for note in [_about(things[act.subject], act.body)]
    ]
    lines.sort(key=lambda line: line["at"])
    return [{**line, "at": iso(line["at"])} for line in lines[-MOST:]]


def _about(thing: Thing, body: str) -> str:
    """Whom or what an act was about; a shift that is gone by the person who had it."""
    person = json.loads(body).get("person") if thing.kind == "duty" else None
    return str(person or thing.said)


def _deadlines(
    rows: Sequence[Mapping[str, Any]], settings: Settings, now: float, hours: float
) -> Iterator[dict[str, Any]]:
    for row in rows:
        at = deadline_of(row, settings, now)
        stands = row["paused_at"] is not None or row["state"] == HANDLED
        if not stands and row["severity"] != "info" and at <= now + hours * 3600:
            kind = "overdue" if at < now else "deadline"
            yield {"kind": kind, "id": row["id"], "title": row["title"], "at": iso(at)}


def _to_phone(connection: Connection) -> Iterator[dict[str, Any]]:
    tasks = select(notices_table).where(notices_table.c.state == notices.TASK)
    for row in connection.execute(tasks.order_by(notices_table.c.id).limit(MOST)):
        told = {"person": row.person, "target": row.target, "id": row.incident}
        yield {"kind": "phone", **told}


def _ending(connection: Connection, now: float, hours: float) -> Iterator[dict[str, Any]]:
    found = [one for one in mutes.in_force(connection, now) if one.ends <= now + hours * 3600]
    things = called(connection, (mute.scope for mute in found))
    for mute in found:
        told = {"scope": mute.scope, "name": things[mute.scope].said}
        yield {"kind": "mute", **told, "at": iso(mute.ends), "why": mute.why, "by": mute.by}


def _planned(connection: Connection, now: float, hours: float) -> Iterator[dict[str, Any]]:
    standing = windows.standing(connection)
    things = called(connection, (window.scope for window in standing))
    for window in standing:
        span = window.at(now) or window.after(now)
        if span is not None and span.begins <= now + hours * 3600:
            told: dict[str, Any] = {"title": window.title, "scope": window.scope}
            told |= {"at": iso(span.begins), "until": iso(span.ends)}
            yield {"kind": "window", **told, "name": things[window.scope].said}


def _flapping(connection: Connection, since: float) -> Iterator[dict[str, Any]]:
    table = incidents
    counted = (
        select(func.max(table.c.title).label("title"), func.count().label("times"))
        .where(table.c.opened_at >= since)
        .group_by(table.c.key)
        .having(func.count() >= _FLAPS)
    )
    rows: Sequence[Row[Any]] = connection.execute(counted).all()
    for row in sorted(rows, key=lambda one: (-one.times, one.title))[:MOST]:
        yield {"kind": "flapping", "title": row.title, "count": row.times}


def _channels(connection: Connection, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in names:
        seen = health.last(connection, name)
        if seen is not None and not seen.fine:
            yield {"kind": "channel", "name": name, "says": seen.says}
