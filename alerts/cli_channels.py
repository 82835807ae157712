"""`ronda channels` and `ronda contacts test`: do messages get through?"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerts import health, notices, people
from alerts.channels import NotifyFailed, hooks
from alerts.channels.config import Line, behind, hears, load, served
from alerts.message import Facts, render, sms
from collector import acts, console_address, inventory
from collector.cli_common import (
    group,
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
from collector.inventory import Contact
from collector.onboarding import TESTED
from collector.secret import load_secret
from collector.settings import Settings


def commands(subparsers: Any) -> None:
    """Add the commands to `ronda`."""
    inner = group(subparsers, "channels", "how messages go out")
    leaf(inner, "list", "every channel: how it is, what it sent today", _list)
    leaf(inner, "hooks", "where gateways tell what people answered", _hooks)
    test = leaf(inner, "test", "send a trial message to an address", _test)
    test.add_argument("name", metavar="NAME", help="of the channel")
    test.add_argument("target", metavar="TARGET", help="number, chat or address")
    contacts = group(subparsers, "contacts", "whom to tell")
    trial = leaf(contacts, "test", "send a trial message by each of a person's ways", _test_contact)
    trial.add_argument("name", metavar="NAME", help="of the contact")


def as_json(
    connection: Connection, lines: Sequence[Line], settings: Settings, now: float
) -> list[dict[str, Any]]:
    """What `ronda channels list --json` prints."""
    zone = ZoneInfo(settings.timezone)
    midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return [_channel(connection, line, midnight.timestamp()) for line in lines]


def _channel(connection: Connection, line: Line, midnight: float) -> dict[str, Any]:
    seen = health.last(connection, line.name)
    return {
        "name": line.name,
        "kind": line.kind,
        "serves": line.serves,
        "fine": seen.fine if seen else None,
        "says": seen.says if seen else "",
        "hears": hears(line),
        "deaf": health.deaf(connection, line.name) if hears(line) else "",
        "since": iso(seen.since) if seen else None,
        "looked_at": iso(seen.at) if seen else None,
        "sent_today": notices.sent_since(connection, line.name, midnight),
        "daily_cap": line.limits.daily_cap or None,
        "held_back_today": notices.held_since(connection, line.name, midnight),
    }


def _list(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    lines = load(settings)
    with store_of(args) as store, reading(store) as connection:
        data = as_json(connection, lines, settings, time.time())
    if args.json:
        print_json(data)
    else:
        headers = ("name", "kind", "serves", "health", "sent today", "cap", "held back", "says")
        print_table(headers, [_row(one) for one in data])
    return 1 if any(one["fine"] is False or one["deaf"] for one in data) else 0


def _row(one: Mapping[str, Any]) -> list[object]:
    well = {True: "ok", False: "WRONG", None: None}[one["fine"]]
    figures = (one["sent_today"], one["daily_cap"], one["held_back_today"])
    deaf = f"does not hear: {one['deaf']}" if one["deaf"] else ""
    says = "; ".join(part for part in (one["says"], deaf) if part)
    return [one["name"], one["kind"], one["serves"], well, *figures, says or None]


def _hooks(args: argparse.Namespace) -> int:
    """The addresses hold secrets: they are for those who may read the data folder anyway."""
    settings = settings_of(args)
    secret = load_secret(settings.folder)
    base = console_address.link(settings, "")
    data = []
    for line in load(settings):
        if hears(line) and type(behind(line)) in hooks.KINDS:
            word = hooks.secret_of(secret, line.name)
            url = f"{base}{hooks.PATH}{line.name}/{word}"
            data.append({"name": line.name, "kind": line.kind, "url": url, "verify_token": word})
    if args.json:
        print_json(data)
    else:
        print_table(("name", "kind", "url"), [(d["name"], d["kind"], d["url"]) for d in data])
    return 0


def _test(args: argparse.Namespace) -> int:
    settings = settings_of(args, new=True)
    lines = {line.name: line for line in load(settings)}
    if args.name not in lines:
        known = ", ".join(lines)
        print(say(f"there is no channel {args.name}; there are {known}"), file=sys.stderr)
        return 1
    line = lines[args.name]
    seen = health.look_at(line)
    done = attempt(line, args.target, settings.language, settings)
    return _report(args, [{**done, "fine": seen.fine, "says": seen.says}])


def _test_contact(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    lines = {line.name: line for line in load(settings)}
    with store_of(args) as store, reading(store) as connection:
        found = inventory.contacts_named(connection, args.name)
    if not found:
        print(say(f"there is no contact {args.name}"), file=sys.stderr)
        return 1
    done = reach(found, lines, settings)
    if not done:
        print(say(f"no channel reaches {args.name}: ronda channels list"), file=sys.stderr)
        return 1
    with store_of(args) as store, writing(store) as connection:
        record_reached(connection, args.name, done, time.time(), user())
    return _report(args, done)


def reach(
    found: Sequence[Contact], lines: Mapping[str, Line], settings: Settings
) -> list[dict[str, Any]]:
    """A trial message by each way of a person now; empty where no channel reaches them."""
    serving = served(lines.values())
    ways = dict.fromkeys((contact, way) for contact in found for way in _ways(contact, serving))
    return [
        attempt(lines[name], target, contact.language, settings) for contact, (name, target) in ways
    ]


def record_reached(
    connection: Connection, name: str, done: Sequence[Mapping[str, Any]], now: float, by: str
) -> None:
    """Whether a village is ready to be told is asked by others."""
    if taken := [one["target"] for one in done if one["taken"]]:
        acts.record(connection, now, by, TESTED, name, {"targets": taken})


def _ways(contact: Contact, serving: people.Serving) -> list[tuple[str, str]]:
    return [way for way in people.ways(contact, serving) if way[0] != people.PHONE]


def attempt(line: Line, target: str, language: str, settings: Settings) -> dict[str, Any]:
    """Send a trial message; `taken` and what was answered."""
    now = time.time()
    try:
        answer = line.channel.send(target, trial(line.name, language, settings.timezone, now))
    except NotifyFailed as failed:
        return {"channel": line.name, "target": target, "taken": False, "answer": failed.reason}
    return {"channel": line.name, "target": target, "taken": True, "answer": answer}


def trial(channel: str, language: str, timezone: str, now: float) -> dict[str, Any]:
    """A message that says it is none."""
    zone = ZoneInfo(timezone)
    facts = Facts(0, "", "", "", "", "", "", zone, now, now, more={"channel": channel})
    return {
        "incident": 0,
        "news": "test",
        "text": render("test", facts, language, "test"),
        "sms": sms("test", facts, language, "test"),
        "title": "Ronda",
        "severity": "info",
        "state": "test",
        "language": language,
        # mailboxes drop what bears the number of a letter they have
        "notice": int(now),
    }


def _report(args: argparse.Namespace, done: Sequence[Mapping[str, Any]]) -> int:
    if args.json:
        print_json(list(done))
    else:
        headers = ("channel", "target", "result", "answer")
        rows = [
            (one["channel"], one["target"], "taken" if one["taken"] else "FAILED", one["answer"])
            for one in done
        ]
        print_table(headers, rows)
        for one in done:
            if one.get("fine") is False:
                print(say(f"{one['channel']} is not well: {one['says']}"))
    return 0 if all(one["taken"] for one in done) else 1
