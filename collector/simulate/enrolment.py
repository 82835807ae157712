"""The fleet's rows in the data folder: sites through the inventory, agents with derived tokens.

A token is made from the centre's secret, the seed and the site, so the same seed on the same
data finds its agents again and nothing secret need be kept.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Engine, func, insert, select

from collector.agents import digest
from collector.db import reading, writing
from collector.inventory.keeping import put
from collector.schema import agents
from collector.secret import derive
from collector.simulate.agents import Enrolled
from collector.simulate.geography import Village, villages

# rows a transaction: the centre, which may be running, waits for one of them at most
_AT_ONCE = 5000


def enrol(
    store: Engine, secret: bytes, count: int, seed: int, every_s: int, now: float
) -> Enrolled:
    """The first `count` sites of this seed with their agents; what is missing is made."""
    fleet = list(villages(count, seed))
    tokens = [token(secret, seed, village.code) for village in fleet]
    for start in range(0, count, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        with writing(store) as connection:
            _put_sites(connection, fleet[part], every_s, now)
        with writing(store) as connection:
            _put_agents(connection, fleet[part], tokens[part], seed, now)
    return Enrolled(fleet, tokens)


def token(secret: bytes, seed: int, code: str) -> str:
    """The token of one simulated agent."""
    made = derive(secret, "simulate", seed, code)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def enrolled(store: Engine, seed: int) -> int:
    """How many agents of this seed there are."""
    with reading(store) as connection:
        counted = select(func.count()).where(agents.c.name == _name(seed))
        return int(connection.execute(counted).scalar_one())


def _put_sites(connection: Connection, fleet: Sequence[Village], every_s: int, now: float) -> None:
    rows = [
        {**asdict(village), "report_every_s": every_s, "lifecycle": "active"} for village in fleet
    ]
    put(connection, "sites", rows, now, "simulate")


def _put_agents(
    connection: Connection,
    fleet: Sequence[Village],
    tokens: Sequence[str],
    seed: int,
    now: float,
) -> None:
    known = set(_known_hashes(connection, seed))
    newest = connection.execute(select(func.coalesce(func.max(agents.c.rev), 0))).scalar_one()
    rows = [
        {
            "site": village.code,
            "name": _name(seed),
            "state": "active",
            "token_hash": hashed,
            "enrolled_at": now,
            "rev": int(newest) + 1,
        }
        for village, hashed in zip(fleet, map(digest, tokens), strict=True)
        if hashed not in known
    ]
    if rows:
        connection.execute(insert(agents), rows)


def _known_hashes(connection: Connection, seed: int) -> Iterator[str]:
    for (hashed,) in connection.execute(
        select(agents.c.token_hash).where(agents.c.name == _name(seed))
    ):
        yield str(hashed)


def _name(seed: int) -> str:
    return f"simulate-{seed}"
