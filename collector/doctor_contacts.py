"""What `doctor` says of who can be told of an incident: a contact, by a channel that works."""

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Engine, func, select

from collector import db
from collector.finding import Finding, few
from collector.schema import contacts, sites

NAME = "contacts"
# as the engine wrote them down: the column of a contact that each channel serves
CHANNELS = "channels"
# a provider is told by a person alone
_PEOPLE = contacts.c.role != "isp"
_ENTER = "enter whom to tell: ronda contacts import FILE"
_SET_UP = "set up a channel in channels.toml that serves what the contacts have"
_MEND = "see why, and try it: ronda contacts test NAME"


def findings(engine: Engine) -> Iterator[Finding]:
    """Nothing where no site is watched, or the engine has not said which channels there are."""
    with db.reading(engine) as connection:
        watched = select(sites.c.code).where(sites.c.lifecycle == "active").limit(1)
        known = db.meta_get(connection, CHANNELS)
        if known and connection.execute(watched).first() is not None:
            yield _look(connection, json.loads(known))


def _look(connection: Connection, serves: Mapping[str, str]) -> Finding:
    count = select(func.count()).select_from(contacts).where(_PEOPLE)
    total = connection.execute(count).scalar_one()
    if not total:
        return Finding(NAME, "nobody is told of anything: there are none", _ENTER)
    reaching = [name for name, column in sorted(serves.items()) if _any(connection, column)]
    if not reaching:
        words = f"nobody is told of anything: no channel reaches any of {total}"
        return Finding(NAME, words, _SET_UP)
    ill = [name for name in reaching if not _works(connection, name)]
    if len(ill) == len(reaching):
        words = f"nobody is told of anything: no channel that reaches them works: {few(ill)}"
        return Finding(NAME, words, _MEND)
    return Finding(NAME, f"{total}, told by {few([n for n in reaching if n not in ill])}")


def _any(connection: Connection, column: str) -> bool:
    """Whether some contact has an address that a channel of this column serves."""
    query = select(contacts.c.name).where(_PEOPLE, contacts.c[column] != "").limit(1)
    return connection.execute(query).first() is not None


def _works(connection: Connection, channel: str) -> bool:
    """As it was seen last; of one that nobody can look at nothing is known against it."""
    seen = db.meta_get(connection, f"channel:{channel}")
    return not seen or bool(json.loads(seen)["fine"])
