"""`ronda report sla --format pdf | xlsx`, `report make` and `report indicators`."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from agent.strict import Refused
from collector import db, lifeline
from collector.cli_common import group, leaf, print_json, settings_of
from collector.evidence import cli
from collector.evidence.forms import Write
from collector.evidence.report import Report
from collector.series.history import History
from collector.settings import DEMO, Settings
from web.reports import indicators, making, month_pdf, workbook
from web.reports.editions import FORMS, Wanted
from web.reports.monthly import Monthly, complete
from web.tongue import LANGUAGES, speaking

Draw = Callable[[Monthly, Settings, str], bytes]
# a part that is counted says so this often
_EACH = 10


def commands(subparsers: Any) -> None:
    """Add the forms to `report sla`, and commands of their own to `report`."""
    cli.add_form(subparsers, "pdf", _form(month_pdf.document))
    cli.add_form(subparsers, "xlsx", _form(workbook.workbook))
    inner = group(subparsers, "report", "evidence: availability, refunds, seals")
    made = leaf(inner, "make", "a month in every form at once, kept for the console", run_make)
    made.add_argument("--month", metavar="2026-10", required=True, help="which month")
    made.add_argument("--area", metavar="CODE", default="", help="only sites in this area")
    made.add_argument("--isp", metavar="NAME", default="", help="only lines of this provider")
    made.add_argument("--language", choices=LANGUAGES, help="of the paper and the workbook")
    leaf(inner, "indicators", f"the table of DATA/{indicators.FILE}, to edit", run_indicators)


def run_make(args: argparse.Namespace) -> int:
    """Make the files; tells how far it is, and where they are."""
    # the console, which began it, is gone: nobody waits for it
    lifeline.watch(lambda: os._exit(1))
    settings = settings_of(args)
    language = args.language or settings.language
    wanted = Wanted(args.month, args.area, " ".join(args.isp.split()), language)
    wanted.check()
    db.migrate(settings)
    store, history = db.open_store(settings), db.open_history(settings)
    try:
        with db.reading(store) as connection:
            past = History(settings, history)
            folder = making.make(connection, settings, past, wanted, time.time(), progress())
    finally:
        store.dispose()
        history.dispose()
    files = {form: str(folder / name) for form, (name, _) in FORMS.items()}
    print_json(files) if args.json else print("\n".join(files.values()))
    return 0


def run_indicators(args: argparse.Namespace) -> int:
    """Print the table that holds, as CSV."""
    print(indicators.written(indicators.load(settings_of(args).folder)), end="")
    return 0


def progress() -> Callable[[str, int, int], None]:
    """Tells how far it is, on the error output, a line now and then."""

    def tell(what: str, done: int, of: int) -> None:
        if done % _EACH == 0:
            print(f"{what} {done}/{of}", file=sys.stderr, flush=True)

    return tell


def _form(draw: Draw) -> Write:
    def write(report: Report, settings: Settings) -> Iterator[bytes]:
        if getattr(report.order, "part", "availability") != "availability":
            raise Refused("--part", "goes with csv only: a paper and a workbook have all of them")
        store, history = db.open_store(settings), db.open_history(settings)
        tell = progress() if sys.stderr.isatty() else lambda what, done, of: None
        try:
            with db.reading(store) as connection:
                told = complete(connection, settings, History(settings, history), report, tell)
        finally:
            store.dispose()
            history.dispose()
        with speaking(settings.language):
            yield draw(told, settings, DEMO if settings.demo else "")

    return write
