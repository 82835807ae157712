"""A file becomes rows of the inventory: all of it, or nothing and the list of what is wrong."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from collector.inventory import boundaries, check_settings, places, probes, sheet
from collector.inventory.bound import refusals
from collector.inventory.changes import key_of
from collector.inventory.fitting import crowded, known_places, slips, strangers
from collector.inventory.formats import ansible, netbox
from collector.inventory.keeping import Outcome, put
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.sheet import MOST_PROBLEMS, BadFile, Line, Sheet

_LINE = re.compile(r"\w+ (\d+)")
_COLUMN = re.compile(r"column (\w+):")
CSV = "csv"
# how files of other programs are read: rows of one kind, as a sheet of ours
FORMS = {"ansible": ansible.read, "netbox": netbox.read}


@dataclass(frozen=True, slots=True)
class Parsed:
    """Rows of one kind that may be taken as far as the file alone can tell; each with its place.

    `problems` tell of the rows that may not; where there are any, nothing of the file is taken.
    """

    kind: Kind
    file: str
    rows: Sequence[tuple[str, Mapping[str, Any]]]
    problems: Sequence[str] = field(default_factory=tuple)


def parse(name: str, data: bytes, file: str, form: str = CSV) -> Parsed:
    """Read a file of one kind (areas: also GeoJSON); BadFile holds up to 20 problems."""
    found = examine(name, data, file, form)
    if found.problems:
        raise BadFile(file, found.problems[:MOST_PROBLEMS])
    return found


def examine(name: str, data: bytes, file: str, form: str = CSV) -> Parsed:
    """The same, with the rows that are good beside every problem of the others."""
    kind = KINDS[name]
    try:
        if form != CSV:
            rows, problems = _of_others(kind, FORMS[form](name, data, file), form)
        elif name == "areas" and is_geojson(data):
            rows, problems = boundaries.read(data, file)
        else:
            rows, problems = _from_sheet(kind, sheet.read(data, file))
    except BadFile as bad:
        return Parsed(kind, file, [], [told.removeprefix(f"{file}: ") for told in bad.problems])
    repeats = list(_repeats(kind, rows))
    return Parsed(kind, file, rows, sorted([*problems, *repeats], key=_line_of))


def is_geojson(data: bytes) -> bool:
    """Whether a file is no table but an object of JSON."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def bring(connection: Connection, parsed: Parsed, now: float, by: str) -> Outcome:
    """Put what was read into the inventory, in the caller's transaction."""
    known = known_places(connection)
    problems = list(strangers(connection, parsed.kind.name, parsed.rows, *known))
    if problems:
        raise BadFile(parsed.file, problems[:MOST_PROBLEMS])
    rows = [values for _, values in parsed.rows]
    outcome = put(connection, parsed.kind.name, rows, now, by)
    if parsed.kind.name == "services":
        where = {key_of(parsed.kind, values): place for place, values in parsed.rows}
        # a row may lack columns: what counts is the whole one that it became
        whole = [(where[change.key], change.after) for change in outcome.changes]
        if problems := list(refusals(connection, whole)):
            raise BadFile(parsed.file, problems[:MOST_PROBLEMS])
        if crowd := crowded(connection):
            raise BadFile(parsed.file, [crowd])
    return outcome


def row_of(name: str, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """One row of a kind from its cells, and what is wrong with it, each with its column."""
    kind = KINDS[name]
    filled = {**dict.fromkeys(kind.required, ""), **cells}
    return _values(kind, Line(0, filled))


def doubts(connection: Connection, parsed: Parsed) -> list[str]:
    """What of it looks like a slip, each with file and place."""
    found = slips(connection, parsed.kind.name, parsed.rows, *known_places(connection))
    return [f"{parsed.file}: {slip}" for slip in islice(found, MOST_PROBLEMS)]


def _of_others(
    kind: Kind, table: Sheet, form: str
) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """Rows of another program's file; problems name its own columns."""
    rows, problems = _from_sheet(kind, table)
    called = netbox.CALLED[kind.name] if form == "netbox" else {}
    prefix = ansible.PREFIX if form == "ansible" and kind.name == "sites" else ""

    def theirs(match: re.Match[str]) -> str:
        return f"column {called.get(match[1], prefix + match[1])}:"

    own = set(table.problems)
    return rows, [p if p in own else _COLUMN.sub(theirs, p, count=1) for p in problems]


def _from_sheet(kind: Kind, table: Sheet) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    problems = list(_header_problems(kind, table))
    found: list[tuple[str, dict[str, Any]]] = []
    if problems:
        return found, problems
    problems += table.problems
    for line in table.lines:
        values, wrong = _values(kind, line)
        problems += wrong
        if not wrong:
            found.append((f"line {line.number}", values))
    return found, problems


def _header_problems(kind: Kind, table: Sheet) -> Iterator[str]:
    for name in kind.required:
        if name not in table.columns:
            yield f"line 1: column {name} is missing"
    known = [*kind.columns, *(check_settings.FURTHER if kind.further else ())]
    for name in table.columns:
        if name not in known:
            yield f"line 1: unknown column {name}; known are {', '.join(known)}"


def _values(kind: Kind, line: Line) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    further: dict[str, str] = {}
    for name, text in line.cells.items():
        column = kind.columns.get(name)
        if column is None:
            further[name] = text
        elif text:
            try:
                values[name] = column.read(text)
            except ValueError as error:
                problems.append(f"line {line.number}, column {name}: {error}")
        elif name in kind.required:
            problems.append(f"line {line.number}, column {name}: is empty")
        else:
            values[name] = column.default
    if kind.further:
        values["settings"] = further
    if not problems:
        problems = [f"line {line.number}, {wrong}" for wrong in _together(kind, values)]
    return values, problems


def _together(kind: Kind, values: Mapping[str, Any]) -> Iterator[str]:
    """What cells say of each other."""
    if kind.name == "services":
        yield from probes.problems(values)
    if kind.name != "areas":
        return
    code = values["code"]
    expected = {"level": places.level(code), "parent": places.parent(code)}
    for column, right in expected.items():
        if values.get(column, "") not in ("", right):
            yield f"column {column}: {code} has {column} {right or 'none'}, got {values[column]}"


def _repeats(kind: Kind, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    first: dict[tuple[str, ...], str] = {}
    for place, values in rows:
        key = key_of(kind, values)
        if key in first:
            named = " ".join(filter(None, key))
            yield f"{place}, column {kind.key[0]}: {named} stands on {first[key]} too"
        first.setdefault(key, place)


def _line_of(problem: str) -> int:
    match = _LINE.match(problem)
    return int(match[1]) if match else 0
