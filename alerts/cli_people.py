"""`ronda mutes`, `windows`, `duty`, `quiet`: who is told when, and when nobody is."""

import argparse
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from agent.strict import Refused
from alerts import duty, mutes, planned, quiet, windows
from alerts.duty import Shift
from alerts.planned import Mute, Window
from alerts.quiet import Quiet
from collector import inventory
from collector.cli_common import (
    by_option,
    group,
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
    there,
)
from collector.db import reading, writing

_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}


def commands(subparsers: Any) -> None:
    """Add the commands to `ronda`."""
    _mute_commands(subparsers)
    _window_commands(subparsers)
    _duty_commands(subparsers)
    _quiet_commands(subparsers)


def _mute_commands(subparsers: Any) -> None:
    inner = group(subparsers, "mutes", "silence for a while")
    add = leaf(inner, "add", "tell nobody of what a scope covers, for a while", _mute)
    add.add_argument("scope", metavar="SCOPE", help="site:CODE, area:CODE, rule:NAME ...")
    add.add_argument(
        "--for", dest="length", required=True, metavar="4h", help="30m, 4h, 7d at most"
    )
    add.add_argument("--why", required=True, metavar="TEXT")
    by_option(add)
    listing = leaf(inner, "list", "mutes in force", _list_mutes)
    listing.add_argument("--all", action="store_true", help="also those that are over")
    lift = leaf(inner, "lift", "end a mute before its time", _lift)
    lift.add_argument("id", type=number, metavar="ID")
    by_option(lift)


def _window_commands(subparsers: Any) -> None:
    inner = group(subparsers, "windows", "planned work, once or again and again")
    add = leaf(inner, "add", "plan work", _window)
    add.add_argument("scope", metavar="SCOPE", help="site:CODE, area:CODE, upstream:NAME ...")
    add.add_argument("--title", required=True, metavar="TEXT", help="what is done")
    add.add_argument("--begins", required=True, metavar="2026-11-28T22:00", help="local time")
    add.add_argument("--minutes", required=True, type=int, metavar="N")
    add.add_argument("--mode", choices=planned.MODES, default="mute")
    add.add_argument("--repeats", default="", metavar="daily|weekly:1,3|monthly:15")
    add.add_argument("--last-day", default="", metavar="DAY")
    add.add_argument("--zone", metavar="ZONE", help="default: the scope's own")
    by_option(add)
    listing = leaf(inner, "list", "planned work, and when it comes next", _list_windows)
    listing.add_argument("--all", action="store_true", help="also what was cancelled or is over")
    cancel = leaf(inner, "cancel", "no more of it; what goes on now ends", _cancel)
    cancel.add_argument("id", type=number, metavar="ID")
    by_option(cancel)


def _duty_commands(subparsers: Any) -> None:
    inner = group(subparsers, "duty", "the rota: who is on duty")
    put = leaf(inner, "set", "put a contact of a scope on duty", _duty)
    put.add_argument("scope", metavar="SCOPE", help="as of the contact")
    put.add_argument("person", metavar="NAME")
    put.add_argument("--days", default="", metavar="1,2,3", help="1 is Monday; default: all")
    put.add_argument("--from", dest="begins", default="", metavar="07:00")
    put.add_argument("--to", dest="ends", default="", metavar="19:00")
    put.add_argument("--first-day", default="", metavar="DAY")
    put.add_argument("--last-day", default="", metavar="DAY")
    by_option(put)
    leaf(inner, "list", "the rota, and who is on duty now", _list_duty)
    drop = leaf(inner, "drop", "take a shift out of the rota", _drop)
    drop.add_argument("id", type=number, metavar="ID")
    by_option(drop)


def _quiet_commands(subparsers: Any) -> None:
    inner = group(subparsers, "quiet", "quiet hours of people; without any there are none")
    put = leaf(inner, "set", "do not disturb a contact at these hours", _quiet)
    put.add_argument("scope", metavar="SCOPE", help="as of the contact")
    put.add_argument("person", metavar="NAME")
    put.add_argument("--from", dest="begins", required=True, metavar="22:00")
    put.add_argument("--to", dest="ends", required=True, metavar="05:00")
    put.add_argument("--spares", choices=quiet.SEVERITIES, default="critical")
    by_option(put)
    leaf(inner, "list", "quiet hours", _list_quiet)
    lift = leaf(inner, "lift", "a contact has none any more", _lift_quiet)
    lift.add_argument("scope", metavar="SCOPE")
    lift.add_argument("person", metavar="NAME")
    by_option(lift)


def number(text: str) -> int:
    """The number of a row; as large as a database counts."""
    # 19 figures may be more than it counts
    if not re.fullmatch("[0-9]{1,19}", text) or not 0 < int(text) < 2**63:
        raise argparse.ArgumentTypeError(f"expected a number as lists show it, got {text!r}")
    return int(text)


def _mute(args: argparse.Namespace) -> int:
    now = time.time()
    ends = now + seconds(args.length)
    with store_of(args) as store, writing(store) as connection:
        made = mutes.add(connection, args.scope, args.why, args.by, now, ends)
    told, zone = {"id": made, "scope": args.scope, "ends": iso(ends)}, home_zone(args)
    return _said(args, told, f"mute {made} of {args.scope} until {there(iso(ends), zone)}")


def seconds(text: str) -> float:
    """30m, 4h or 2d."""
    found = re.fullmatch(r"([0-9]{1,4})([mhd])", text)
    if found is None:
        raise Refused("for", f"expected 30m, 4h or 2d, got {text!r}")
    return int(found[1]) * _UNITS[found[2]]


