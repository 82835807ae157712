"""`ronda incidents handled`, `note`, `isp`, `handover`: work on a fault, and pass it on."""

import argparse
import sys
import time
from typing import Any
from zoneinfo import ZoneInfo

from agent.strict import Refused
from alerts import handover, handover_text, hands, incidents, isp
from alerts.channels.config import load
from alerts.cli_people import number
from alerts.hands import Outcome, What
from alerts.words import LANGUAGES
from collector.cli_common import by_option, group, leaf, print_json, say, settings_of, store_of
from collector.db import reading, writing


def commands(subparsers: Any) -> None:
    """Add the commands to `ronda incidents`."""
    inner = group(subparsers, "incidents", "what is broken, and who has it")
    done = leaf(inner, "handled", "say that what could be done is done", _handled)
    done.add_argument("id", type=number, metavar="ID")
    done.add_argument("--note", default="", metavar="TEXT")
    by_option(done)
    note = leaf(inner, "note", "add a word to an incident", _note)
    note.add_argument("id", type=number, metavar="ID")
    note.add_argument("text", metavar="TEXT")
    by_option(note)
    letter = leaf(inner, "isp", "what to tell the provider; sent only with --send", _isp)
    letter.add_argument("id", type=number, metavar="ID")
    letter.add_argument("--send", action="store_true", help="to the contacts isp:NAME")
    letter.add_argument("--language", choices=LANGUAGES, default="id")
    by_option(letter)
    over = leaf(inner, "handover", "what the next shift must know", _handover)
    over.add_argument("--hours", type=float, default=8.0, metavar="N")
    over.add_argument("--language", choices=LANGUAGES)


def _handled(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        outcome = hands.handled(connection, args.id, args.by, time.time(), args.note)
    return _report(args, outcome, f"incident {args.id} is handled")


def _note(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        outcome = hands.note(connection, args.id, args.by, time.time(), args.text)
    return _report(args, outcome, f"noted at incident {args.id}")


def _report(args: argparse.Namespace, outcome: Outcome, words: str) -> int:
    if outcome.what is not What.DONE:
        print(say(f"incident {args.id}: {outcome.what}"), file=sys.stderr)
        return 1
    if args.json:
        print_json({"id": args.id, "by": outcome.by, "done": True})
    else:
        print(say(words))
    return 0


def _isp(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    now, sent = time.time(), 0
    with store_of(args) as store:
        with reading(store) as connection:
            found = incidents.find(connection, args.id)
            if found is None:
                print(f"there is no incident {args.id}", file=sys.stderr)
                return 1
            facts, contacts = isp.facts_of(connection, found, settings, now)
        letter = isp.letter(facts, found.subject, contacts, args.language)
        if args.send:
            with writing(store) as connection:
                sent = isp.tell(connection, found, settings, args.by, now)
    if args.json:
        told = {"text": letter.text, "sms": letter.sms, "phone": letter.phone}
        print_json({**told, "why": letter.why, "lacks": list(letter.lacks), "sent": sent})
    else:
        print("\n".join(say(line) for line in letter.text.splitlines()))
        print(
            say(f"({letter.why}{'; unknown: ' + ', '.join(letter.lacks) if letter.lacks else ''})")
        )
        if args.send:
            print(f"queued to {sent}" if sent else f"no contact isp:{say(facts.isp)} to send it to")
    return 1 if args.send and not sent else 0


def _handover(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    if not 0 < args.hours <= 24 * 31:
        raise Refused("hours", "must be more than 0, and 744 at most")
    names = [line.name for line in load(settings)]
    with store_of(args) as store, reading(store) as connection:
        data = handover.note(connection, settings, time.time(), args.hours, names)
    if args.json:
        print_json(data)
        return 0
    zone, language = ZoneInfo(settings.timezone), args.language or settings.language
    for line in handover_text.text(data, zone, language).splitlines():
        print(say(line))
    return 0
