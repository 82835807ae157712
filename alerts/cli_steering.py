"""`ronda incidents pause`, `resume`, `snooze`, `assign`, `ticket`, `cause`, `merge`, `split`."""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import steering
from alerts.cli_people import number, seconds
from alerts.hands import What
from collector.cause import CAUSES
from collector.cli_common import by_option, group, leaf, print_json, say, settings_of, store_of
from collector.db import writing

Act = Callable[[Connection, float], What]


def commands(subparsers: Any) -> None:
    """Add the commands to `ronda incidents`."""
    inner = group(subparsers, "incidents", "what is broken, and who has it")
    _command(inner, "pause", "the clock stands: others are waited for", _pause, why="--why")
    _command(inner, "resume", "the clock goes on", _resume)
    later = _command(inner, "snooze", "nobody is told more for a while", _snooze)
    later.add_argument("--for", dest="length", required=True, metavar="LENGTH", help="30m, 4h, 2d")
    _command(inner, "assign", "somebody is to work on it", _assign, person="PERSON")
    ticket = _command(inner, "ticket", "the provider's number for it", _ticket, ticket="NUMBER")
    ticket.add_argument("--at", metavar="TIME", help="when they were told, local (now)")
    cause = _command(inner, "cause", "you know what it is", _cause)
    cause.add_argument("cause", metavar="CAUSE", help=", ".join(CAUSES))
    cause.add_argument("--note", required=True, metavar="TEXT", help="how you know")
    into = _command(inner, "merge", "it is part of another incident", _merge)
    into.add_argument("into", type=number, metavar="INTO")
    _command(inner, "split", "a site is a matter of its own", _split, site="SITE")


def _command(
    inner: Any, name: str, help: str, run: Callable[[argparse.Namespace], int], **more: str
) -> argparse.ArgumentParser:
    made = leaf(inner, name, help, run)
    made.add_argument("id", type=number, metavar="ID")
    for dest, shown in more.items():
        if shown.startswith("--"):
            made.add_argument(shown, dest=dest, required=True, metavar="TEXT")
        else:
            made.add_argument(dest, metavar=shown)
    by_option(made)
    return made


def _pause(args: argparse.Namespace) -> int:
    return _do(args, lambda c, now: steering.pause(c, args.id, args.why, args.by, now), "it stands")


def _resume(args: argparse.Namespace) -> int:
    return _do(args, lambda c, now: steering.resume(c, args.id, args.by, now), "it goes on")


def _snooze(args: argparse.Namespace) -> int:
    length = seconds(args.length)
    return _do(
        args,
        lambda c, now: steering.snooze(c, args.id, now + length, args.by, now),
        f"nobody is told more for {args.length}",
    )


def _assign(args: argparse.Namespace) -> int:
    return _do(
        args,
        lambda c, now: steering.assign(c, args.id, args.person, args.by, now),
        f"{args.person} is to work on it",
    )


def _ticket(args: argparse.Namespace) -> int:
    told = _local(args)
    return _do(
        args,
        lambda c, now: steering.ticket(
            c, args.id, args.ticket, now if told is None else told, args.by, now
        ),
        f"ticket {args.ticket}",
    )


def _cause(args: argparse.Namespace) -> int:
    return _do(
        args,
        lambda c, now: steering.correct(c, args.id, args.cause, args.note, args.by, now),
        f"its cause is {args.cause}",
    )


def _merge(args: argparse.Namespace) -> int:
    return _do(
        args,
        lambda c, now: steering.merge(c, args.id, args.into, args.by, now),
        f"it is part of {args.into}",
    )


def _split(args: argparse.Namespace) -> int:
    return _do(
        args,
        lambda c, now: steering.split(c, args.id, args.site, args.by, now)[0],
        f"{args.site} has an incident of its own",
    )


def _do(args: argparse.Namespace, act: Act, words: str) -> int:
    with store_of(args) as store, writing(store) as connection:
        what = act(connection, time.time())
    if what is not What.DONE:
        print(say(f"incident {args.id}: {what}"), file=sys.stderr)
        return 1
    if args.json:
        print_json({"id": args.id, "by": args.by, "done": True})
    else:
        print(say(f"incident {args.id}: {words}"))
    return 0


def _local(args: argparse.Namespace) -> float | None:
    """The time given, in the zone of the centre where it has none."""
    if args.at is None:
        return None
    try:
        told = datetime.fromisoformat(args.at)
    except ValueError:
        raise Refused("at", f"expected a time such as 2026-11-28T14:05, got {args.at!r}") from None
    zone = ZoneInfo(settings_of(args).timezone)
    return (told if told.tzinfo else told.replace(tzinfo=zone)).timestamp()
