"""What may stand in a public cell: no count under five, and none that differencing gives. Pure.

Every count is rounded to a multiple of five, whatever table it stands in. Two tables that overlap
differ by a multiple of five, so no difference of them is a count under five; no second cell has to
be hidden for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from web.opendata.datasets import Dataset
from web.public import safe

LEAST = 5
STEP = 5
# the column that says that something in its row is hidden
HIDDEN = "suppressed"

Row = Mapping[str, Any]


def cell(count: float | None) -> int | None:
    """None for 1 to 4, and for what nobody counted; nothing at all is 0."""
    if count is None or 0 < count < LEAST:
        return None
    # half up: 12.5 is 15, and Python's own rounding would go by even and odd
    return int((count + STEP / 2) // STEP * STEP)


def public(dataset: Dataset, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows with the columns that everybody may read, counts as above, and whether one of them
    is hidden; names as on the public pages."""
    return [_row(dataset, row) for row in rows]


def _row(dataset: Dataset, row: Row) -> dict[str, Any]:
    counts = [column.name for column in dataset.columns if column.counts]
    small = [name for name in counts if row[name] is not None and 0 < row[name] < LEAST]
    # a person alone for a day makes 24 person-hours
    few = dataset.people in small
    made: dict[str, Any] = {}
    for column in dataset.open:
        value = row[column.name]
        made[column.name] = (None if few else cell(value)) if column.counts else value
    # people typed them: what looks like somebody's name or number is told by its code
    for of in ("site", "district"):
        if (told := made.get(f"{of}_name")) is not None:
            made[f"{of}_name"] = safe.name(told, made[f"{of}_code"])
    if dataset.hides:
        made[HIDDEN] = bool(small)
    return made


def whole(dataset: Dataset, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as agencies read them by token: every column, counts as they are."""
    names: Sequence[str] = [column.name for column in dataset.columns]
    return [{name: row[name] for name in names} for row in rows]
