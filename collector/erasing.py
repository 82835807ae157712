"""A person's data erased: what is theirs goes, what others need keeps a pseudonym in its place."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, text, update

from collector import acts, chain, erasures, holdings, schema, unnaming
from collector.erasures import Erasure
from collector.holdings import ANSWERED, LEFT, LISTED, NAMED, OWN
from collector.inventory import drafts
from collector.persons import Person

_PSEUDONYM_BYTES = 6
_SKIPPED = "their data were erased"
# the line of an incident that was given to an account
_GIVEN = "assign"
_UNSENT = ("queued", "claimed", "task")
# where a cause that somebody put right says by whom, and how its evidence begins
_SIGNED = (
    (schema.states, ("evidence", "word", "beneath")),
    (schema.incidents, ("evidence", "details")),
)
_SAYS = (" says: ", " says so", ": ")
# news of an incident that programs get, and what of it names whoever has the incident
_TO_WEBHOOKS, _HANDS = "webhook", ("acknowledged_by", "assigned_to")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do: rows that go, rows that keep a pseudonym, by table.

    `alone` are the scopes whose only contact of the village this is.
    """

    goes: Mapping[str, int]
    stays: Mapping[str, int]
    alone: tuple[str, ...]
    undoable: int  # imports that could not be undone any more


def plan(connection: Connection, person: Person) -> Plan:
    """Look, change nothing."""
    gone = {table.name for table, _ in (*OWN, *LISTED, *LEFT)} | {schema.followers.name}
    goes: dict[str, int] = {}
    stays: dict[str, int] = {}
    for table, where in holdings.places(person):
        here = goes if table.name in gone else stays
        here[table.name] = holdings.count(connection, table, where)
    stays["acts"] = holdings.count(connection, schema.acts, holdings.told_in(person))
    return Plan(
        {name: n for name, n in goes.items() if n},
        {name: n for name, n in stays.items() if n},
        _alone(connection, person),
        len(_holding_imports(connection, person)),
    )


def erase(
    connection: Connection, person: Person, now: float, by: str, again: Erasure | None = None
) -> str:
    """Do it, in the caller's transaction, with the act that tells of it; the pseudonym.

    `again`: it was done before, and a backup brought the person back.
    """
    _overwrite(connection)
    pseudonym = again.pseudonym if again else f"erased-{secrets.token_hex(_PSEUDONYM_BYTES)}"
    if again:
        erasures.keep(connection, again)
    else:
        erasures.remember(connection, person, pseudonym, now, by)
    # acts are found by notices, so they come first
    rows = _rewritten(connection, person, pseudonym)
    _rename(connection, person, pseudonym)
    _forget_imports(connection, person)
    _forget_notices(connection, person, pseudonym)
    for table, column in OWN:
        where = holdings.is_account(person, table.c[column])
        connection.execute(delete(table).where(where))
    for table, column in LISTED:
        where = holdings.is_listed(person, table.c.scope, table.c[column])
        connection.execute(delete(table).where(where))
    connection.execute(delete(schema.followers).where(holdings.follows(person)))
    for table, column in LEFT:
        connection.execute(delete(table).where(table.c[column].in_(person.addresses)))
    by = pseudonym if by and by == person.account else by
    told = {"pseudonym": pseudonym, "count": len(rows), "acts": chain.fingerprint(rows)}
    act = acts.record(connection, now, by, chain.ERASED, f"person:{pseudonym}", told)
    chain.blank(connection, rows, act)
    if person.contacts:
        # who reads the inventory looks again
        body = {"codes": [], "count": 0, "areas": [], "removed": [pseudonym]}
        acts.record(connection, now, by, "inventory", "contacts", body)
    return pseudonym


def _rewritten(connection: Connection, person: Person, pseudonym: str) -> list[dict[str, Any]]:
    """The acts that hold the person, as they will be, by id."""
    words = {
        word: f"{kind}:{pseudonym}" if kind in ("account", "contact") else pseudonym
        for word in holdings.written(person)
        for kind in [word.partition(":")[0]]
    }
    t = schema.acts.c
    query = select(schema.acts).where(holdings.told_in(person)).order_by(t.id)
    found = []
    for row in map(dict, connection.execute(query).mappings()):
        names = [*_names_in(row, person), *filter(None, [person.account])]
        told = json.loads(row["body"])
        body = holdings.renamed(told, words, dict.fromkeys(names, pseudonym))
        called = words | dict.fromkeys(person.names, pseudonym)
        new = {"subject": called.get(row["subject"], row["subject"])}
        new["by"] = pseudonym if row["by"] in {person.account, *person.names} - {""} else row["by"]
        new["body"] = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        found.append(row | new)
    return found


def _names_in(row: Mapping[str, Any], person: Person) -> list[str]:
    """A contact's name stands alone where its scope does, too: shifts, quiet hours."""
    return [
        name
        for one in person.contacts
        for name in one.names
        if row["subject"].removeprefix("contact:") in one.keys
        or any(json.dumps(scope) in row["body"] for scope in one.places)
    ]


def _rename(connection: Connection, person: Person, pseudonym: str) -> None:
    told = select(holdings.told_of(person).subquery())
    incidents = set(connection.execute(told).scalars())
    for table, column in NAMED:
        where = holdings.is_account(person, table.c[column])
        connection.execute(update(table).where(where).values({column: pseudonym}))
    for table, column, incident in ANSWERED:
        where = and_(table.c[column].in_(person.names), table.c[incident].in_(incidents))
        connection.execute(update(table).where(where).values({column: pseudonym}))
    _rename_in_log(connection, person, incidents, pseudonym)
    _rename_in_news(connection, person, incidents, pseudonym)
    unnaming.in_messages(connection, person, incidents, pseudonym)
    _rename_words(connection, person, pseudonym)


