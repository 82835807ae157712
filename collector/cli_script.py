"""`ronda sites script`: the agent of a router that cannot hold Python, made for one site."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector import agents, db, inventory, onboarding
from collector.cli_common import iso, leaf, print_json, say, settings_of, store_of
from collector.config import as_started
from collector.micro import traffic
from collector.micro.choosing import Chosen, Wishes, chosen, doubts
from collector.micro.model import Choices, Platform
from collector.micro.platforms import PLATFORMS

_BY = "command line"
# of the bytes of a day, as agents have it
_SPARES_FROM = 0.8


def commands(subparsers: Any) -> None:
    """Add `sites script`."""
    words = "the agent of a router that cannot hold Python, made for one site"
    one = leaf(subparsers, "script", words, _script)
    one.add_argument("code", metavar="CODE")
    one.add_argument("--platform", choices=tuple(PLATFORMS), required=True)
    help = "write it there, readable by you alone, and print what to do with it"
    one.add_argument("--out", type=Path, metavar="FILE", help=help)
    one.add_argument("--url", default="", help="where it reports to (as agents are told)")
    help = "seconds between reports (as its site has it)"
    one.add_argument("--every-s", type=int, default=0, metavar="N", help=help)
    one.add_argument("--wan", default="", metavar="NAME", help="what the device calls its line")
    help = "PEM of the authority it trusts (the centre's own, else what the device trusts)"
    one.add_argument("--ca", type=Path, metavar="FILE", help=help)
    help = "the code it enrols with (a new one is issued)"
    one.add_argument("--code", dest="enrolment", default="", metavar="CODE", help=help)
    one.add_argument("--days", type=float, metavar="N", help="how long a new code is good")


def _script(args: argparse.Namespace) -> int:
    platform, now = PLATFORMS[args.platform], time.time()
    found, choices, ends = _chosen(args, platform, now)
    text = platform.script(choices)
    cost = traffic.cost(
        platform.sample(choices),
        choices.closed,
        found.chain,
        platform.looks(choices),
        choices.every_s,
        choices.look_s,
    )
    notes = [*_notes(found, choices, cost, ends), *platform.limits(choices), *doubts(choices)]
    steps = platform.steps(choices)
    if args.json:
        print_json(
            {
                "site": choices.site,
                "platform": args.platform,
                "code": choices.code,
                "expires_at": iso(ends),
                "every_s": choices.every_s,
                "bytes_a_report": cost.report,
                "bytes_a_month": cost.month,
                "notes": notes,
                "install": list(steps.install),
                "remove": list(steps.remove),
                "files": [asdict(file) for file in platform.files(choices)],
                "script": text,
            }
        )
        return 0
    if args.out:
        _write(args.out, text)
    else:
        # the script alone, so that it can go straight to the device
        sys.stdout.write(text)
    told = sys.stdout if args.out else sys.stderr
    for line in ("install:", *steps.install, "remove:", *steps.remove, *notes):
        print(say(line), file=told)
    return 0


def _chosen(
    args: argparse.Namespace, platform: Platform, now: float
) -> tuple[Chosen, Choices, float | None]:
    """What is chosen, with its code, and when that ends; a new code is an act."""
    settings = settings_of(args)
    days = settings.code_days if args.days is None else args.days
    if not 0 < days <= 365:
        raise Refused("--days", f"must be more than 0 and at most 365, got {days:g}")
    wishes = Wishes(args.url, args.every_s, args.wan, _read(args.ca) if args.ca else "")
    with store_of(args) as store, db.writing(store) as connection:
        started = as_started(connection, settings)
        found = chosen(connection, started, args.code, platform.knows, wishes)
        if args.enrolment:
            return found, found.with_code(args.enrolment), None
        site = inventory.site(connection, args.code)
        assert site is not None
        ((_, code),) = onboarding.hand_out(
            connection, [site], days, settings.approval, False, now, _BY
        )
    return found, found.with_code(code), now + days * agents.DAY_S


def _notes(
    found: Chosen, choices: Choices, cost: traffic.Cost, ends: float | None
) -> Iterator[str]:
    yield f"the script holds a code for one enrolment: nobody else may read it{_until(ends)}"
    yield (
        f"about {cost.month / 1e6:.0f} MB a month: {cost.reports:,} reports of {cost.report:,} "
        f"bytes, and {cost.looks / 1e6:.0f} MB of looks beyond the village"
    )
    bound = choices.bytes_per_day
    if bound and cost.month > 30 * bound * _SPARES_FROM:
        yield (
            f"its site may use {bound / 1e6:.1f} MB a day, this is {cost.month / 3e7:.1f}: reports"
            " will come less often; a longer --every-s costs less"
        )
    for name, why in found.left_out:
        yield f"left out: {name}: {why}"


def _until(ends: float | None) -> str:
    return f"; it ends at {iso(ends)}" if ends is not None else ""


def _read(path: Path) -> str:
    try:
        text = path.read_text()
        if traffic.chain_bytes(text):
            return text
    except (OSError, ValueError) as error:
        raise Refused(str(path), f"cannot be read: {error}") from error
    raise Refused(str(path), "holds no certificate (PEM)")


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        raise Refused(str(path), f"cannot be written: {error.strerror}") from error
