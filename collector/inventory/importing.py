"""A file becomes rows of the inventory: all of it, or nothing and the list of what is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from collector.db import meta_get
from collector.inventory import boundaries, check_settings, places, probes, sheet
from collector.inventory.applying import OWN_SITE, Catalogue, Watched
from collector.inventory.keeping import Outcome, key_of, put
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.sheet import MOST_PROBLEMS, BadFile, Line, Sheet
from collector.inventory.store import area_names, services, site_rows, sites

# agents take 64 checks, some of which they always make
MOST_SERVICES = 50
# one that looks at central services and public names takes more
MOST_WATCHED = 400
_SITE_CHARS = len("35.10.12.2004")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Rows of one kind that may be taken as far as the file alone can tell; each with its place."""

    kind: Kind
    file: str
    rows: Sequence[tuple[str, Mapping[str, Any]]]


def parse(name: str, data: bytes, file: str) -> Parsed:
    """Read a CSV file of one kind (areas: also GeoJSON); BadFile holds up to 20 problems."""
    kind = KINDS[name]
    if name == "areas" and data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        found = boundaries.read(data, file)
    else:
        found = _from_sheet(kind, sheet.read(data, file), file)
    _refuse_repeats(kind, found, file)
    return Parsed(kind, file, found)


def bring(connection: Connection, parsed: Parsed, now: float, by: str) -> Outcome:
    """Put what was read into the inventory, in the caller's transaction."""
    if parsed.kind.name in ("uplinks", "devices", "services"):
        problems = list(strangers(connection, parsed.kind.name, parsed.rows))
        if problems:
            raise BadFile(parsed.file, problems[:MOST_PROBLEMS])
    rows = [values for _, values in parsed.rows]
    outcome = put(connection, parsed.kind.name, rows, now, by)
    if parsed.kind.name == "services" and (crowd := crowded(connection)):
        raise BadFile(parsed.file, [crowd])
    return outcome


def row_of(name: str, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """One row of a kind from its cells, and what is wrong with it, each with its column."""
    kind = KINDS[name]
    filled = {**dict.fromkeys(kind.required, ""), **cells}
    return _values(kind, Line(0, filled))


def strangers(
    connection: Connection, kind: str, rows: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[str]:
    """Places that rows name and nobody knows."""
    codes = {*site_rows(connection)}
    # a row of services may speak of an area, a provider, a profile
    known = codes | {*area_names(connection)} if kind == "services" else codes
    for place, values in rows:
        for column, where in (("site", known), ("vantage", codes)):
            named = values.get(column) or ""
            if named[:1].isdigit() and named not in where:
                what = "area" if len(named) < _SITE_CHARS else "site"
                yield f"{place}, column {column}: no {what} {named}; import it first"


def doubts(connection: Connection, parsed: Parsed) -> list[str]:
    """What is allowed but looks like a slip: contacts of places that nobody knows yet."""
    if parsed.kind.name != "contacts":
        return []
    known = {*site_rows(connection), *area_names(connection)}
    return [
        f"{parsed.file}: {place}, column scope: no site or area {values['scope']} yet"
        for place, values in parsed.rows
        if values["scope"][0].isdigit() and values["scope"] not in known
    ][:MOST_PROBLEMS]


def crowded(connection: Connection) -> str:
    """Whose agents would have more to look at than they take, in words; "" for nobody's.

    An agent refuses a configuration with too many checks, all of it.
    """
    catalogue = Catalogue(services(connection))
    checks = {id(one): len(probes.checks_of(one)) for one in catalogue.everybody}
    counts = {
        site.code: sum(checks[id(one)] for one in catalogue.of(site).values())
        for site in sites(connection)
    }
    code, most = max(counts.items(), key=lambda item: item[1], default=("every site", 0))
    if most > MOST_SERVICES:
        return f"{code} would have {most} services to check, {MOST_SERVICES} at most"
    return _crowded_elsewhere(catalogue, Watched(meta_get(connection, OWN_SITE)))


def _crowded_elsewhere(catalogue: Catalogue, watched: Watched) -> str:
    counts = Counter(watched.where(one) for one in (*catalogue.central.values(), *catalogue.public))
    del counts[""]
    code, most = max(counts.items(), key=lambda item: item[1], default=("", 0))
    if most <= MOST_WATCHED:
        return ""
    told = f"{code} would look at {most} central services and public names, {MOST_WATCHED} at most"
    return f"{told}; name another site in column vantage for some of them"


def _from_sheet(kind: Kind, table: Sheet, file: str) -> list[tuple[str, dict[str, Any]]]:
    problems = list(_header_problems(kind, table))
    found: list[tuple[str, dict[str, Any]]] = []
    if not problems:
        for line in table.lines:
            values, wrong = _values(kind, line)
            problems += wrong
            found.append((f"line {line.number}", values))
            if len(problems) >= MOST_PROBLEMS:
                break
    if problems:
        raise BadFile(file, problems[:MOST_PROBLEMS])
    return found


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
    expected = {"level": places.level(code), "parent": code.rpartition(".")[0]}
    for column, right in expected.items():
        if values.get(column, "") not in ("", right):
            yield f"column {column}: {code} has {column} {right or 'none'}, got {values[column]}"


def _refuse_repeats(kind: Kind, rows: Sequence[tuple[str, Mapping[str, Any]]], file: str) -> None:
    first: dict[tuple[str, ...], str] = {}
    problems: list[str] = []
    for place, values in rows:
        key = key_of(kind, values)
        if key in first:
            named = " ".join(filter(None, key))
            problems.append(f"{place}, column {kind.key[0]}: {named} stands on {first[key]} too")
        first.setdefault(key, place)
    if problems:
        raise BadFile(file, problems[:MOST_PROBLEMS])
