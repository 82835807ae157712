"""The forms in which a dataset comes: CSV, JSON, Parquet. Pure."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from collector.inventory.sheet import escape
from web.opendata import parquet
from web.opendata.cells import HIDDEN
from web.opendata.datasets import FLAG, Column, Dataset, both

Rows = Sequence[Mapping[str, Any]]

HIDDEN_COLUMN = Column(
    HIDDEN,
    FLAG,
    both("Disamarkan", "Suppressed"),
    both(
        "Satu hitungan baris ini di bawah lima dan dikosongkan",
        "a count of this row is under five and left empty",
    ),
)


def columns(dataset: Dataset) -> list[Column]:
    """The columns of a public file, in their order."""
    return [*dataset.open, *([HIDDEN_COLUMN] if dataset.hides else [])]


def as_csv(dataset: Dataset, day: str, rows: Rows) -> bytes:
    """UTF-8, commas, ISO dates; an empty cell is one that is not known, or hidden."""
    names = [column.name for column in columns(dataset)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return out.getvalue().encode()


def as_json(dataset: Dataset, day: str, rows: Rows) -> bytes:
    told = {"dataset": dataset.name, "date": day or None, "rows": list(rows)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def as_parquet(dataset: Dataset, day: str, rows: Rows) -> bytes:
    return parquet.write(columns(dataset), rows)


class Form(NamedTuple):
    """One form, by the ending of its files."""

    media: str
    write: Callable[[Dataset, str, Rows], bytes]


FORMS: Mapping[str, Form] = {
    "csv": Form("text/csv; charset=utf-8", as_csv),
    "json": Form("application/json", as_json),
    "parquet": Form("application/vnd.apache.parquet", as_parquet),
}


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return escape(value) if isinstance(value, str) else value
