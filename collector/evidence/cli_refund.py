"""`ronda report refund | contracts | exempt`: what providers owe, and what is due when."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector import db
from collector.cli_common import (
    by_option,
    group,
    home_zone,
    leaf,
    print_json,
    print_table,
    settings_of,
    store_of,
)
from collector.evidence import exemptions, moments
from collector.evidence.claims import Claim, calendar, claims
from collector.evidence.exemptions import Exemption
from collector.evidence.files import put
from collector.evidence.forms import csv_line
from collector.evidence.moments import iso
from collector.evidence.report import Order
from collector.inventory import places
from collector.series.history import History
from collector.settings import Settings

COLUMNS = (
    "month", "contract", "isp", "site", "uplink", "service_no", "begin", "end", "seconds", "why",
    "counted_s", "cause", "evidence", "ticket", "records", "line_counted_s", "line_rupiah",
    "contract_rupiah", "arithmetic", "issued_record", "supplement",
)  # fmt: skip


def commands(inner: Any) -> None:
    """Add to `report`."""
    refund = leaf(inner, "refund", "what providers owe for a month, by contract", run_refund)
    refund.add_argument("--month", metavar="2026-10", required=True, help="which month")
    refund.add_argument("--area", metavar="CODE", default="", help="only contracts in this area")
    refund.add_argument("--isp", metavar="NAME", default="", help="only of this provider")
    refund.add_argument("--format", choices=("csv", "json"), default="csv")
    refund.add_argument("--out", metavar="FILE", default="-", help="where to; - is the terminal")
    leaf(inner, "contracts", "bills, ends and promises that need somebody now", run_contracts)
    exempt = group(inner, "exempt", "what no provider answers for")
    add = leaf(exempt, "add", "declare it", run_add)
    add.add_argument("scope", help="a site, an area, isp:NAME or *")
    add.add_argument("--kind", choices=exemptions.KINDS, default=exemptions.KINDS[0])
    add.add_argument("--from", dest="begins", metavar="T", required=True, help="2026-10-05T08:00")
    add.add_argument("--to", dest="ends", metavar="T", required=True, help="2026-10-05T18:00")
    add.add_argument("--why", required=True, help="what happened")
    leaf(exempt, "list", "what is declared", run_list)
    withdraw = leaf(exempt, "withdraw", "take it back", run_withdraw)
    withdraw.add_argument("number", type=int)
    for parser in (add, withdraw):
        by_option(parser)


def run_refund(args: argparse.Namespace) -> int:
    """Sheets as they were issued, else as they would be today."""
    period = moments.month(args.month)
    with _reading(args) as (connection, settings, numbers):
        order = Order(period, args.area, args.isp.strip())
        found = claims(connection, settings, numbers, order, time.time())
    put(args.out, _as_json(found) if args.format == "json" or args.json else _as_csv(found))
    if args.out != "-":
        total = sum(int(claim.told["total_rp"]) for claim in found)
        issued = sum(bool(claim.issued) for claim in found)
        print(f"{args.out}: {len(found)} contracts, {issued} issued; Rp {total} in all")
    return 0


def run_contracts(args: argparse.Namespace) -> int:
    """Who must do what soon."""
    with _reading(args) as (connection, settings, numbers):
        found = calendar(connection, settings, numbers, time.time())
    names = ("what", "day", "days", "site", "uplink", "isp", "contract_no", "detail")
    rows = [[getattr(each, name) for name in names] for each in found]
    if args.json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, rows)
    return 0


def run_add(args: argparse.Namespace) -> int:
    """Declare a stretch that no provider answers for."""
    settings = settings_of(args)
    zone = places.zone("" if ":" in args.scope else args.scope, settings.timezone)
    span = (_moment(args.begins, "--from", zone), _moment(args.ends, "--to", zone))
    with store_of(args) as store, db.writing(store) as connection:
        told = (args.scope, args.kind, span, args.why, args.by, time.time())
        number = exemptions.declare(connection, *told)
    print_json({"number": number}) if args.json else print(f"exemption {number}")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """Those that hold."""
    with store_of(args) as store, db.reading(store) as connection:
        found = exemptions.listing(connection)
    if args.json:
        print_json([_exemption(each) for each in found])
    else:
        names = ("number", "scope", "kind", "begins", "ends", "why", "by")
        rows = [[_exemption(each)[name] for name in names] for each in found]
        print_table(names, rows, home_zone(args))
    return 0


def run_withdraw(args: argparse.Namespace) -> int:
    """1 when there is no such one."""
    with store_of(args) as store, db.writing(store) as connection:
        done = exemptions.withdraw(connection, args.number, args.by, time.time())
    if not done:
        print(f"no exemption {args.number}", file=sys.stderr)
    return 0 if done else 1


@contextmanager
def _reading(args: argparse.Namespace) -> Iterator[tuple[Connection, Settings, History]]:
    settings = settings_of(args)
    with store_of(args) as store, db.reading(store) as connection:
        history = db.open_history(settings)
        try:
            yield connection, settings, History(settings, history)
        finally:
            history.dispose()


def _moment(text: str, place: str, zone: Any) -> float:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(place, f"expected a time such as 2026-10-05T08:00, got {text!r}") from None
    return (told if told.tzinfo else told.replace(tzinfo=zone)).timestamp()


def _exemption(one: Exemption) -> dict[str, Any]:
    return {
        "number": one.id,
        "scope": one.scope,
        "kind": one.kind,
        "begins": iso(one.begins),
        "ends": iso(one.ends),
        "why": one.why,
        "by": one.by,
    }


def _as_json(found: Sequence[Claim]) -> Iterator[bytes]:
    told = [
        {
            **claim.told,
            "issued": [
                {
                    "record": each.number,
                    "at": iso(each.sealed_at),
                    "total_rp": each.told["total_rp"],
                    "change_rp": each.told["change_rp"],
                }
                for each in claim.issued
            ],
        }
        for claim in found
    ]
    yield json.dumps(told, ensure_ascii=False, indent=1).encode()
    yield b"\n"


def _as_csv(found: Sequence[Claim]) -> Iterator[bytes]:
    """A line for each outage; one without any for a line that had none."""
    yield csv_line(COLUMNS)
    for claim in found:
        for line in claim.told["lines"]:
            for event in line["events"] or [{}]:
                yield csv_line(_row(claim, line, event))


def _row(claim: Claim, line: dict[str, Any], event: dict[str, Any]) -> list[Any]:
    told, parts = claim.told, event.get("parts", [])
    return [
        claim.month,
        claim.contract,
        told["isp"],
        line["site"],
        line["uplink"],
        line["service_no"],
        iso(event.get("begin")),
        iso(event.get("end")),
        event.get("seconds", 0),
        event.get("why", ""),
        event.get("counted_s", 0),
        "|".join(dict.fromkeys(part["cause"] for part in parts)),
        "; ".join(dict.fromkeys(word for part in parts for word in part["evidence"])),
        event.get("ticket", ""),
        "|".join(map(str, event.get("records", []))),
        line["counted_s"],
        line["rupiah"],
        told["total_rp"],
        line["arithmetic"],
        claim.issued[-1].number if claim.issued else "",
        told["supplement"],
    ]
