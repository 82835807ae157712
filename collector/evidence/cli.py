"""`ronda report`: availability over a month, and whether what was sealed is as it was sealed."""

import argparse
import re
import time
from typing import Any

from agent.strict import Refused
from collector import db
from collector.cli_common import group, leaf, print_json, settings_of, store_of
from collector.evidence import cli_refund, moments
from collector.evidence.build import build
from collector.evidence.files import put
from collector.evidence.forms import FORMS, Write
from collector.evidence.moments import ONE_DAY, Period, iso
from collector.evidence.parts import PARTS
from collector.evidence.report import Order
from collector.evidence.signing import FORMER, Signer, trust
from collector.evidence.verify import Found, verify
from collector.inventory import places
from collector.secret import load_secret
from collector.series.history import History

_SLA = "sla"
_HEAD = re.compile(r"([1-9][0-9]{0,12}:)?[0-9a-f]{8,64}")


def commands(subparsers: Any) -> None:
    """Add `report`."""
    inner = group(subparsers, "report", "evidence: availability, refunds, seals")
    sla = leaf(inner, _SLA, "availability of sites, uplinks, hotspots and services", run_sla)
    sla.add_argument("--month", metavar="2026-10", help="a month, in each site's own time")
    sla.add_argument("--from", dest="first", metavar="DATE", help="instead: from this day")
    sla.add_argument("--to", dest="last", metavar="DATE", help="to the end of this day")
    sla.add_argument("--area", metavar="CODE", default="", help="only sites in this area")
    sla.add_argument("--isp", metavar="NAME", default="", help="only lines of this provider")
    sla.add_argument("--format", metavar="FORM", default="csv", help="csv, json, pdf, xlsx")
    sla.add_argument("--out", metavar="FILE", default="-", help="where to; - is the terminal")
    parts = ("availability", *PARTS)
    sla.add_argument("--part", choices=parts, default=parts[0], help="which table, of a CSV")
    sla.set_defaults(forms=dict(FORMS))
    check = leaf(inner, "verify", "is what was sealed as it was sealed", run_verify)
    check.add_argument("--head", metavar="H", default="", help="a head that was printed or sent")
    cli_refund.commands(inner)
    trusting = leaf(inner, "trust", "a key that was this centre's before", run_trust)
    trusting.add_argument("key", metavar="KEY", help="as `ronda report verify` tells it")


def add_form(subparsers: Any, name: str, write: Write) -> None:
    """For floors above: `ronda report sla --format NAME` is made by `write`."""
    group(subparsers, "report", "").choices[_SLA].get_default("forms")[name] = write


def run_sla(args: argparse.Namespace) -> int:
    """Make the report and write it; the file is there whole or not at all."""
    form = "json" if args.json else args.format
    write = args.forms.get(form)
    if write is None:
        have = ", ".join(sorted(args.forms))
        raise Refused("--format", f"{form!r} is not here; there are {have}")
    period, settings = period_of(args), settings_of(args)
    codes = (places.AREA_CODE, places.SITE_CODE)
    if args.area and not any(shape.fullmatch(args.area) for shape in codes):
        raise Refused("--area", f"expected a code such as 35.10, got {args.area!r}")
    db.migrate(settings)
    store, history = db.open_store(settings), db.open_history(settings)
    try:
        with db.reading(store) as connection:
            order = Order(period, args.area, args.isp.strip(), args.part)
            numbers = History(settings, history)
            report = build(connection, settings, order, time.time(), numbers)
    finally:
        store.dispose()
        history.dispose()
    put(args.out, write(report, settings))
    if args.out != "-":
        days = f"{report.sealed_days} days sealed, {report.unsealed_days} not yet"
        print(f"{args.out}: {len(report.rows)} rows; {days}; head {report.head.number}")
    return 0


def period_of(args: argparse.Namespace) -> Period:
    """The days asked for: a month, or from one day to another."""
    if args.month and (args.first or args.last):
        raise Refused("--month", "goes without --from and --to")
    if args.month:
        return moments.month(args.month)
    if not args.first or not args.last:
        raise Refused("--month", "say which, such as 2026-10; or --from and --to")
    first, last = moments.day(args.first, "--from"), moments.day(args.last, "--to")
    if last < first:
        raise Refused("--to", f"lies before {first}")
    return Period(first, last + ONE_DAY)


def run_verify(args: argparse.Namespace) -> int:
    """Follow the chain; 1 when it does not hold."""
    settings = settings_of(args)
    head = args.head.strip().lower()
    if head and not _HEAD.fullmatch(head):
        raise Refused("--head", f"expected NUMBER:LINK or 8 characters of a link, got {head!r}")
    signer = Signer(load_secret(settings.folder))
    with store_of(args) as store, db.reading(store) as connection:
        found = verify(connection, signer, settings.folder, head)
    if args.json:
        print_json(_told(found))
    else:
        _say(found)
    return 0 if found.sound else 1


def run_trust(args: argparse.Namespace) -> int:
    """Believe what an earlier key of this centre signed."""
    folder = settings_of(args).folder
    new = trust(folder, args.key.strip().lower())
    print(f"{folder / FORMER}: {'written down' if new else 'stands there already'}")
    return 0


def _told(found: Found) -> dict[str, Any]:
    return {
        "sound": found.sound,
        "records": found.count,
        "replaced": found.replaced,
        "head": {"record": found.head.number, "link": found.head.link or None},
        "sealed_at": iso(found.head.sealed_at) if found.count else None,
        "keys": found.keys,
        "problems": [{"record": each.record, "what": each.what} for each in found.problems],
    }


def _say(found: Found) -> None:
    for each in found.problems:
        print(f"record {each.record}: {each.what}" if each.record else each.what)
    judged = "sound" if found.sound else "NOT SOUND"
    print(f"{judged}: {found.count} records, {found.replaced} of them in place of others")
    if found.count:
        print(f"head {found.head.number}:{found.head.link}")
    for key, count in found.keys.items():
        print(f"key {key}: {count} records")