def _list_mutes(args: argparse.Namespace) -> int:
    now = time.time()
    with store_of(args) as store, reading(store) as connection:
        found = mutes.listing(connection) if args.all else mutes.in_force(connection, now)
    data = [_mute_row(mute, now) for mute in found]
    return _printed(args, data, ("id", "scope", "ends", "by", "why", "state"))


def _mute_row(mute: Mute, now: float) -> dict[str, Any]:
    state = "lifted" if mute.lifted_at is not None else "in force" if mute.holds(now) else "over"
    times = {"begins": iso(mute.begins), "ends": iso(mute.ends)}
    return {**asdict(mute), **times, "lifted_at": iso(mute.lifted_at), "state": state}


def _lift(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        done = mutes.lift(connection, args.id, args.by, time.time())
    return _done(args, done, f"mute {args.id} is lifted", f"mute {args.id} is not in force")


def _window(args: argparse.Namespace) -> int:
    home = settings_of(args).timezone
    kind, name = planned.scope(args.scope)
    # the number of an incident is no code of a province
    own = inventory.zone(name, home).key if kind in ("site", "area", "check") else home
    zone = args.zone or own
    what = (args.scope, args.title, args.mode, args.begins, args.minutes, args.repeats)
    window = Window(0, *what, zone, args.last_day, args.by)
    now = time.time()
    with store_of(args) as store, writing(store) as connection:
        made = windows.add(connection, window, now)
    span = window.at(now) or window.after(now)
    assert span is not None
    told = {"id": made, "begins": iso(span.begins), "ends": iso(span.ends)}
    begins, ends = (there(told[name], ZoneInfo(zone)) for name in ("begins", "ends"))
    return _said(args, told, f"window {made}: {begins} to {ends}")


def _list_windows(args: argparse.Namespace) -> int:
    now = time.time()
    with store_of(args) as store, reading(store) as connection:
        found = windows.listing(connection)
    data = [_window_row(window, now) for window in found]
    data = [row for row in data if args.all or row["next"]]
    headers = ("id", "scope", "title", "mode", "repeats", "next", "until", "state")
    return _printed(args, data, headers)


def _window_row(window: Window, now: float) -> dict[str, Any]:
    held = window.at(now)
    span = held or window.after(now)
    state = "going on" if held else "to come" if span else "over"
    if window.cancelled_at is not None:
        state = "cancelled"
    times = {"next": iso(span.begins) if span else None, "until": iso(span.ends) if span else None}
    return {**asdict(window), **times, "cancelled_at": iso(window.cancelled_at), "state": state}


def _cancel(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        done = windows.cancel(connection, args.id, args.by, time.time())
    no = f"there is no window {args.id}, or it is cancelled already"
    return _done(args, done, f"window {args.id} is cancelled", no)


def _duty(args: argparse.Namespace) -> int:
    days = (args.days, args.begins, args.ends, args.first_day, args.last_day)
    shift = Shift(args.scope, args.person, *days)
    with store_of(args) as store, writing(store) as connection:
        made = duty.put(connection, shift, time.time(), args.by)
    told = {**asdict(shift), "id": made}
    return _said(args, told, f"shift {made}: {args.person} for {args.scope}")


def _list_duty(args: argparse.Namespace) -> int:
    now, home = time.time(), settings_of(args).timezone
    with store_of(args) as store, reading(store) as connection:
        found = duty.rota(connection)
    data = [{**asdict(shift), "on_duty": duty.on_duty([shift], now, home)} for shift in found]
    headers = (
        "id",
        "scope",
        "person",
        "days",
        "begins",
        "ends",
        "first_day",
        "last_day",
        "on_duty",
    )
    return _printed(args, data, headers)


def _drop(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        done = duty.drop(connection, args.id, time.time(), args.by)
    return _done(args, done, f"shift {args.id} is gone", f"there is no shift {args.id}")


def _quiet(args: argparse.Namespace) -> int:
    row = Quiet(args.scope, args.person, args.begins, args.ends, args.spares)
    with store_of(args) as store, writing(store) as connection:
        quiet.put(connection, row, time.time(), args.by)
    return _said(args, asdict(row), f"{args.person}: quiet from {args.begins} to {args.ends}")


def _list_quiet(args: argparse.Namespace) -> int:
    with store_of(args) as store, reading(store) as connection:
        data = [asdict(row) for row in quiet.rows(connection)]
    return _printed(args, data, ("scope", "person", "begins", "ends", "spares"))


def _lift_quiet(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        done = quiet.lift(connection, args.scope, args.person, time.time(), args.by)
    no = f"{args.person} has no quiet hours in {args.scope}"
    return _done(args, done, f"{args.person} has no quiet hours any more", no)


def _printed(args: argparse.Namespace, data: list[dict[str, Any]], headers: tuple[str, ...]) -> int:
    if args.json:
        print_json(data)
    else:
        print_table(headers, [[row[name] for name in headers] for row in data], home_zone(args))
    return 0


def _said(args: argparse.Namespace, told: Mapping[str, Any], words: str) -> int:
    if args.json:
        print_json(dict(told))
    else:
        print(say(words))
    return 0


def _done(args: argparse.Namespace, done: bool, yes: str, no: str) -> int:
    if not done:
        print(say(no), file=sys.stderr)
        return 1
    return _said(args, {"id": getattr(args, "id", None), "done": True}, yes)
