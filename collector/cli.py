"""Commands of the collector: the inventory, enrolment codes, doctor, version."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector import cli_edit, cli_formats, cli_sites, db, release
from collector.cli_common import group, leaf, print_json, print_table, say, settings_of, store_of
from collector.cli_formats import trying
from collector.inventory.exporting import export, spread
from collector.inventory.importing import bring, doubts, parse
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import BadFile
from collector.inventory.store import rows_of

_HELP = {
    "areas": "provinces, regencies, districts, villages",
    "sites": "places with an agent",
    "uplinks": "lines and their contracts",
    "devices": "routers, access points, power supplies",
    "services": "what people use, and how it is checked",
    "contacts": "whom to tell",
    "holidays": "days without office hours",
}


def commands(subparsers: Any) -> None:
    """Add the collector's commands to `ronda`."""
    for name in KINDS:
        inner = group(subparsers, name, _HELP[name])
        take = leaf(inner, "import", f"bring {name} in from a CSV file", _import)
        take.add_argument("file", type=Path, metavar="FILE", help="CSV (areas: also GeoJSON)")
        cli_formats.commands(inner, name, take)
        show = leaf(inner, "list", f"all {name}", cli_sites.listing if name == "sites" else _list)
        show.add_argument("--csv", action="store_true", help="print CSV that import takes back")
        for parser in (take, show):
            parser.set_defaults(kind=name)
        if name == "sites":
            cli_sites.commands(inner, show)
            cli_edit.of_sites(inner)
        elif name == "services":
            cli_edit.of_services(inner)
    leaf(subparsers, "doctor", "what is wrong with this centre, and what to do", _doctor)
    leaf(subparsers, "version", "the version of ronda", _version)


def _import(args: argparse.Namespace) -> int:
    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise Refused(str(args.file), f"cannot be read: {error.strerror}") from error
    try:
        parsed = parse(args.kind, data, str(args.file), args.format)
        with store_of(args, new=True) as store, trying(store, args.dry_run) as connection:
            outcome = bring(connection, parsed, time.time(), "command line")
            slips = doubts(connection, parsed)
    except BadFile as bad:
        for problem in bad.problems:
            print(say(problem), file=sys.stderr)
        raise Refused(args.kind, "nothing was imported") from bad
    for slip in slips:
        print(f"note: {slip}", file=sys.stderr)
    counts = {"new": len(outcome.new), "changed": len(outcome.changed), "same": len(outcome.same)}
    if args.json:
        print_json({"kind": args.kind, **counts, "areas_made": outcome.areas})
        return 0
    words = ", ".join(f"{count} {word}" for word, count in counts.items())
    made = f"; areas made: {', '.join(outcome.areas)}" if outcome.areas else ""
    tried = " (nothing was imported)" if args.dry_run else ""
    print(f"{args.kind}: {words}{made}{tried}")
    return 0


def _list(args: argparse.Namespace) -> int:
    kind = KINDS[args.kind]
    with store_of(args) as store, db.reading(store) as connection:
        if args.csv:
            print(export(connection, args.kind), end="")
            return 0
        rows = rows_of(connection, kind.table)
    if kind.further:
        rows = [spread(row) for row in rows]
    columns = [*kind.columns, *(["settings"] if kind.further else [])]
    if args.json:
        print_json([{column: row[column] for column in columns} for row in rows])
    else:
        shown = [c for c in columns if any(row[c] not in ("", None, {}) for row in rows)]
        print_table(shown or columns, [[row[column] for column in shown] for row in rows])
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from collector import doctor

    found = doctor.examine(settings_of(args, new=True), time.time())
    fine = all(finding.fine for finding in found)
    if args.json:
        keys = ("name", "fine", "note", "says", "do")
        rows = [{key: getattr(finding, key) for key in keys} for finding in found]
        print_json({"fine": fine, "findings": rows})
    for finding in [] if args.json else found:
        mark = "WRONG" if not finding.fine else "note " if finding.note else "ok   "
        advice = f": {finding.do}" if finding.do else ""
        print(f"{mark} {finding.name}: {finding.says}{advice}")
    return 0 if fine else 1


def _version(args: argparse.Namespace) -> int:
    number = release.number()
    if args.json:
        print_json({"version": number, "databases": db.HEADS})
    else:
        print(f"ronda {number}")
    return 0
