"""How things get into the inventory: new ones completed, known ones changed, an act written."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from collector import acts, schema
from collector.db import meta_get, meta_set, upsert
from collector.inventory import places
from collector.inventory.kinds import CADENCES, KINDS, Kind
from collector.inventory.store import rows_of

Values = Mapping[str, Any]
_NEXT_ROW = "next_site_row"
_FEW = 500


# what the fold goes by
_FOLDED = {
    "sites": ("code", "row", "lifecycle", "report_every_s", "isp", "upstream", "power_feeder"),
    "uplinks": ("site", "name", "isp", "upstream", "type", "bill_day", "ends", "mbps"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change of the inventory came to: keys, and areas that had to be made for them."""

    kind: str
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)

    @property
    def touched(self) -> list[str]:
        return [*self.new, *self.changed]


def put(connection: Connection, name: str, rows: Sequence[Values], now: float, by: str) -> Outcome:
    """Bring rows of one kind into the inventory, in the caller's transaction, with their act.

    A row may lack columns: a new thing gets their defaults, a known one keeps what it has.
    Values are taken as they are; whoever reads them from outside has checked them.
    """
    kind = KINDS[name]
    take_turns(connection)
    known = {key_of(kind, row): row for row in _known(connection, kind, rows)}
    outcome = Outcome(name)
    touched: list[dict[str, Any]] = []
    for row in rows:
        key = key_of(kind, row)
        before = known.get(key)
        after = _complete(kind, row, before)
        if before == after:
            outcome.same.append("/".join(filter(None, key)))
            continue
        (outcome.new if before is None else outcome.changed).append("/".join(filter(None, key)))
        touched.append(after)
    if name == "sites":
        _give_rows(connection, touched)
    outcome.areas.extend(_make_areas(connection, name, touched))
    upsert(kind.table, touched, connection)
    body = {"codes": outcome.touched, "count": len(touched), "areas": outcome.areas}
    if name in _FOLDED:
        # a replay of the journal meets things as they were then, not as they are today
        body["rows"] = [{column: row[column] for column in _FOLDED[name]} for row in touched]
    acts.record(connection, now, by, "inventory", name, body)
    return outcome


def _known(connection: Connection, kind: Kind, rows: Sequence[Values]) -> list[dict[str, Any]]:
    """The rows that are there already, and perhaps others beside them."""
    first = kind.table.c[kind.key[0]]
    wanted = {row[first.name] for row in rows}
    # a database takes only so many parameters; a big file touches most rows anyway
    return rows_of(connection, kind.table, first.in_(wanted) if len(wanted) <= _FEW else None)


def key_of(kind: Kind, row: Values) -> tuple[str, ...]:
    """What names a row among its kind."""
    return tuple(str(row.get(column) or "") for column in kind.key)


def take_turns(connection: Connection) -> None:
    """Imports in one order, where the database itself lets writers run side by side."""
    centre = select(schema.meta).where(schema.meta.c.key == "centre").with_for_update()
    connection.execute(centre)


def _complete(kind: Kind, row: Values, before: Values | None) -> dict[str, Any]:
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
    area["parent"] = code.rpartition(".")[0]


def _settings_text(settings: Values | None, before: Values | None) -> str:
    merged: dict[str, Any] = json.loads(before["settings"]) if before is not None else {}
    merged |= settings or {}
    given = {key: value for key, value in sorted(merged.items()) if value != ""}
    return json.dumps(given, separators=(",", ":"), ensure_ascii=False)


def _give_rows(connection: Connection, sites: Iterable[dict[str, Any]]) -> None:
    highest = connection.execute(select(func.max(schema.sites.c.row))).scalar()
    # counted apart from the table: the row of a site that somebody deleted still has a history
    after_highest = 0 if highest is None else highest + 1
    following = max(int(meta_get(connection, _NEXT_ROW, "0")), after_highest)
    for site in sites:
        if site["row"] is None:
            site["row"] = following
            following += 1
    meta_set(connection, _NEXT_ROW, str(following))


def _make_areas(connection: Connection, name: str, rows: Sequence[Values]) -> list[str]:
    """Areas that the codes imply and nobody has named yet; those made here, by code."""
    if name not in ("areas", "sites"):
        return []
    table = schema.areas
    implied = {code for row in rows for code in places.parents(row["code"])}
    named = select(table.c.code)
    if len(implied) <= _FEW:
        named = named.where(table.c.code.in_(implied))
    known = {code for (code,) in connection.execute(named)}
    known |= {row["code"] for row in rows} if name == "areas" else set()
    made: dict[str, dict[str, Any]] = {}
    for row in rows:
        labels = ("", row.get("regency"), row.get("district"))
        for code, label in zip(places.parents(row["code"]), labels, strict=False):
            if code not in known and not (code in made and made[code]["name"] != code):
                made[code] = _complete(KINDS["areas"], {"code": code, "name": label or code}, None)
    upsert(table, list(made.values()), connection)
    return sorted(made)
