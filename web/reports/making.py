"""Makes an edition: one look at the data, every form of it."""

import json
from collections.abc import Mapping
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
    with speaking(wanted.language):
        files = _files(told, settings, progress)
    found = figures(told)
    progress("files", 0, 1)
    packed = {name: files[name] for name in files if not name.endswith(".xlsx")}
    files[FORMS["zip"][0]] = pack(packed, found, table)
    files[FIGURES] = json.dumps(found, ensure_ascii=False).encode()
    pieces: Mapping[str, list[bytes]] = {name: [content] for name, content in files.items()}
    return editions.keep(settings.folder, wanted, int(now), pieces)


def _files(told: Monthly, settings: Settings, progress: Progress) -> dict[str, bytes]:
    drill = DEMO if settings.demo else ""
    progress("pdf", 0, 1)
    made = {FORMS["pdf"][0]: month_pdf.document(told, settings, drill)}
    progress("xlsx", 0, 1)
    made[FORMS["xlsx"][0]] = workbook(told, settings, drill)
    made[FORMS["csv"][0]] = b"".join(as_csv(told.report, settings))
    made[FORMS["json"][0]] = b"".join(as_json(told.report, settings))
    return made
