"""Our Parquet files are read by a program that is not ours, cell by cell."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from web.opendata import parquet
from web.opendata.datasets import FLAG, NUMBER, TEXT, WHOLE, Column

COLUMNS = [Column(name, kind, {}, {}) for name, kind in
           (("teks", TEXT), ("whole", WHOLE), ("number", NUMBER), ("flag", FLAG))]  # fmt: skip
MANY = [
    {
        "teks": None if n % 7 == 0 else f"désa {n}",
        "whole": None if n % 3 else n * 10**12 - 5,
        "number": None if n % 5 == 0 else n / 3,
        "flag": None if n % 11 == 0 else n % 2 == 0,
    }
    for n in range(1000)
]


def read_back(folder: Path, columns: Sequence[Column], rows: Sequence[Any]) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import duckdb
    path = folder / "a.parquet"
    path.write_bytes(parquet.write(columns, rows))
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(path)).fetchall()
    return [dict(zip([column.name for column in columns], row, strict=True)) for row in found]


@pytest.mark.parametrize(
    "rows",
    [[], MANY[1:2], [dict.fromkeys(MANY[0])] * 3, MANY],
    ids=["no row", "one", "empty cells only", "a thousand"],
)
def test_what_was_written_is_read(tmp_path: Path, rows: list[Any]) -> None:
    assert read_back(tmp_path, COLUMNS, rows) == rows


def test_more_columns_than_a_short_list_takes(tmp_path: Path) -> None:
    columns = [Column(f"c{n}", WHOLE, {}, {}) for n in range(40)]
    rows = [{column.name: n for column in columns} for n in (-(2**63), 0, 2**63 - 1)]
    assert read_back(tmp_path, columns, rows) == rows
