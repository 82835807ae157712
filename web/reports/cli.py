"""`ronda report sla --format pdf | xlsx`: forms that a floor below cannot make."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from collector import db
from collector.evidence import cli
from collector.evidence.forms import Write
from collector.evidence.report import Report
from collector.series.history import History
from collector.settings import DEMO, Settings
from web.reports import month_pdf, workbook
from web.reports.monthly import Monthly, complete
from web.tongue import speaking

Draw = Callable[[Monthly, Settings, str], bytes]


def commands(subparsers: Any) -> None:
    """Add the forms to `report sla`."""
    cli.add_form(subparsers, "pdf", _form(month_pdf.document))
    cli.add_form(subparsers, "xlsx", _form(workbook.workbook))


def _form(draw: Draw) -> Write:
    def write(report: Report, settings: Settings) -> Iterator[bytes]:
        store, history = db.open_store(settings), db.open_history(settings)
        try:
            with db.reading(store) as connection:
                told = complete(
                    connection, settings, History(settings, history), report, progress()
                )
        finally:
            store.dispose()
            history.dispose()
        with speaking(settings.language):
            yield draw(told, settings, DEMO if settings.demo else "")

    return write


def progress() -> Callable[[str, int, int], None]:
    """Tells people at a terminal how far it is; others hear nothing."""
    last = [""]

    def tell(what: str, done: int, of: int) -> None:
        line = f"{what} {done}/{of}"
        if sys.stderr.isatty() and line != last[0] and (done % 25 == 0 or done == of):
            last[0] = line
            print(line, file=sys.stderr)

    return tell
