"""Serial numbers that stand at two places: a device was moved, or one that was gone is back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from collector.schema import devices

GONE = frozenset({"missing", "stolen"})
# shorter ones are numbers on a shelf, not of a maker
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """A device of the inventory."""

    site: str
    name: str
    serial: str
    state: str

    def __str__(self) -> str:
        return f"{self.name} of {self.site} ({self.state})"


def normal(serial: str) -> str:
    """As serial numbers are compared: letters and digits, small; empty for what is none."""
    found = "".join(c for c in serial.casefold() if c.isalnum())
    return found if len(found) >= _SHORTEST else ""


def twice(connection: Connection) -> list[list[Standing]]:
    """Devices with one serial number at more than one place, those that were gone first."""
    d = devices.c
    rows = connection.execute(select(d.site, d.name, d.serial, d.state).where(d.serial != ""))
    known = [one for row in rows if normal((one := Standing(*row)).serial)]
    known.sort(key=lambda one: (normal(one.serial), one.site, one.name))
    same = [list(group) for _, group in groupby(known, key=lambda one: normal(one.serial))]
    found = [group for group in same if len(group) > 1]
    return sorted(found, key=lambda group: not any(one.state in GONE for one in group))


def elsewhere(
    connection: Connection, rows: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[str]:
    """Of devices that are to come: those whose serial number stands at another place already."""
    coming = {(row["site"], row["name"]): row for _, row in rows}
    wanted = {normal(row.get("serial") or "") for row in coming.values()} - {""}
    d = devices.c
    there = connection.execute(select(d.site, d.name, d.serial, d.state)) if wanted else ()
    known: dict[str, list[Standing]] = {}
    for row in there:
        one = Standing(*row)
        # what comes itself is taken as it comes
        if (one.site, one.name) not in coming and normal(one.serial) in wanted:
            known.setdefault(normal(one.serial), []).append(one)
    for place, values in rows:
        for one in known.get(normal(values.get("serial") or ""), ()):
            yield f"{place}, column serial: {_told(one)}"


def _told(one: Standing) -> str:
    if one.state in GONE:
        return f"its serial number is of a device that is {one.state} at {one.site}"
    return f"its serial number stands at {one.site} already"
