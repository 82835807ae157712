"""What administrators do to accounts: each a compare-and-set and an act, never beyond their own."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from agent.strict import Refused
from collector import acts, api_tokens, erasing, second_steps
from collector.db import writing
from collector.inventory import whereabouts
from collector.inventory.keeping import take_turns
from collector.persons import Person
from collector.schema import signin_links, users
from web import account_powers, people, second_step
from web.people import LINK_S, User, subject

MOST_EMAIL = 200
# who acts where no person does
RONDA = User("", "admin")


def add(
    engine: Engine,
    by: User,
    name: str,
    role: str,
    areas: Sequence[str],
    now: float,
    token: str = "",
) -> str:
    """Make an account without a password; the path of the link that lets it set one.

    The same `token` again gives the same path and makes nothing.
    """
    name, areas = people.checked_name(name), tuple(dict.fromkeys(areas))
    _check_gift(by, role, areas)
    token = token or secrets.token_urlsafe(32)
    with writing(engine) as connection:
        take_turns(connection)
        if path := people.issued(connection, name, token):
            return path
        if people.row_of(connection, name):
            raise Refused("name", f"{name} is taken")
        for area in areas:
            whereabouts.check(connection, area)
        people.insert_account(connection, User(name, role, areas), "", now)
        told = {"role": role, "areas": areas}
        acts.record(connection, now, by.name, "account_add", subject(name), told)
        return people.issue_link(connection, name, now + LINK_S, now, token)


def change(
    engine: Engine,
    by: User,
    name: str,
    role: str,
    areas: Sequence[str],
    now: float,
    rev: int | None = None,
) -> None:
    """Another role or other areas; sessions end, so that nothing of the old ones is still open."""
    areas = tuple(dict.fromkeys(areas))
    _check_gift(by, role, areas)
    with writing(engine) as connection:
        before = _target(connection, by, name)
        after = replace(before, role=role, areas=areas)
        if after == before:
            return
        _check_rest(connection, before, after)
        for area in set(areas) - set(before.areas):
            whereabouts.check(connection, area)
        told = {"role": role, "areas": areas, "before": [before.role, before.areas]}
        values = {"role": role, "areas": json.dumps(areas)} | _ending()
        _turn(connection, by, before, rev, now, "account_change", told, **values)


def lock(
    engine: Engine, by: User, name: str, now: float, rev: int | None = None, tokens: bool = False
) -> None:
    """Nobody enters by this account until it is unlocked; its sessions and links end.

    Its tokens open nothing meanwhile; with `tokens` they are revoked, and unlocking wakes none.
    """
    with writing(engine) as connection:
        before = _target(connection, by, name)
        if before.locked_by:
            return
        after = replace(before, locked_by=by.name or "ronda")
        _check_rest(connection, before, after)
        connection.execute(delete(signin_links).where(signin_links.c.user == before.name))
        values = {"locked_by": after.locked_by} | _ending()
        told = _revoked(connection, before.name, tokens, now)
        _turn(connection, by, before, rev, now, "account_lock", told, **values)


def unlock(engine: Engine, by: User, name: str, now: float, rev: int | None = None) -> None:
    """Let an account in again that was locked, or had too many failures."""
    with writing(engine) as connection:
        before = _target(connection, by, name)
        if not before.locked_by and before.locked_until is None and rev is not None:
            return
        values = {"failed": 0, "locked_until": None, "locked_by": ""}
        _turn(connection, by, before, rev, now, "account_unlock", {}, **values)


def reset(
    engine: Engine,
    by: User,
    name: str,
    now: float,
    rev: int | None = None,
    token: str = "",
    tokens: bool = False,
) -> str:
    """End the account's sessions and password, with `tokens` its tokens, too; the path of the link
    that lets it set a new one."""
    token = token or secrets.token_urlsafe(32)
    with writing(engine) as connection:
        before = _target(connection, by, name)
        if path := people.issued(connection, before.name, token):
            return path
        if before.locked_by:
            raise Refused("locked", f"{name} is locked: unlock it first")
        if not before.local:
            raise Refused("local", f"{name} signs in by the provider alone")
        values: dict[str, Any] = {"password_hash": "", "failed": 0, "locked_until": None}
        told = _revoked(connection, before.name, tokens, now)
        _turn(connection, by, before, rev, now, "account_reset", told, **values, **_ending())
        return people.issue_link(connection, before.name, now + LINK_S, now, token)


def sign_out(
    engine: Engine, by: User, name: str, now: float, rev: int | None = None, tokens: bool = False
) -> None:
    """Every session of this account, on every device, ends; with `tokens` they end, too."""
    with writing(engine) as connection:
        before = _target(connection, by, name)
        told = _revoked(connection, before.name, tokens, now)
        _turn(connection, by, before, rev, now, "account_sign_out", told, **_ending())


def identify(
    engine: Engine,
    by: User,
    name: str,
    email: str,
    local: bool,
    now: float,
    rev: int | None = None,
) -> None:
    """By what a provider knows this person, and whether a password opens the account, too."""
    email = email.strip().lower()
    if len(email) > MOST_EMAIL or not email.isprintable() or " " in email:
        raise Refused("email", "is none")
    if not local and not email:
        raise Refused("local", "they could not sign in at all")
    with writing(engine) as connection:
        before = _target(connection, by, name)
        if (before.email, before.local) == (email, local):
            return
        mine = (users.c.email == email, users.c.name != before.name)
        if email and connection.execute(select(users.c.name).where(*mine)).first():
            raise Refused("email", "is another account's")
        _check_rest(connection, before, replace(before, local=local))
        if not local:
            connection.execute(delete(signin_links).where(signin_links.c.user == before.name))
        # another address may be another person's
        bound = before.subject if email == before.email else ""
        values = {"email": email, "subject": bound, "local": local} | _ending()
        told = {"local": local}
        _turn(connection, by, before, rev, now, "account_identify", told, **values)


def remove_step(engine: Engine, by: User, name: str, now: float, rev: int | None = None) -> bool:
    """An account that lost its phone signs in without a second step; its sessions end. False:
    there was none."""
    with writing(engine) as connection:
        before = _target(connection, by, name)
        had = second_steps.drop(connection, before.name)
        if had:
            _turn(connection, by, before, rev, now, second_step.REMOVED, {}, **_ending())
    return had


def erase(engine: Engine, by: User, person: Person, now: float) -> str:
    """A person's data go, their account with them; the pseudonym that stays."""
    with writing(engine) as connection:
        if person.account:
            before = _target(connection, by, person.account)
            if before.name == by.name:
                raise Refused("own", "is your own")
            _check_rest(connection, before, replace(before, locked_by="erased"))
        return erasing.erase(connection, person, now, by.name)


