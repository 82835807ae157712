"""Areas, sites and devices as NetBox's bulk import has them, and back from its exports. Pure.

NetBox wants names of sites to be unique, and tells a device's site by its name: the code stands in
both, in brackets. What only one side knows is left alone there.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from collector.inventory import places
from collector.inventory.exporting import text_of
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import BadFile, Line, Sheet, escape
from collector.inventory.sheet import read as read_sheet

TAKES = ("areas", "sites", "devices")
# by our word; a centre below is no site of anybody's network
LIFECYCLES = {"planned": "planned", "active": "active", "retired": "retired"}
STATES = {
    "in_use": "active",
    "spare": "inventory",
    "repair": "failed",
    "missing": "offline",
    "stolen": "decommissioning",
}
# whose make we do not know
GENERIC, UNKNOWN = "Generic", "unknown"
_CODE = re.compile(r"(.*?)\s*\(([0-9.]{2,13}(?:-[A-Za-z0-9_-]+)?)\)")
_SLUG = re.compile(
    r"[0-9]{2}(-[0-9]{2}){0,2}|[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{4}(-[A-Za-z0-9_-]+)?"
)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_AREA, _VILLAGE = 3, 4
Row = Mapping[str, Any]
Told = Mapping[str, str]

_HEADERS = {
    "areas": ("name", "slug", "parent.slug"),
    "sites": ("name", "slug", "status", "region.slug", "facility", "latitude", "longitude"),
    "devices": (
        "name", "role", "manufacturer", "device_type", "serial", "status", "site.slug", "comments",
    ),
}  # fmt: skip
# the column of theirs that a column of ours comes from
CALLED = {
    "areas": {"code": "slug"},
    "sites": {"code": "facility", "lifecycle": "status", "lat": "latitude", "lon": "longitude"},
    "devices": {"kind": "role", "state": "status", "note": "comments"},
}


def write(name: str, rows: Iterable[Row], areas: Mapping[str, str]) -> str:
    """The rows of one kind as CSV; `areas`: those whose regions there are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADERS[name])
    for row in rows:
        cells = _WRITES[name](row, areas)
        if cells is not None:
            # a number runs as no formula, and NetBox takes no number with a ' in front
            writer.writerow([c if _NUMBER.fullmatch(c) else escape(c) for c in cells])
    return out.getvalue()


def leaves_out(name: str, row: Row) -> bool:
    """Whether NetBox has no place for it."""
    return _WRITES[name](row, {}) is None


def read(name: str, data: bytes, file: str) -> Sheet:
    """Rows of one kind from a CSV of NetBox's; what is wrong is told by line and its own column."""
    if name not in TAKES:
        raise BadFile(file, [f"from NetBox come {', '.join(TAKES)}, not {name}"])
    table = read_sheet(data, file)
    # "Time Zone" on its pages is time_zone in its files
    known = {column: column.replace(" ", "_") for column in table.columns}
    problems = list(table.problems)
    if missing := [c for c in _NEEDED[name] if not set(c) & set(known.values())]:
        lacks = ", ".join(" or ".join(each) for each in missing)
        raise BadFile(file, [f"line 1: column {lacks} is missing"])
    lines = []
    for line in table.lines:
        told = {known[column]: text for column, text in line.cells.items()}
        cells, wrong = _READS[name](told)
        problems += [f"line {line.number}, {each}" for each in wrong]
        if not wrong:
            lines.append(Line(line.number, cells))
    return Sheet(KINDS[name].required, lines, problems)


_NEEDED: Mapping[str, Sequence[tuple[str, ...]]] = {
    "areas": (("name",), ("slug",)),
    "sites": (("name",), ("facility", "slug")),
    "devices": (("name",), ("site.slug", "site")),
}


def slug(code: str) -> str:
    return code.replace(".", "-")


