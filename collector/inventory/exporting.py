"""The inventory as files: what `parse` reads back, what no spreadsheet takes for a formula."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from collector.inventory.changes import place_of
from collector.inventory.further import NO_SETTINGS, settings_in
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import escape
from collector.inventory.store import rows_of

_THOUSANDS = re.compile(r"[0-9]{1,3}\.[0-9]{3}")
BOUNDARIES = "areas.geojson"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a spreadsheet expects its CSV."""

    mark: str = ","
    point: str = "."
    begins: str = ""
    line: str = "\n"


PLAIN = Dialect()
# a dot would be read as thousands there, and a comma would not part cells
INDONESIAN = Dialect(";", ",", "\ufeff", "\r\n")


def export(
    connection: Connection,
    name: str,
    may: Callable[[str], bool] = lambda _: True,
    dialect: Dialect = PLAIN,
) -> str:
    """All rows of one kind (of places that `may` says yes to) with every column, by key."""
    kind = KINDS[name]
    rows = [row for row in rows_of(connection, kind.table) if may(place_of(name, row))]
    rows = [spread(row) if kind.further else row for row in rows]
    further = sorted({key for row in rows for key in row.get("settings", ())})
    out = io.StringIO(dialect.begins)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=dialect.mark, lineterminator=dialect.line)
    writer.writerow([*kind.columns, *further])
    for row in rows:
        cells = [row[column] for column in kind.columns]
        cells += [row["settings"].get(key, "") for key in further]
        writer.writerow([_cell(value, dialect) for value in cells])
    return out.getvalue()


def boundaries(connection: Connection, may: Callable[[str], bool] = lambda _: True) -> str:
    """The areas that have a boundary, as the GeoJSON that `parse` reads back."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": area["code"], "name": area["name"]},
            "geometry": json.loads(area["boundary"]),
        }
        for area in rows_of(connection, KINDS["areas"].table)
        if area["boundary"] and may(area["code"])
    ]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def everything(
    connection: Connection, may: Callable[[str], bool], dialect: Dialect = PLAIN
) -> bytes:
    """One archive of the files of all kinds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in KINDS:
            archive.writestr(f"{name}.csv", export(connection, name, may, dialect))
        archive.writestr(BOUNDARIES, boundaries(connection, may))
    return out.getvalue()


def spread(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its further settings as a table instead of as text."""
    told = settings_in(row["settings"])
    told.pop(NO_SETTINGS, None)
    return {**row, "settings": told}


def text_of(value: Any, point: str = ".") -> str:
    """A value of a row as a cell that is read back as the same."""
    if value is None:
        return ""
    if isinstance(value, float):
        # never 1e-05: a spreadsheet's exponent is refused on the way back
        value = format(Decimal(int(value) if value.is_integer() else repr(value)), "f")
        # 1.125 would be a thousand and more to who reads rupiah
        value += "0" if _THOUSANDS.fullmatch(value) else ""
        value = value.replace(".", point)
    return str(value)


def _cell(value: Any, dialect: Dialect) -> str:
    return escape(text_of(value, dialect.point))
