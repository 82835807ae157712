"""All that the centre holds of one person, by what it is; and the same places, to be emptied."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    String,
    Table,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)

from collector import schema
from collector.persons import Person

# of each kind the newest; how many more there are is told
MOST = 5000
# under these a body of an act names a person; elsewhere the same word may be a role or a check
PERSONAL = ("by", "person", "people", "name", "note", "to", "user", "owner")
# never shown: what opens something, and what is no word of the person's
_HIDDEN = frozenset(
    {"password_hash", "key_hash", "token_hash", "code_hash", "box", "salt", "digest", "link", "url"}
)
# where an account's name stands in what other people need as well
NAMED = (
    (schema.incidents, "acknowledged_by"),
    (schema.incidents, "assigned_to"),
    (schema.incident_log, "by"),
    (schema.photos, "by"),
    (schema.notes, "by"),
    (schema.note_texts, "by"),
    (schema.mutes, "by"),
    (schema.windows, "by"),
    (schema.walls, "by"),
    (schema.passwords, "by"),
    (schema.webhooks, "by"),
    (schema.imports, "by"),
    (schema.imports, "applied_by"),
    (schema.imports, "undone_by"),
    (schema.users, "locked_by"),
    (schema.hosts, "by"),
    (schema.runs, "by"),
    (schema.runs, "approved_by"),
    (schema.schedules, "by"),
    (schema.automatics, "by"),
    (schema.exemptions, "by"),
    (schema.centres, "by"),
    (schema.erasures, "by"),
    (schema.citizen_reports, "by"),
)
# where contacts who answered stand by their name, within incidents they were told of
ANSWERED = (
    (schema.incidents, "acknowledged_by", "id"),
    (schema.incidents, "assigned_to", "id"),
    (schema.incident_log, "by", "incident"),
    (schema.photos, "by", "incident"),
)
# what is nobody's but the account's
OWN = (
    (schema.users, "name"),
    (schema.signins, "user"),
    (schema.signin_links, "user"),
    (schema.second_steps, "user"),
    (schema.recovery_codes, "user"),
    (schema.api_tokens, "owner"),
    (schema.saved_views, "user"),
)
# what is nobody's but the contact's
LISTED = (
    (schema.contacts, "name"),
    (schema.duty, "person"),
    (schema.quiet_hours, "person"),
    (schema.trials, "person"),
)
# addresses that people left without being known
LEFT = ((schema.citizen_contacts, "contact"),)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind, the newest `MOST`; `total` counts all."""

    name: str
    total: int
    rows: Sequence[Mapping[str, Any]]


def sections(connection: Connection, person: Person) -> list[Section]:
    """Everything, kind by kind; kinds of which there is nothing stand there, too."""
    found = [_section(connection, table, where) for table, where in places(person)]
    return [*found, _section(connection, schema.acts, told_in(person))]


def places(person: Person) -> list[tuple[Table, ColumnElement[bool]]]:
    """Every table that may hold something, acts left out, and which of its rows do."""
    wheres: dict[Table, list[ColumnElement[bool]]] = {}
    for table, column in OWN:
        wheres.setdefault(table, []).append(is_account(person, table.c[column]))
    for table, column in NAMED:
        if table is not schema.users:
            wheres.setdefault(table, []).append(is_account(person, table.c[column]))
    for table, column in LISTED:
        wheres.setdefault(table, []).append(is_listed(person, table.c.scope, table.c[column]))
    for table, column, incident in ANSWERED:
        answered = (table.c[column].in_(person.names), table.c[incident].in_(told_of(person)))
        wheres.setdefault(table, []).append(and_(*answered))
    wheres[schema.notices] = [sent_to(person)]
    wheres[schema.followers] = [follows(person)]
    for table, column in LEFT:
        wheres[table] = [table.c[column].in_(person.addresses)]
    return [(table, or_(false(), *some)) for table, some in wheres.items()]


def is_account(person: Person, column: Any) -> ColumnElement[bool]:
    """Does the account's name stand there?"""
    found: ColumnElement[bool] = column == person.account if person.account else false()
    return found


def is_listed(person: Person, scope: Any, name: Any) -> ColumnElement[bool]:
    """Is it of one of the person's rows of contacts?"""
    rows = [and_(scope == one.scope, name == one.name) for one in person.contacts]
    return or_(false(), *rows)


def sent_to(person: Person) -> ColumnElement[bool]:
    """Notices to one of their addresses, or with one of them as a further way."""
    t = schema.notices.c
    further = [t.further.contains(_json(each), autoescape=True) for each in person.addresses]
    return or_(t.target.in_(person.addresses), false(), *further)


def follows(person: Person) -> ColumnElement[bool]:
    """Rows of places that one of their addresses follows."""
    return or_(schema.followers.c.address.in_(person.addresses), false())


def told_of(person: Person) -> Any:
    """The incidents they had a notice of, as a query."""
    return select(schema.notices.c.incident).where(sent_to(person))


def told_in(person: Person) -> ColumnElement[bool]:
    """Acts by, about or naming the person."""
    t = schema.acts.c
    incidents = told_of(person).with_only_columns(
        literal("incident:") + cast(schema.notices.c.incident, String)
    )
    found = [and_(t.by.in_(person.names), t.subject.in_(incidents))]
    for text in written(person):
        found += [t.subject == text, t.body.contains(_json(text), autoescape=True)]
    if person.account:
        found.append(t.by == person.account)
        quoted = _json(person.account)
        pairs = [f'"{key}":{quoted}' for key in PERSONAL]
        found += [t.body.contains(pair, autoescape=True) for pair in pairs]
    return or_(false(), *found)


def written(person: Person) -> list[str]:
    """The words that stand for the person in subjects and bodies of acts."""
    keys = {key for one in person.contacts for key in one.keys}
    found = set(person.addresses) | keys | {f"contact:{key}" for key in keys}
    if person.account:
        found.add(f"account:{person.account}")
    return sorted(found)


def count(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    """How many rows that is."""
    return int(
        connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
    )


def _section(connection: Connection, table: Table, where: ColumnElement[bool]) -> Section:
    shown = [column for column in table.columns if _is_shown(column)]
    order = [column.desc() for column in table.primary_key]
    query = select(*shown).where(where).order_by(*order).limit(MOST)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return Section(table.name, count(connection, table, where), rows)


def _is_shown(column: Any) -> bool:
    return column.name not in _HIDDEN and not isinstance(column.type, LargeBinary)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def renamed(value: Any, words: Mapping[str, str], names: Mapping[str, str]) -> Any:
    """A body with these words replaced wherever one stands alone, and these names where a person
    is named. Pure."""
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, Mapping):
        return {
            words.get(key, key): renamed(
                each, {**words, **names} if key in PERSONAL else words, names
            )
            for key, each in value.items()
        }
    if isinstance(value, Iterable):
        return [renamed(each, words, names) for each in value]
    return value
