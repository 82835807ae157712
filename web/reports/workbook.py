"""The report as a workbook: numbers are numbers, lengths are lengths, words are never formulas."""

import io
from collections.abc import Mapping
from typing import Any

from collector.inventory import places
from collector.settings import Settings
from web.reports import wording
from web.reports.month_pdf import area
from web.reports.monthly import Monthly
from web.reports.worksheets import (
    COUNT,
    DECIMAL,
    LENGTH,
    MOMENT,
    MONEY,
    PERCENT,
    TEXT,
    Sheet,
    sheets,
)
from web.tongue import gettext

DAY_S = 86_400.0
# what a worksheet holds; what is beyond is told on the first one
MOST_ROWS = 200_000
_WIDE, _NARROW = 28, 12
_LOOKS: Mapping[str, dict[str, str]] = {
    TEXT: {},
    COUNT: {"num_format": "#,##0"},
    LENGTH: {"num_format": "[h]:mm:ss"},
    PERCENT: {"num_format": "0.0000%"},
    MONEY: {"num_format": '"Rp" #,##0'},
    MOMENT: {"num_format": "yyyy-mm-dd hh:mm:ss"},
    DECIMAL: {"num_format": "#,##0.0"},
}


def workbook(told: Monthly, settings: Settings, drill: str = "") -> bytes:
    """The file, in the language spoken."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    # rows go to disk as they are written; the text of a cell is never looked into
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": _LOOKS[MOMENT]["num_format"],
    }
    book: Any = Workbook(out, options)
    book.set_properties({"title": gettext("Report on the networks of villages"), "author": "Ronda"})
    looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    _first(book, told, settings, drill, looks)
    for each in sheets(told, settings):
        _sheet(book, each, looks, bold)
    book.close()
    return out.getvalue()


def _first(
    book: Any, told: Monthly, settings: Settings, drill: str, looks: Mapping[str, Any]
) -> None:
    report, page = told.report, book.add_worksheet(gettext("Report"))
    page.set_column(0, 0, 32)
    page.set_column(1, 1, 90)
    zone = places.zone(told.area, settings.timezone)
    facts = [
        *([(drill, "")] if drill else []),
        (gettext("Area"), f"{area(told)} {told.area}".strip()),
        (gettext("Period"), wording.month(report.order.period)),
        (gettext("As of"), wording.at(report.as_of, zone)),
        (gettext("Head of the sealed chain"), wording.head(report.head)),
        (gettext("Days sealed"), report.sealed_days),
        (gettext("Days not sealed yet"), report.unsealed_days),
        (gettext("Outages that are not told"), report.events_left_out),
        (gettext("Contracts that reach out of the area"), told.outside),
        (gettext("Times"), gettext("hours:minutes:seconds; moments by the clocks of the village")),
    ]
    for place, (name, value) in enumerate(facts):
        page.write_string(place, 0, name)
        if isinstance(value, int):
            page.write_number(place, 1, value, looks[COUNT])
        else:
            page.write_string(place, 1, value)


def _sheet(book: Any, sheet: Sheet, looks: Mapping[str, Any], bold: Any) -> None:
    page = book.add_worksheet(sheet.title[:31])
    page.freeze_panes(1, 0)
    for place, (name, kind) in enumerate(sheet.columns):
        page.set_column(place, place, _WIDE if kind == TEXT else _NARROW + 6)
        page.write_string(0, place, name, bold)
    last = 0
    for last, row in enumerate(sheet.rows, 1):
        if last > MOST_ROWS:
            page.write_string(last, 0, gettext("and more, in the CSV and JSON files"))
            break
        for place, ((_, kind), value) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, last, place, kind, value, looks[kind])
    page.autofilter(0, 0, last, len(sheet.columns) - 1)


def _cell(page: Any, row: int, column: int, kind: str, value: Any, look: Any) -> None:
    if value is None or value == "":
        return
    if kind == TEXT:
        page.write_string(row, column, str(value))
    elif kind == LENGTH:
        page.write_number(row, column, value / DAY_S, look)
    elif kind == MOMENT:
        page.write_datetime(row, column, value, look)
    else:
        page.write_number(row, column, value, look)
