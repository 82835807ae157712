"""What rows from outside would change among those that are there. Pure."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from collector.inventory import places
from collector.inventory.further import settings_in
from collector.inventory.kinds import CADENCES, KINDS, Kind

Values = Mapping[str, Any]
# a row, and where in its file it stands
Placed = tuple[str, Values]
_PLACES = {"areas": "code", "sites": "code", "contacts": "scope", "holidays": ""}


class Moved(NamedTuple):
    """One column of a row: what was there, and what will be."""

    column: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a kind that comes or changes; `before` None: it is new. `place`: of a file."""

    kind: str
    before: Values | None
    after: dict[str, Any]
    place: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return key_of(KINDS[self.kind], self.after)

    @property
    def name(self) -> str:
        """The key as people read it."""
        return spell(self.key)

    @property
    def at(self) -> str:
        """Where it belongs: a code, a scope; "" everywhere."""
        return place_of(self.kind, self.after)

    @property
    def moved(self) -> list[Moved]:
        """The columns that differ; of a new row those that hold anything."""
        if self.before is None:
            return list(_filled(self.kind, self.after))
        old = self.before
        return [Moved(c, old.get(c), new) for c, new in self.after.items() if old.get(c) != new]


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that come or change, and the names of those that stay as they are."""

    changes: list[Change] = field(default_factory=list)
    same: list[str] = field(default_factory=list)

    @property
    def new(self) -> list[Change]:
        return [change for change in self.changes if change.before is None]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if change.before is not None]


def place_of(kind: str, row: Values) -> str:
    """The place that a row belongs to: a code, a scope; "" everywhere."""
    return str(row.get(place_column(kind)) or "")


def place_column(kind: str) -> str:
    """Which column says so; "" for what belongs to no place."""
    return _PLACES.get(kind, "site")


def key_of(kind: Kind, row: Values) -> tuple[str, ...]:
    """What names a row among its kind."""
    return tuple(str(row.get(column) or "") for column in kind.key)


def spell(key: Sequence[str]) -> str:
    """A key on one line."""
    return "/".join(filter(None, key))


def compare(kind: Kind, rows: Iterable[Placed], known: Iterable[Values]) -> Difference:
    """Hold rows, each with its place, against those that are known.

    A row may lack columns: a new thing gets their defaults, a known one keeps what it has.
    """
    there = {key_of(kind, row): row for row in known}
    found = Difference()
    for place, row in rows:
        key = key_of(kind, row)
        before = there.get(key)
        after = complete(kind, row, before)
        if before == after:
            found.same.append(spell(key))
        else:
            found.changes.append(Change(kind.name, before, after, place))
    return found


def complete(kind: Kind, row: Values, before: Values | None) -> dict[str, Any]:
    """The whole row as it will be."""
    if before is not None:
        after = {**before, **row}
    else:
        after = {name: column.default for name, column in kind.columns.items()}
        after |= {column.name: None for column in kind.table.columns if column.name not in after}
        after |= row
    if kind.name == "areas":
        _place_area(after)
    elif kind.name == "sites" and (after["report_every_s"] is None or _new_profile(row, before)):
        after["report_every_s"] = CADENCES[after["profile"]][1]
    elif kind.name == "services":
        after["settings"] = _settings_text(row.get("settings"), before)
    return after


def implied(kind: str, rows: Iterable[Values], known: Collection[str]) -> list[Change]:
    """Areas that the codes of these rows lie in and nobody has named yet, by code."""
    if kind not in ("areas", "sites"):
        return []
    rows = list(rows)
    named = {*known, *((row["code"] for row in rows) if kind == "areas" else ())}
    made: dict[str, str] = {}
    for row in rows:
        labels = ("", row.get("regency"), row.get("district"))
        for code, label in zip(places.parents(row["code"]), labels, strict=False):
            if code not in named and made.get(code, code) == code:
                made[code] = label or code
    areas = KINDS["areas"]
    found = ({"code": code, "name": name} for code, name in sorted(made.items()))
    return [Change("areas", None, complete(areas, row, None)) for row in found]


def planned(
    areas: Iterable[tuple[str, Values]], known: Collection[str]
) -> list[tuple[str, Values]]:
    """A planned site for every village among rows of areas that has none, each with its place."""
    found: list[tuple[str, Values]] = []
    for place, area in areas:
        code = area["code"]
        if places.level(code) == places.LEVELS[-1] and code not in known and "name" in area:
            taken = {name: area[name] for name in ("code", "name", "lat", "lon") if name in area}
            found.append((place, {**taken, "lifecycle": "planned"}))
    return found


def _filled(kind: str, after: Values) -> Iterator[Moved]:
    columns = KINDS[kind].columns
    for name, value in after.items():
        default = columns[name].default if name in columns else None
        if value not in ("", None, "{}", default):
            yield Moved(name, None, value)


def _new_profile(row: Values, before: Values | None) -> bool:
    """Another profile brings its cadence unless the row names one."""
    given = row.get("report_every_s") is not None
    return (
        not given
        and before is not None
        and row.get("profile", before["profile"]) != before["profile"]
    )


def _place_area(area: dict[str, Any]) -> None:
    code = area["code"]
    area["level"] = places.level(code)
    area["parent"] = places.parent(code)


def _settings_text(settings: Values | None, before: Values | None) -> str:
    merged: dict[str, Any] = settings_in(before["settings"]) if before is not None else {}
    merged |= settings or {}
    given = {key: value for key, value in sorted(merged.items()) if value != ""}
    return json.dumps(given, separators=(",", ":"), ensure_ascii=False)
