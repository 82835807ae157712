"""`ronda incidents`: what is broken, who knows of it, and who has it."""

import argparse
import sys
import time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerts import (
    chronicle,
    cli_channels,
    cli_hands,
    cli_people,
    cli_rules,
    cli_steering,
    incidents,
    members,
    notices,
)
from alerts.chronicle import Line
from alerts.cli_people import number
from alerts.incident_json import core, further, sites_of
from alerts.incidents import Incident
from alerts.message import local
from alerts.notices import Notice
from collector.cli_common import (
    group,
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
    user,
)
from collector.db import reading, writing
from collector.settings import Settings

_HEADERS = ("id", "severity", "title", "sites", "state", "since", "cause", "who has it")


def commands(subparsers: Any) -> None:
    """Add the commands of the alerts floor to `ronda`."""
    cli_channels.commands(subparsers)
    cli_people.commands(subparsers)
    cli_rules.commands(subparsers)
    inner = group(subparsers, "incidents", "what is broken, and who has it")
    listing = leaf(inner, "list", "open incidents, the newest first", _list)
    listing.add_argument("--all", action="store_true", help="also those that are over")
    show = leaf(inner, "show", "one incident with its notices", _show)
    show.add_argument("id", type=number, metavar="ID")
    ack = leaf(inner, "ack", "take an incident in hand", _ack)
    ack.add_argument("id", type=number, metavar="ID")
    ack.add_argument("--by", metavar="NAME", help="who has it (default: you)")
    cli_hands.commands(subparsers)
    cli_steering.commands(subparsers)


def as_json(
    connection: Connection, found: list[Incident], settings: Settings, now: float
) -> list[dict[str, Any]]:
    """Incidents in the shape that `ronda incidents list --json` promises."""
    numbers = [incident.id for incident in found]
    told = notices.of_incidents(connection, numbers)
    joined = members.of(connection, numbers)
    return [
        core(one, sites_of(one, joined[one.id]), settings, now)
        | {"notices": [_notice(notice) for notice in told[one.id]]}
        for one in found
    ]


def _notice(notice: Notice) -> dict[str, Any]:
    at = notice.sent_at if notice.sent_at is not None else notice.created_at
    return {
        "person": notice.person,
        "channel": notice.channel,
        "state": notice.state,
        "at": iso(at),
    }


def _further(one: Incident, done: list[Line]) -> dict[str, Any]:
    """What `show` tells besides: the clock, the provider's ticket, what was done."""
    log = [
        {"at": iso(line.at), "by": line.by or None, "what": line.verb, "note": line.note}
        for line in done
    ]
    return {**further(one), "log": log}


def _shown(args: argparse.Namespace, connection: Connection, one: Incident) -> dict[str, Any]:
    return as_json(connection, [one], settings_of(args), time.time())[0]


def _list(args: argparse.Namespace) -> int:
    settings, now = settings_of(args), time.time()
    with store_of(args) as store, reading(store) as connection:
        found = incidents.listing(connection, args.all)
        data = as_json(connection, found, settings, now)
    if args.json:
        print_json(data)
        return 0
    print_table(_HEADERS, [_row(*each, settings, now) for each in zip(found, data, strict=True)])
    return 0


def _row(one: Incident, told: dict[str, Any], settings: Settings, now: float) -> list[object]:
    since = local(one.down_since, ZoneInfo(settings.timezone), now, settings.language)
    has_it = one.acknowledged_by or one.assigned_to or None
    mine = (one.id, one.severity, one.title, _sites(told), one.state)
    return [*mine, since, one.cause or None, has_it]


def _sites(told: dict[str, Any]) -> str:
    codes = told["sites"]
    return ",".join(codes) if len(codes) <= 2 else f"{len(codes)} sites"


def _show(args: argparse.Namespace) -> int:
    with store_of(args) as store, reading(store) as connection:
        found = incidents.find(connection, args.id)
        if found is None:
            print(f"there is no incident {args.id}", file=sys.stderr)
            return 1
        data = _shown(args, connection, found)
        sent = notices.of_incidents(connection, [found.id])[found.id]
        done = chronicle.lines(connection, [found.id])[found.id]
        data |= _further(found, done)
    if args.json:
        print_json(data)
        return 0
    log = data.pop("log")
    tasks = [notice for notice in sent if notice.state == notices.TASK]
    told = data.pop("notices")
    zone = home_zone(args)
    print_table(("", "incident"), [(key, _plain(value)) for key, value in data.items()], zone)
    print()
    print_table(("person", "channel", "state", "at"), [list(n.values()) for n in told], zone)
    print()
    print_table(("at", "by", "what", "note"), [list(line.values()) for line in log], zone)
    for task in tasks:
        print(say(f"phone {task.person}: {task.target or 'no number is known'} ({task.answer})"))
    return 0


def _ack(args: argparse.Namespace) -> int:
    by = args.by or user()
    with store_of(args) as store:
        with writing(store) as connection:
            done = incidents.acknowledge(connection, args.id, by, time.time())
        with reading(store) as connection:
            found = incidents.find(connection, args.id)
            data = _shown(args, connection, found) if found is not None else None
    if not done:
        print(say(_why_not(args.id, found)), file=sys.stderr)
        return 1
    if args.json:
        print_json(data)
    else:
        print(say(f"incident {args.id} is in the hands of {by}"))
    return 0


def _why_not(number: int, found: Incident | None) -> str:
    if found is None:
        return f"there is no incident {number}"
    if found.state == incidents.RESOLVED:
        return f"incident {number} is over"
    return f"incident {number} is in the hands of {found.acknowledged_by or 'somebody'} already"


def _plain(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