def _rename_words(connection: Connection, person: Person, pseudonym: str) -> None:
    """Corrected causes say by whom, in what is known of states and of incidents."""
    if not person.account:
        return
    for table, names in _SIGNED:
        columns = [table.c[name] for name in names]
        key = list(table.primary_key.columns)
        begun = [column.contains(f'"{person.account}', autoescape=True) for column in columns]
        for row in connection.execute(select(*key, *columns).where(or_(*begun))).all():
            told = {c.name: row._mapping[c] for c in columns if row._mapping[c]}
            new = {
                name: json.dumps(
                    signed_anew(json.loads(text), person.account, pseudonym), ensure_ascii=False
                )
                for name, text in told.items()
            }
            mine = (column == row._mapping[column] for column in key)
            connection.execute(update(table).where(*mine).values(**new))


def signed_anew(told: Any, name: str, pseudonym: str) -> Any:
    """What is known of a cause, with another name for who said it; their words stay. Pure."""
    if isinstance(told, str):
        said = any(told.startswith(f"{name}{mark}") for mark in _SAYS)
        return pseudonym + told[len(name) :] if said else told
    if isinstance(told, list):
        return [signed_anew(each, name, pseudonym) for each in told]
    if isinstance(told, dict):
        return {
            key: pseudonym if key == "by" and each == name else signed_anew(each, name, pseudonym)
            for key, each in told.items()
        }
    return told


def _rename_in_log(
    connection: Connection, person: Person, incidents: set[int], pseudonym: str
) -> None:
    """Lines that begin with the names of those who were told, or were given the incident."""
    t = schema.incident_log.c
    for name in sorted({person.account, *person.names} - {""}):
        where = [t.note.contains(name, autoescape=True)]
        if name in person.names:
            where.append(t.incident.in_(incidents))
        else:
            # an account's name may be an everyday word
            where.append(t.verb == _GIVEN)
        for row in connection.execute(select(t.id, t.note).where(*where)).all():
            note = named_anew(row.note, name, pseudonym)
            mine = t.id == row.id
            connection.execute(update(schema.incident_log).where(mine).values(note=note))


def _rename_in_news(
    connection: Connection, person: Person, incidents: set[int], pseudonym: str
) -> None:
    """What webhooks were told of an incident says in whose hands it was, and who knew why."""
    t = schema.notices.c
    for name in sorted({person.account, *person.names} - {""}):
        begun = json.dumps(name, ensure_ascii=False).removesuffix('"')
        where = [t.news == _TO_WEBHOOKS, t.body.contains(begun, autoescape=True)]
        if name != person.account:
            where.append(t.incident.in_(incidents))
        for row in connection.execute(select(t.id, t.body).where(*where)).all():
            told = json.loads(row.body)
            incident = signed_anew(told["incident"], name, pseudonym)
            held = {key: pseudonym for key in _HANDS if incident.get(key) == name}
            body = json.dumps({**told, "incident": incident | held}, ensure_ascii=False)
            connection.execute(update(schema.notices).where(t.id == row.id).values(body=body))


def named_anew(note: str, name: str, pseudonym: str) -> str:
    """`Budi, Sari: first` with another name for one of them; further words stay. Pure."""
    head, colon, rest = note.partition(": ")
    names = [pseudonym if each == name else each for each in head.split(", ")]
    return ", ".join(names) + colon + rest


def _forget_notices(connection: Connection, person: Person, pseudonym: str) -> None:
    """That a message went stays, and when; to whom and what it said does not."""
    t = schema.notices.c
    mine = holdings.sent_to(person)
    unsent = and_(mine, t.state.in_(_UNSENT))
    connection.execute(
        update(schema.notices).where(unsent).values(state="skipped", answer=_SKIPPED)
    )
    blank = {"person": pseudonym, "target": "", "body": "{}", "further": "[]"}
    connection.execute(update(schema.notices).where(mine).values(**blank))


def _holding_imports(connection: Connection, person: Person) -> list[int]:
    """Imports that still hold files or rows in which the person stands."""
    return [number for number, text in drafts.held(connection) if stands_in(text, person)]


def stands_in(text: str, person: Person) -> bool:
    """Is one of their names or addresses in a file or its rows, however it is spelled? Pure."""
    words = "|".join(map(re.escape, sorted({*person.addresses, *person.names})))
    if words and re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE):
        return True
    numbers = [each.removeprefix("+62") for each in person.addresses if each.startswith("+62")]
    digits = re.sub(r"\D", "", text)
    return any(number in digits for number in numbers)


def _forget_imports(connection: Connection, person: Person) -> None:
    t = schema.imports.c
    held = t.id.in_(_holding_imports(connection, person))
    connection.execute(delete(schema.imports).where(held, t.state == "waiting"))
    connection.execute(update(schema.imports).where(held).values(body=None))


def _alone(connection: Connection, person: Person) -> tuple[str, ...]:
    """Places where nobody of the village would be left."""
    t, found = schema.contacts.c, []
    for one in person.contacts:
        if one.role != "village":
            continue
        others = (t.scope == one.scope, t.role == "village", t.name != one.name)
        if connection.execute(select(t.name).where(*others).limit(1)).first() is None:
            found.append(one.scope)
    return tuple(sorted(set(found)))


def _overwrite(connection: Connection) -> None:
    # else what was deleted lies in free pages of the file until something else is written there
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA secure_delete = ON"))
