"""Rows of webhooks: addresses that hear of incidents, each with its areas and a sealed secret."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from agent.strict import Refused
from collector import acts, webhook_secrets
from collector.db import meta_get, meta_set
from collector.inventory import cells
from collector.inventory.scope import Scope, of
from collector.schema import webhooks

MOST = 20
LEAST_SECRET, LONGEST_SECRET, LONGEST_NAME = 16, 200, 60
# in table meta: the highest number that was ever given
_NEWEST = "webhooks"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address; `told_to` None: it has heard of nothing yet."""

    id: int
    name: str
    url: str
    box: bytes
    areas: tuple[str, ...]
    active: bool
    by: str
    created_at: float
    rev: int
    told_to: int | None

    @property
    def scope(self) -> Scope:
        return of(self.areas)

    def secret(self, centre: bytes) -> str | None:
        """What it is signed with; None: sealed with another key."""
        return webhook_secrets.opened(centre, self.name, self.box)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator says of one; an empty secret: as it was, or a new one."""

    name: str
    url: str
    areas: tuple[str, ...] = ()
    active: bool = True
    secret: str = ""

    def check(self) -> None:
        if not 1 <= len(self.name) <= LONGEST_NAME or not self.name.isprintable():
            raise Refused("name", f"must have 1 to {LONGEST_NAME} characters")
        try:
            cells.webhook(self.url)
        except ValueError as error:
            raise Refused("url", str(error)) from None
        sound = self.secret.isascii() and self.secret.isprintable()
        if self.secret and not (sound and LEAST_SECRET <= len(self.secret) <= LONGEST_SECRET):
            raise Refused("secret", f"not {LEAST_SECRET} to {LONGEST_SECRET} ASCII characters")


def listing(connection: Connection) -> list[Webhook]:
    """All of them, in the order they were made."""
    return [_webhook(row) for row in connection.execute(select(webhooks).order_by(webhooks.c.id))]


def find(connection: Connection, number: int) -> Webhook | None:
    row = connection.execute(select(webhooks).where(webhooks.c.id == number)).first()
    return None if row is None else _webhook(row)


def add(
    connection: Connection, centre: bytes, wanted: Wanted, now: float, by: str
) -> tuple[int, str]:
    """A new one: its number, and its secret, which is told this once."""
    wanted.check()
    count = connection.execute(select(func.count()).select_from(webhooks)).scalar_one()
    if count >= MOST:
        raise Refused("most", f"there are {MOST} already")
    _check_free(connection, wanted.name, 0)
    secret = wanted.secret or secrets.token_urlsafe(32)
    number = _number(connection)
    row = _row(wanted) | {"box": webhook_secrets.closed(centre, wanted.name, secret)}
    row |= {"id": number, "by": by, "created_at": now, "rev": 1}
    connection.execute(insert(webhooks).values(row))
    acts.record(connection, now, by, "webhook_add", f"webhook:{number}", _told(wanted))
    return number, secret


def change(
    connection: Connection, centre: bytes, before: Webhook, wanted: Wanted, now: float, by: str
) -> bool:
    """It is so from now on; False: somebody else changed it since."""
    wanted.check()
    _check_free(connection, wanted.name, before.id)
    # the seal holds the name: an unreadable secret has to be given anew
    secret = wanted.secret or before.secret(centre)
    if secret is None:
        raise Refused("secret", "was sealed with another key: enter it again")
    row = _row(wanted) | {"box": webhook_secrets.closed(centre, wanted.name, secret)}
    mine = (webhooks.c.id == before.id, webhooks.c.rev == before.rev)
    done = connection.execute(update(webhooks).where(*mine).values(row | {"rev": before.rev + 1}))
    if done.rowcount != 1:
        return False
    told = {**_told(wanted), "secret": "new" if wanted.secret else "kept"}
    acts.record(connection, now, by, "webhook_change", f"webhook:{before.id}", told)
    return True


def remove(connection: Connection, before: Webhook, now: float, by: str) -> bool:
    """It hears nothing any more; False: somebody else changed it since."""
    mine = (webhooks.c.id == before.id, webhooks.c.rev == before.rev)
    if connection.execute(delete(webhooks).where(*mine)).rowcount != 1:
        return False
    told = {"name": before.name}
    acts.record(connection, now, by, "webhook_remove", f"webhook:{before.id}", told)
    return True


def told(connection: Connection, number: int, revision: int) -> None:
    """It has heard of all incidents up to this revision."""
    statement = update(webhooks).where(webhooks.c.id == number)
    connection.execute(statement.values(told_to=revision))


def _check_free(connection: Connection, name: str, number: int) -> None:
    same = select(webhooks.c.id).where(webhooks.c.name == name, webhooks.c.id != number)
    if connection.execute(same).first() is not None:
        raise Refused("name", f"{name!r} is there already")


def _number(connection: Connection) -> int:
    """Never one that there was before: notices that wait, and what was told, go by it."""
    highest = connection.execute(select(func.max(webhooks.c.id))).scalar() or 0
    number = max(int(highest), int(meta_get(connection, _NEWEST, "0"))) + 1
    meta_set(connection, _NEWEST, str(number))
    return number


def _row(wanted: Wanted) -> dict[str, Any]:
    areas: Sequence[str] = wanted.areas
    told = {"name": wanted.name, "url": wanted.url, "active": wanted.active}
    return told | {"areas": json.dumps(areas)}


def _told(wanted: Wanted) -> dict[str, Any]:
    # an address may hold a password
    return {"name": wanted.name, "areas": wanted.areas, "active": wanted.active}


def _webhook(row: Row[Any]) -> Webhook:
    values = dict(row._mapping)
    return Webhook(**{**values, "areas": tuple(json.loads(values["areas"]))})
