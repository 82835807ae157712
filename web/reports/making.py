"""Makes an edition: one look at the data, every form of it."""

import json
from pathlib import Path

from sqlalchemy import Connection

from collector.evidence import moments
from collector.evidence.build import build
from collector.evidence.forms import as_csv, as_json
from collector.evidence.report import Order
from collector.series.history import History
from collector.settings import DEMO, Settings
from web.reports import editions, indicators, month_pdf
from web.reports.editions import FIGURES, FORMS, Wanted
from web.reports.figures import figures
from web.reports.monthly import Monthly, Progress, complete, silent
from web.reports.pack import pack
from web.reports.workbook import workbook
from web.tongue import speaking

# the parts of the work, in order
PARTS = ("villages", "refunds", "wifi", "pdf", "xlsx", "files")


def make(
    connection: Connection,
    settings: Settings,
    history: History,
    wanted: Wanted,
    now: float,
    progress: Progress = silent,
) -> Path:
    """Make it and keep it; its folder. Refused: what is asked for cannot be."""
    wanted.check()
    # read first, so that a table that cannot be is told before the work and not behind it
    table = indicators.load(settings.folder)
    order = Order(moments.month(wanted.month, "month"), wanted.area, wanted.isp)
    progress("villages", 0, 1)

    def sites(done: int, of: int) -> None:
        progress("villages", done, of)

    report = build(connection, settings, order, now, history, sites)
    told = complete(connection, settings, history, report, progress)
    found = figures(told)

    def write(folder: Path) -> None:
        with speaking(wanted.language):
            _write(folder, told, settings, progress)
        progress("files", 0, 1)
        # the workbook is a form for people: what it says stands in the data
        names = [FORMS[form][0] for form in ("pdf", "csv", "json")]
        packed = pack(folder, names, found, table)
        editions.put(folder / FORMS["zip"][0], [packed])
        editions.put(folder / FIGURES, [json.dumps(found, ensure_ascii=False).encode()])

    return editions.keep(settings.folder, wanted, int(now), write)


def _write(folder: Path, told: Monthly, settings: Settings, progress: Progress) -> None:
    """One form after the other, so that no two of them are held at once."""
    drill = DEMO if settings.demo else ""
    progress("pdf", 0, 1)
    editions.put(folder / FORMS["pdf"][0], [month_pdf.document(told, settings, drill)])
    progress("xlsx", 0, 1)
    editions.put(folder / FORMS["xlsx"][0], [workbook(told, settings, drill)])
    editions.put(folder / FORMS["csv"][0], as_csv(told.report, settings))
    editions.put(folder / FORMS["json"][0], as_json(told.report, settings))