def _target(connection: Connection, by: User, name: str) -> User:
    # two who end each other must not both find the other still there
    take_turns(connection)
    row = people.row_of(connection, name)
    found = people.as_user(row) if row else None
    # one's own is always known
    if found is None or not (found.name == by.name or account_powers.sees(by, found)):
        raise Refused("name", f"there is no account {name}")
    return found


def _check_gift(by: User, role: str, areas: Sequence[str]) -> None:
    """Refused where somebody would get what does not exist, or more than the giver has."""
    people.check_role(role)
    for area in areas:
        people.check_area(area)
    if role == "village" and not areas:
        raise Refused("area", "an account of role village needs an area")
    if not account_powers.covers(by.scope, areas):
        raise Refused("area", "is not inside your areas")


def _check_rest(connection: Connection, before: User, after: User) -> None:
    rows = connection.execute(select(users).where(users.c.role == "admin")).mappings()
    if account_powers.leaves_nobody((people.as_user(dict(row)) for row in rows), before, after):
        raise Refused("last", "is the last administrator")


def _revoked(connection: Connection, name: str, wanted: bool, now: float) -> dict[str, Any]:
    """All tokens of an account end where that is wanted; what the act says of it."""
    return {"tokens": api_tokens.revoke_all(connection, name, now)} if wanted else {}


def _ending() -> dict[str, Any]:
    return {"revocation": users.c.revocation + 1}


def _turn(
    connection: Connection,
    by: User,
    before: User,
    rev: int | None,
    now: float,
    verb: str,
    told: dict[str, Any],
    **values: Any,
) -> None:
    """Change the row as it was looked at; Refused when somebody else was there first."""
    seen = before.rev if rev is None else rev
    mine = (users.c.name == before.name, users.c.rev == seen)
    done = connection.execute(update(users).where(*mine).values(**values, rev=seen + 1))
    if done.rowcount:
        acts.record(connection, now, by.name, verb, subject(before.name), told | {"rev": seen + 1})
    elif not _was_here(connection, by, before, verb, told | {"rev": seen + 1}):
        raise Refused("rev", "somebody changed this account meanwhile")


def _was_here(
    connection: Connection, by: User, before: User, verb: str, told: dict[str, Any]
) -> bool:
    """Is it the same form once more, sent twice?"""
    newest = acts.about(connection, subject(before.name), verb, 1)
    same = [act for act in newest if act.by == by.name and act.body["rev"] == told["rev"]]
    return bool(same)
