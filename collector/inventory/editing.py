"""Checks and cadences edited by a person: read by field, compared with what was shown, then put."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector import schema
from collector.db import meta_get
from collector.inventory import keeping, probes
from collector.inventory.applying import OWN_SITE, Catalogue, Watched, scopes_of
from collector.inventory.bound import refusals
from collector.inventory.changes import complete
from collector.inventory.exporting import spread
from collector.inventory.fitting import crowded, known_places, strangers
from collector.inventory.importing import row_of
from collector.inventory.keeping import put
from collector.inventory.kinds import CADENCES, KINDS
from collector.inventory.store import Service, Site, rows_of, services, sites

COLUMNS = tuple(KINDS["services"].columns)
# what may be set for all sites of a place at once
CADENCE = ("profile", "check_every_s", "report_every_s", "bytes_per_day")
_PROBLEM = re.compile(r"(?:line \d+, )?column (\w+): (.*)", re.DOTALL)
_STALE = "somebody changed it meanwhile; look at it again"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as somebody typed it: its values, or what is wrong by the name of the field."""

    values: Mapping[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit would do at one site: added, changed, removed; `outside`: to who looks there."""

    site: Site
    what: str
    outside: bool = False


def find(connection: Connection, name: str, place: str) -> dict[str, Any] | None:
    """One row of services with its settings as a table."""
    table = schema.services
    rows = rows_of(connection, table, (table.c.name == name) & (table.c.site == place))
    return spread(rows[0]) if rows else None


def mark(row: object) -> str:
    """Tells whether what was shown is still what is there; "" for what is not there."""
    if not row:
        return ""
    text = json.dumps(row, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(connection: Connection, cells: Mapping[str, str]) -> Draft:
    """A row of services from the texts of a form."""
    values, wrong = row_of("services", {key: text.strip() for key, text in cells.items()})
    if not wrong:
        known = known_places(connection)
        wrong = list(strangers(connection, "services", [("", values)], *known))
    if not wrong:
        whole = complete(KINDS["services"], values, None)
        wrong = list(refusals(connection, [("", whole)]))
    return Draft(values, problems_by_field(wrong, "name"))


def problems_by_field(wrong: Iterable[str], first: str) -> dict[str, str]:
    """What is wrong with a row by the name of its field; what names none belongs to the first."""
    problems: dict[str, str] = {}
    for told in wrong:
        match = _PROBLEM.search(told)
        problems.setdefault(match[1] if match else first, match[2] if match else told)
    return problems


def service(values: Row) -> Service:
    """A row as the service that it will be."""
    kind = KINDS["services"]
    whole = {name: values.get(name, column.default) for name, column in kind.columns.items()}
    settings = {key: text for key, text in values.get("settings", {}).items() if text}
    return Service(**whole, settings=settings)


def effects(connection: Connection, old: tuple[str, str], after: Service | None) -> list[Effect]:
    """What the agents of which sites would look at that they do not now, by code.

    `old` is the key of the row as it is; `after` None removes it.
    """
    rows = services(connection)
    keys = {old} if after is None else {old, (after.name, after.site)}
    left = [one for one in rows if (one.name, one.site) not in keys]
    before, then = Catalogue(rows), Catalogue([*left, after] if after else left)
    names, where = {name for name, _ in keys}, {place for _, place in keys}
    every = sites(connection)
    found = []
    for site in every:
        if where & set(scopes_of(site)) and (what := _compare(before, then, site, names)):
            found.append(Effect(site, what))
    default, inside = Watched(meta_get(connection, OWN_SITE)), {one.site.code for one in found}
    for site in every:
        if site.code not in inside and _outside(before, then, site, default):
            found.append(Effect(site, "changed", outside=True))
    return sorted(found, key=lambda effect: effect.site.code)


def save(
    connection: Connection, key: tuple[str, str], shown: str, values: Row, now: float, by: str
) -> None:
    """Put the row in the place of `key`, if that is still as shown; Refused when it is not."""
    before = _expect(connection, key, shown)
    after = (values["name"], values.get("site", ""))
    if after != key and find(connection, *after) is not None:
        raise Refused("name", "there is a check of this name there already")
    if before is not None:
        # what an earlier kind needed goes with it
        kept = dict.fromkeys(before["settings"], "")
        values = {**values, "settings": {**kept, **values.get("settings", {})}}
    if before is not None and after != key:
        keeping.remove(connection, "services", [before], now, by)
    outcome = put(connection, "services", [values], now, by)
    whole = [("", change.after) for change in outcome.changes]
    for column, why in problems_by_field(refusals(connection, whole), "name").items():
        raise Refused(column, why)
    if crowd := crowded(connection):
        raise Refused("site", crowd)


def remove(connection: Connection, key: tuple[str, str], shown: str, now: float, by: str) -> None:
    """Take the row away, if it is still as shown."""
    before = _expect(connection, key, shown)
    if before is None:
        raise Refused("name", "there is no such check")
    keeping.remove(connection, "services", [before], now, by)


def sites_of(connection: Connection, place: str) -> list[Site]:
    """The sites that a place means, by code."""
    return [site for site in sites(connection) if place in scopes_of(site)]


def cadence_of(chosen: Iterable[Site]) -> list[list[Any]]:
    """What of these sites can be set at once: a mark is made of it."""
    return [[site.code, *(getattr(site, name) for name in CADENCE)] for site in chosen]


def read_cadence(cells: Mapping[str, str]) -> Draft:
    """What to set: an empty field leaves as it is, `-` takes away what a site has of its own."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    columns = KINDS["sites"].columns
    for name in CADENCE:
        text = cells.get(name, "").strip()
        if text == "-":
            values[name] = None
        elif text:
            try:
                values[name] = columns[name].read(text)
            except ValueError as error:
                problems[name] = str(error)
    if values.get("profile", "") is None:
        problems["profile"] = f"must be one of {', '.join(CADENCES)}"
    return Draft(values, problems)


def set_cadence(
    connection: Connection, place: str, shown: str | None, values: Row, now: float, by: str
) -> list[str]:
    """Set this at every site of the place; the codes that changed. `shown` None: whatever is."""
    keeping.take_turns(connection)
    chosen = sites_of(connection, place)
    if shown is not None and mark(cadence_of(chosen)) != shown:
        raise Refused("place", _STALE)
    if not chosen:
        raise Refused("place", f"no site is in {place!r}")
    rows = [{"code": site.code, **_of_profile(site, values)} for site in chosen]
    return put(connection, "sites", rows, now, by).changed


def _of_profile(site: Site, values: Row) -> dict[str, Any]:
    """`-` for the reports is what the profile says."""
    found = dict(values)
    if "report_every_s" in found and found["report_every_s"] is None:
        found["report_every_s"] = CADENCES[found.get("profile", site.profile)][1]
    return found


def _expect(connection: Connection, key: tuple[str, str], shown: str) -> dict[str, Any] | None:
    keeping.take_turns(connection)
    before = find(connection, *key) if key[0] else None
    if mark(before) != shown:
        raise Refused("name", _STALE)
    return before


def _compare(before: Catalogue, then: Catalogue, site: Site, names: set[str]) -> str:
    old, new = ([_looks(c.of(site).get(name)) for name in names] for c in (before, then))
    return _said(old, new)


def _outside(before: Catalogue, then: Catalogue, site: Site, default: Watched) -> bool:
    old, new = (
        [*c.watched_at(site.code, default), *c.seen_from(site.code, default)]
        for c in (before, then)
    )
    return old != new


def _looks(one: Service | None) -> list[dict[str, Any]]:
    return probes.checks_of(one) if one is not None else []


def _said(old: list[Any], new: list[Any]) -> str:
    if old == new:
        return ""
    if not any(old):
        return "added"
    return "changed" if any(new) else "removed"
