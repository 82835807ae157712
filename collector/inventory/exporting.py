"""The inventory as CSV again: what `parse` reads back, what no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from collector.inventory.further import NO_SETTINGS, settings_in
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import escape
from collector.inventory.store import rows_of


def export(connection: Connection, name: str) -> str:
    """All rows of one kind with every column, `,` between, by key."""
    kind = KINDS[name]
    rows = [spread(row) if kind.further else row for row in rows_of(connection, kind.table)]
    further = sorted({key for row in rows for key in row.get("settings", ())})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*kind.columns, *further])
    for row in rows:
        cells = [row[column] for column in kind.columns]
        cells += [row["settings"].get(key, "") for key in further]
        writer.writerow([_cell(value) for value in cells])
    return out.getvalue()


def spread(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its further settings as a table instead of as text."""
    told = settings_in(row["settings"])
    told.pop(NO_SETTINGS, None)
    return {**row, "settings": told}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # never 1e-05: a spreadsheet's exponent is refused on the way back
        value = format(Decimal(int(value) if value.is_integer() else repr(value)), "f")
    return escape(str(value))
