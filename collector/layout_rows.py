"""Rows of layouts: the lists of series that agents report in, each list kept once for all agents.

A list is known by a digest of its names, so it never changes and whoever writes need not ask.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, Engine, bindparam, delete, select, update

from collector import bulk, spools
from collector.db import reading, upsert, writing
from collector.schema import agents, layout_lists, layouts

_AT_ONCE = 500
_DIGEST_CHARS = 32
_PIECEWISE = {"yield_per": 1000}
_LISTS = select(layout_lists).execution_options(**_PIECEWISE)
_REFERENCES = select(layouts).order_by(*layouts.primary_key).execution_options(**_PIECEWISE)
_encoder = msgspec.json.Encoder()


def lists(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    """Digest and names of every list."""
    for digest, names in connection.execute(_LISTS):
        yield digest, json.loads(names)


def references(connection: Connection) -> Iterator[tuple[int, str, str]]:
    """Agent, layout id and digest of the list, of every layout that was folded, in order."""
    for row in connection.execute(_REFERENCES):
        yield row.agent, row.layout, row.list


def load(connection: Connection) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Agent, layout id and names of every layout that was folded."""
    known = {digest: tuple(names) for digest, names in lists(connection)}
    for agent, layout, digest in references(connection):
        if digest in known:
            yield agent, layout, known[digest]


def load_of(
    connection: Connection, agents: Sequence[int]
) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The same of a few agents."""
    query = select(layouts.c.agent, layouts.c.layout, layout_lists.c.names)
    query = query.join(layout_lists, layout_lists.c.digest == layouts.c.list)
    mine = query.where(layouts.c.agent.in_(agents))
    for agent, layout, names in connection.execute(mine.order_by(*layouts.primary_key)):
        yield agent, layout, tuple(json.loads(names))


def save(connection: Connection, new: Mapping[tuple[int, str], tuple[str, ...]]) -> None:
    """Write the layouts of agents, by agent and layout id, and the lists that are new with them."""
    # looked up once each: names compare one by one
    told = [(*key, *_told(names)) for key, names in new.items()]
    _put_lists(connection, {digest: text for _, _, digest, text in told})
    bulk.put(connection, layouts, [row[:3] for row in told])


def rename(connection: Connection, renamed: Callable[[str], str]) -> int:
    """Lists in which sites have other codes now take the place of the old ones; how many."""
    old = {row.digest: row.names for row in connection.execute(select(layout_lists))}
    new = {digest: told for digest, names in old.items() if (told := renamed(names)) != names}
    if new:
        moves = [{"was": digest, "now": _digest(names)} for digest, names in new.items()]
        _put_lists(connection, {_digest(names): names for names in new.values()})
        same = layouts.c.list == bindparam("was")
        connection.execute(update(layouts).where(same).values(list=bindparam("now")), moves)
        gone = layout_lists.c.digest == bindparam("was")
        connection.execute(delete(layout_lists).where(gone), moves)
    return len(new)


def forget_ended(store: Engine, before: float) -> int:
    """Remove the layouts of agents whose access ended and that reported last before then; how many.

    Those of others stay, used or not: ingest would not ask again for one that it remembers.
    """
    gone = 0
    with reading(store) as connection:
        ended = select(agents.c.id).where(agents.c.state == "revoked")
        mine = select(layouts.c.agent).where(layouts.c.agent.in_(ended)).distinct()
        found = list(connection.execute(mine).scalars())
    for begin in range(0, len(found), _AT_ONCE):
        some = found[begin : begin + _AT_ONCE]
        with reading(store) as connection:
            heard = spools.contacts(connection, some)
        old = [agent for agent in some if heard.get(agent, before) < before]
        with writing(store) as connection:
            theirs = delete(layouts).where(layouts.c.agent.in_(old))
            gone += connection.execute(theirs).rowcount
    return gone


def forget_unused(store: Engine) -> int:
    """Remove lists that no agent reports in any more; how many."""
    gone = 0
    with reading(store) as connection:
        nobody = layout_lists.c.digest.not_in(select(layouts.c.list))
        unused = list(connection.execute(select(layout_lists.c.digest).where(nobody)).scalars())
    for begin in range(0, len(unused), _AT_ONCE):
        some = unused[begin : begin + _AT_ONCE]
        with writing(store) as connection:
            # an agent may have taken one up meanwhile
            used = select(layouts.c.list).where(layouts.c.list.in_(some)).distinct()
            left = set(some) - set(connection.execute(used).scalars())
            mine = layout_lists.c.digest.in_(left)
            gone += connection.execute(delete(layout_lists).where(mine)).rowcount
    return gone


def _put_lists(connection: Connection, told: Mapping[str, str]) -> None:
    rows = [{"digest": digest, "names": names} for digest, names in told.items()]
    upsert(layout_lists, rows, connection, keep=True)


@lru_cache(maxsize=256)
def _told(names: tuple[str, ...]) -> tuple[str, str]:
    """Digest and JSON; a fleet has few different lists."""
    text = _encoder.encode(names).decode()
    return _digest(text), text


def _digest(names: str) -> str:
    return hashlib.sha256(names.encode()).hexdigest()[:_DIGEST_CHARS]
