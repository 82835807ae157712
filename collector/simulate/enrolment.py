"""The fleet's rows in the data folder: sites through the inventory, agents with derived tokens.

A token is made from the centre's secret, the seed and the site, so the same seed on the same
data finds its agents again and nothing secret need be kept.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, insert, select

from collector.agents import digest
from collector.db import reading, writing
from collector.intake.enrol import beacon_key
from collector.inventory.keeping import put
from collector.inventory.store import Site, sites
from collector.schema import agents
from collector.secret import derive
from collector.simulate.agents import Enrolled
from collector.simulate.geography import Village, villages

T = TypeVar("T")

# rows a transaction: the centre, which may be running, waits for one of them at most
_AT_ONCE = 5000


def enrol(
    store: Engine, secret: bytes, count: int, seed: int, every_s: int, now: float
) -> Enrolled:
    """The first `count` sites of this seed with their agents; what is missing is made."""
    fleet = list(villages(count, seed))
    with reading(store) as connection:
        ready = {s.code for s in sites(connection) if s.report_every_s == every_s and _active(s)}
    missing = [village for village in fleet if village.code not in ready]
    for part in _parts(missing):
        with writing(store) as connection:
            _put_sites(connection, part, every_s, now)
    return agents_of(store, secret, fleet, seed, now)


def agents_of(
    store: Engine, secret: bytes, fleet: Sequence[Village], seed: int, now: float
) -> Enrolled:
    """Sites that are there with their agents; those that are missing are made."""
    tokens = [token(secret, seed, village.code) for village in fleet]
    with reading(store) as connection:
        known = set(_enrolled_sites(connection, seed))
    new = [
        (village.code, digest(one))
        for village, one in zip(fleet, tokens, strict=True)
        if village.code not in known
    ]
    for some in _parts(new):
        with writing(store) as connection:
            _put_agents(connection, some, seed, now)
    with reading(store) as connection:
        signers = dict(_signers(connection, secret, seed))
    # one whose agent was revoked signs with what nobody takes
    return Enrolled(fleet, tokens, [signers.get(village.code, (0, b"")) for village in fleet])


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
    connection: Connection, new: Sequence[tuple[str, str]], seed: int, now: float
) -> None:
    newest = connection.execute(select(func.coalesce(func.max(agents.c.rev), 0))).scalar_one()
    rows = [
        {
            "site": code,
            "name": _name(seed),
            "state": "active",
            "token_hash": hashed,
            "enrolled_at": now,
            "rev": int(newest) + 1,
        }
        for code, hashed in new
    ]
    connection.execute(insert(agents), rows)


def _parts(some: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(some), _AT_ONCE):
        yield some[start : start + _AT_ONCE]


def _active(site: Site) -> bool:
    return site.lifecycle == "active"


def _enrolled_sites(connection: Connection, seed: int) -> Iterator[str]:
    """Sites that have had an agent of this seed; one that was revoked is not made again."""
    for (code,) in connection.execute(select(agents.c.site).where(agents.c.name == _name(seed))):
        yield str(code)


def _signers(
    connection: Connection, secret: bytes, seed: int
) -> Iterator[tuple[str, tuple[int, bytes]]]:
    shown = (agents.c.site, agents.c.id, agents.c.generation)
    query = select(*shown).where(agents.c.name == _name(seed), agents.c.state == "active")
    for code, agent, generation in connection.execute(query):
        yield code, (agent, bytes.fromhex(beacon_key(secret, agent, generation)))


def _name(seed: int) -> str:
    return f"simulate-{seed}"
