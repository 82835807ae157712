"""Sites and areas get new codes: all of theirs follows, the old codes lead to the new ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, bindparam, delete, select, update

from agent.strict import Refused
from collector import acts, layout_rows, schema
from collector.db import upsert
from collector.inventory import keeping, places, recoding, sheet
from collector.inventory.changes import implied
from collector.inventory.recoding import Pairs
from collector.inventory.sheet import BadFile
from collector.inventory.store import rows_of

VERB = "recode"
# columns that hold a code, or codes among other words; what was said or sent stays as it was
FOLLOWS: dict[Table, tuple[str, ...]] = {
    schema.uplinks: ("site",),
    schema.devices: ("site",),
    schema.services: ("site", "vantage"),
    schema.contacts: ("scope",),
    schema.agents: ("site", "grants"),
    schema.codes: ("site",),
    schema.memories: ("body",),
    schema.checks: ("site",),
    schema.verdicts: ("site",),
    schema.states: ("site",),
    schema.alarms: ("site", "series", "labels"),
    schema.citizen_reports: ("site",),
    schema.overrides: ("scope",),
    schema.incidents: ("site", "key", "parent", "details"),
    schema.members: ("site", "key"),
    schema.mutes: ("scope",),
    schema.windows: ("scope",),
    schema.duty: ("scope",),
    schema.quiet_hours: ("scope",),
    schema.trials: ("scope",),
    schema.passwords: ("area",),
    schema.users: ("areas",),
    schema.api_tokens: ("area", "site"),
    schema.walls: ("areas",),
    schema.webhooks: ("areas",),
    schema.saved_views: ("query",),
    schema.notes: ("site",),
    schema.hosts: ("site",),
    schema.exemptions: ("scope",),
    schema.centres: ("site", "area"),
    schema.foreign_alerts: ("site",),
    schema.run_hosts: ("site",),
    schema.run_steps: ("site",),
    schema.schedules: ("scope",),
    schema.meta: ("value",),
}
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Recoded:
    """What a recoding comes to: sites as (old, new), areas likewise, rows that follow them."""

    sites: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    rows: int


def read(data: bytes) -> dict[str, str]:
    """Pairs of a CSV file with the columns `old` and `new`; Refused names the line."""
    try:
        data.decode()
        table = sheet.read(data, "")
    except (UnicodeDecodeError, BadFile) as error:
        raise Refused("file", f"is no CSV file in UTF-8: {error}") from None
    if table.problems:
        raise Refused(*table.problems[0].split(": ", 1))
    if not {"old", "new"} <= set(table.columns):
        raise Refused("line 1", "expected the columns old and new")
    return recoding.read(
        (line.number, line.cells.get("old", ""), line.cells.get("new", "")) for line in table.lines
    )


def recode(
    connection: Connection, pairs: Pairs, now: float, by: str, lent: bool = False
) -> Recoded:
    """Give the codes, in the caller's transaction, while nothing runs on the centre's folder.

    `lent`: an external engine has numbers of sites, by the codes they had.
    Refused: an old code is not there, a new one is there already, or was another site's while
    numbers are lent: both would be shown as those of one.
    """
    keeping.take_turns(connection)
    renamed = recoding.renamer(pairs)
    sites = _moved(connection, schema.sites, renamed)
    areas = _moved(connection, schema.areas, renamed)
    _refuse(connection, pairs, sites, areas)
    if lent:
        _refuse_codes_of_others(connection, sites)
    _areas(connection, areas)
    _sites(connection, sites)
    rows = sum(_follow(connection, table, renamed) for table in FOLLOWS)
    rows += layout_rows.rename(connection, renamed)
    # what an older import would give back or bring has the old codes
    connection.execute(update(schema.imports).values(body=None))
    _leave_aliases(connection, [*areas, *sites], now)
    acts.record(connection, now, by, VERB, "", {"codes": dict([*areas, *sites]), "rows": rows})
    news = {new for _, new in sites}
    told = [row for row in rows_of(connection, schema.sites) if row["code"] in news]
    keeping.retell(connection, told, now, by)
    return Recoded(sites, areas, rows)


def alias(connection: Connection, code: str) -> str | None:
    """The code that an old one leads to; None where it is no old code."""
    asked = select(schema.aliases.c.new).where(schema.aliases.c.old == code)
    found: str | None = connection.execute(asked).scalar()
    return found


def aliases(connection: Connection) -> dict[str, str]:
    """Every old code with the one it leads to."""
    table = schema.aliases
    return {row.old: row.new for row in connection.execute(select(table.c.old, table.c.new))}


def _moved(
    connection: Connection, table: Table, renamed: Callable[[str], str]
) -> list[tuple[str, str]]:
    codes = connection.execute(select(table.c.code).order_by(table.c.code)).scalars()
    return [(code, new) for code in codes if (new := renamed(code)) != code]


def _refuse(
    connection: Connection,
    pairs: Pairs,
    sites: list[tuple[str, str]],
    areas: list[tuple[str, str]],
) -> None:
    moved = [old for old, _ in (*sites, *areas)]
    for old in pairs:
        if not any(places.within(code, old) for code in moved):
            raise Refused(old, "is no site and no area of the inventory")
    there = set(connection.execute(select(schema.sites.c.code)).scalars())
    for _, new in sites:
        if new in there:
            raise Refused(new, "is a site already")


def _refuse_codes_of_others(connection: Connection, sites: list[tuple[str, str]]) -> None:
    leads = aliases(connection)
    for old, new in sites:
        if leads.get(new, old) != old:
            words = f"was the code of {leads[new]}, whose numbers the external engine keeps by it"
            raise Refused(new, words)


def _areas(connection: Connection, moved: list[tuple[str, str]]) -> None:
    """An area that is there under its new code already, with its boundary, stays as it is."""
    table = schema.areas
    there = set(connection.execute(select(table.c.code)).scalars())
    for old, new in moved:
        row = next(iter(rows_of(connection, table, table.c.code == old)))
        connection.execute(delete(table).where(table.c.code == old))
        if new not in there:
            # nobody has named it: it is called by its code
            named = {"name": new} if row["name"] == old else {}
            moved_row = {**row, "code": new, "parent": places.parent(new), **named}
            upsert(table, [moved_row], connection)


def _sites(connection: Connection, moved: list[tuple[str, str]]) -> None:
    table = schema.sites
    if moved:
        statement = update(table).where(table.c.code == bindparam("was"))
        told = [{"was": old, "new": new} for old, new in moved]
        connection.execute(statement.values(code=bindparam("new")), told)
        news = rows_of(connection, table, table.c.code.in_([new for _, new in moved]))
        made = implied("sites", news, keeping.area_codes(connection))
        upsert(schema.areas, [change.after for change in made], connection)


def _follow(connection: Connection, table: Table, renamed: Callable[[str], str]) -> int:
    """Rows of one table that now say the new codes; how many there are."""
    key = list(table.primary_key.columns)
    columns = [table.c[name] for name in FOLLOWS[table]]
    changes = list(_changes(connection, [*key], columns, renamed))
    where = and_(*(column == bindparam(f"was_{column.name}") for column in key))
    values: dict[str, Any] = {column.name: bindparam(f"new_{column.name}") for column in columns}
    statement = update(table).where(where).values(values)
    for begin in range(0, len(changes), _AT_ONCE):
        connection.execute(statement, changes[begin : begin + _AT_ONCE])
    return len(changes)


def _changes(
    connection: Connection,
    key: list[Column[Any]],
    columns: list[Column[Any]],
    renamed: Callable[[str], str],
) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(*dict.fromkeys([*key, *columns]))).all():
        old = {column.name: row._mapping[column] for column in columns}
        new = {name: renamed(text) for name, text in old.items()}
        if new != old:
            was = {f"was_{column.name}": row._mapping[column] for column in key}
            yield was | {f"new_{name}": text for name, text in new.items()}


def _leave_aliases(connection: Connection, moved: list[tuple[str, str]], now: float) -> None:
    table = schema.aliases
    # who came twice has two old codes, which both lead to where they are now
    for old, new in moved:
        connection.execute(update(table).where(table.c.new == old).values(new=new))
        connection.execute(delete(table).where(table.c.old == new))
    rows = [{"old": old, "new": new, "at": now} for old, new in dict(moved).items()]
    upsert(table, rows, connection)