def code_of(text: str) -> str:
    """A code by its slug; "" where it is none of ours."""
    if not _SLUG.fullmatch(text):
        return ""
    parts = text.split("-")
    return "-".join([".".join(parts[:_VILLAGE]), *filter(None, ["-".join(parts[_VILLAGE:])])])


def _area_cells(row: Row, areas: Mapping[str, str]) -> Sequence[str] | None:
    code = row["code"]
    if code.count(".") >= _AREA:
        # a village is a site there
        return None
    parent = places.parent(code)
    return (row["name"], slug(code), slug(parent) if parent in areas else "")


def _site_cells(row: Row, areas: Mapping[str, str]) -> Sequence[str] | None:
    if row["lifecycle"] not in LIFECYCLES:
        return None
    code = row["code"]
    district = places.parents(code)[2]
    return (
        f"{row['name']} ({code})",
        slug(code),
        LIFECYCLES[row["lifecycle"]],
        slug(district) if district in areas else "",
        code,
        *(_degrees(row[column]) for column in ("lat", "lon")),
    )


def _device_cells(row: Row, _: Mapping[str, str]) -> Sequence[str] | None:
    return (
        row["name"],
        row["kind"] or UNKNOWN,
        GENERIC,
        GENERIC,
        row["serial"],
        STATES[row["state"]],
        slug(row["site"]),
        row["note"],
    )


def _degrees(value: float | None) -> str:
    # six decimals are all that NetBox takes: a tenth of a metre
    return "" if value is None else text_of(round(float(value), 6))


def _area_from(told: Told) -> tuple[dict[str, str], list[str]]:
    code = code_of(told["slug"])
    wrong = [] if code else [f"column slug: {told['slug']!r} is no code such as 35-10-06"]
    return {"code": code, "name": told["name"]}, wrong


def _site_from(told: Told) -> tuple[dict[str, str], list[str]]:
    named = _CODE.fullmatch(told["name"])
    code = told.get("facility") or code_of(told.get("slug", "")) or (named[2] if named else "")
    wrong = [] if code else ["column facility: is empty, and the slug is no code"]
    cells = {"code": code, "name": named[1] if named else told["name"]}
    for ours, theirs in (("lat", "latitude"), ("lon", "longitude")):
        if theirs in told:
            cells[ours] = _longer(told[theirs])
    wrong += _worded(told, "status", LIFECYCLES, "lifecycle", cells)
    return cells, wrong


def _device_from(told: Told) -> tuple[dict[str, str], list[str]]:
    named = _CODE.fullmatch(told.get("site", ""))
    site = code_of(told.get("site.slug", "")) or (named[2] if named else "")
    wrong = [] if site else ["column site: names no code of a site, in brackets or as slug"]
    cells = {"site": site, "name": told["name"]}
    role = told.get("role", told.get("device_role"))
    if role is not None:
        cells["kind"] = "" if role.lower() == UNKNOWN else role
    for ours, theirs in (("serial", "serial"), ("note", "comments")):
        if theirs in told:
            cells[ours] = told[theirs]
    wrong += _worded(told, "status", STATES, "state", cells)
    return cells, wrong


def _worded(
    told: Told, theirs: str, words: Mapping[str, str], ours: str, cells: dict[str, str]
) -> Iterator[str]:
    given = told.get(theirs, "").lower()
    if not given:
        return
    found = next((word for word, there in words.items() if there == given), None)
    if found is None:
        yield f"column {theirs}: expected one of {', '.join(words.values())}, got {given!r}"
    else:
        cells[ours] = found


def _longer(text: str) -> str:
    # to who reads rupiah 113.125 is more than a hundred thousand
    return text + "0" if re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{3}", text) else text


_WRITES: Mapping[str, Callable[[Row, Mapping[str, str]], Sequence[str] | None]] = {
    "areas": _area_cells,
    "sites": _site_cells,
    "devices": _device_cells,
}
_READS: Mapping[str, Callable[[Told], tuple[dict[str, str], list[str]]]] = {
    "areas": _area_from,
    "sites": _site_from,
    "devices": _device_from,
}
