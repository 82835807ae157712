"""The rows of agents and of the codes they enrol with."""

import base64
import hashlib
import json
import secrets
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from agent.strict import Refused
from collector.db import meta_get, meta_set
from collector.granted import Granted
from collector.schema import agents, codes, sites
from collector.withholding import about

DAY_S = 86400
# the act that tells for whom an agent may speak: {"agent", "scopes"}
GRANT = "grant"
# 80 bits: sixteen characters of base32
_CODE_BYTES = 10
# after a restore: numbers that agents of the time since the backup may have
_AGENTS_AFTER = "agents_after"
_LEFT_OUT, _ANYWHERE = 100_000, 1_000_000

# made once: putting a statement together costs as much as asking it
_SHOWN = select(
    agents.c.id,
    agents.c.site,
    agents.c.name,
    agents.c.state,
    agents.c.enrolled_at,
    agents.c.config_etag,
    agents.c.config_error,
    agents.c.config_refused,
    agents.c.config_told_at,
    agents.c.grants,
    agents.c.knows,
).order_by(agents.c.site, agents.c.id)
_INTERVAL = func.coalesce(sites.c.report_every_s, 60).label("report_every_s")
_SHOWN_OF_SITE = _SHOWN.where(agents.c.site == bindparam("code"))


class AgentRow(msgspec.Struct, frozen=True, gc=False):
    """One agent as ingest needs it; `sites` are all it may report for.

    Ingest holds those of a country: what many say in the same words is there once.
    """

    id: int
    site: str
    state: str
    sites: Granted
    token_hash: str | None
    old_token_hash: str | None
    old_token_until: float | None
    generation: int
    enrolled_at: float | None
    config_etag: str
    config_error: str
    config_refused: str
    knows: str
    report_every_s: int
    rev: int


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One enrolment code; `nonce_hash`, `used_at` and `agent` are set by its one use."""

    site: str
    expires_at: float
    approval: bool
    nonce_hash: str | None
    used_at: float | None
    agent: int | None


def digest(text: str) -> str:
    """How tokens, codes and nonces are stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def normal_code(code: str) -> str:
    """A code as it is compared: capitals, no hyphens, without the CA's fingerprint after a dot."""
    return code.partition(".")[0].replace("-", "").replace(" ", "").upper()


def issue_code(
    connection: Connection, site: str, now: float, days: float, approval: bool = False
) -> str:
    """A new enrolment code for `site`, `XXXX-XXXX-XXXX-XXXX`; only its hash is kept."""
    if connection.execute(select(sites.c.code).where(sites.c.code == site)).first() is None:
        raise Refused("site", f"{site!r} is not in the inventory")
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    row = {
        "code_hash": digest(text),
        "site": site,
        "issued_at": now,
        "expires_at": now + days * DAY_S,
        "approval": approval,
    }
    connection.execute(insert(codes).values(**row))
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def find_code(connection: Connection, code: str) -> CodeRow | None:
    wanted = codes.c.code_hash == digest(normal_code(code))
    row = connection.execute(select(codes).where(wanted)).first()
    if row is None:
        return None
    return CodeRow(row.site, row.expires_at, row.approval, row.nonce_hash, row.used_at, row.agent)


def use_code(connection: Connection, code: str, nonce: str, agent: int, now: float) -> bool:
    """Bind an unused code to an agent; False when somebody else was faster."""
    statement = (
        update(codes)
        .where(codes.c.code_hash == digest(normal_code(code)), codes.c.nonce_hash.is_(None))
        .values(nonce_hash=digest(nonce), used_at=now, agent=agent)
    )
    return connection.execute(statement).rowcount == 1


def add_agent(
    connection: Connection, site: str, name: str, host_keys: Sequence[str], state: str, now: float
) -> int:
    """A new agent without a token yet; returns its id."""
    row = {
        "site": site,
        "name": name,
        "host_keys": json.dumps(list(host_keys)),
        "state": state,
        "enrolled_at": now,
        "rev": _next_rev(connection),
    }
    if after := int(meta_get(connection, _AGENTS_AFTER, "0")):
        newest = connection.execute(select(func.max(agents.c.id))).scalar() or 0
        row["id"] = max(int(newest), after) + 1
    found = connection.execute(insert(agents).values(**row)).inserted_primary_key
    return int(found[0]) if found else 0


def after_restore(connection: Connection, newest: int) -> None:
    """Give out no number that an agent enrolled since the backup may sign its beacons with."""
    # another place each time: the same backup may be restored twice
    after = newest + _LEFT_OUT + secrets.randbelow(_ANYWHERE)
    meta_set(connection, _AGENTS_AFTER, str(after))


def set_token(connection: Connection, agent: int, token: str) -> None:
    """The first token of an agent."""
    change(connection, agent, token_hash=digest(token))


def approve(connection: Connection, agent: int, now: float) -> bool:
    """Let a waiting agent in; False when it does not wait."""
    return change(connection, agent, "waiting", state="active", enrolled_at=now)


def revoke(connection: Connection, agent: int) -> bool:
    """End an agent: all its tokens are void at once; False when there is no such agent."""
    return change(
        connection,
        agent,
        state="revoked",
        token_hash=None,
        old_token_hash=None,
        old_token_until=None,
    )


def grant(connection: Connection, agent: int, further: Collection[str]) -> bool:
    """Set the further sites an agent may report for: codes of sites, of areas, or `*`."""
    return change(connection, agent, grants=json.dumps(sorted(further)))


def granted(connection: Connection, site: str) -> list[Granted]:
    """For whom each active agent of this site may speak."""
    query = _agent_query().where(agents.c.site == site, agents.c.state == "active")
    return [_agent_row(row).sites for row in connection.execute(query)]


def rotate(
    connection: Connection, agent: AgentRow, token: str, keep_old: bool, generation: int
) -> bool:
    """Make `token` the newest; with `keep_old` the present one becomes the old one.

    False when the row has changed since `agent` was read.
    """
    values: dict[str, Any] = {"token_hash": digest(token), "generation": generation}
    if keep_old:
        values |= {"old_token_hash": agent.token_hash, "old_token_until": None}
    same = (agents.c.rev == agent.rev) & (agents.c.state == "active")
    statement = update(agents).where(agents.c.id == agent.id, same)
    return connection.execute(statement.values(rev=_next_rev(connection), **values)).rowcount == 1


def retire_old_token(connection: Connection, agent: int, until: float) -> bool:
    """The new token was used: from now on the old one has an end."""
    return change(connection, agent, "active", old_token_until=until)


def tell_config(
    connection: Connection,
    agent: int,
    etag: str,
    error: str,
    refused: str = "",
    now: float | None = None,
) -> bool:
    """Remember which configuration an agent runs, and which one it refused and why."""
    told = {"config_etag": etag, "config_error": error, "config_refused": refused}
    return change(connection, agent, config_told_at=now, **told)


def changed_agents(connection: Connection, rev: int) -> list[AgentRow]:
    """Agents that changed after `rev`, oldest change first; rev -1 gives all."""
    query = _agent_query().where(agents.c.rev > rev).order_by(agents.c.rev)
    return [_agent_row(row) for row in connection.execute(query)]


def report_intervals(connection: Connection) -> Iterator[tuple[int, int]]:
    """Each active agent, and how often its site is to report."""
    query = select(agents.c.id, _INTERVAL).outerjoin(sites, sites.c.code == agents.c.site)
    active = query.where(agents.c.state == "active").execution_options(yield_per=2000)
    for row in connection.execute(active):
        yield row.id, row.report_every_s


def find_agent(connection: Connection, agent: int) -> AgentRow | None:
    row = connection.execute(_agent_query().where(agents.c.id == agent)).first()
    return None if row is None else _agent_row(row)


def sites_of_token(connection: Connection, token: str, now: float) -> Granted | None:
    """The sites an active agent with this token may speak for; None when there is no such agent."""
    hashed = digest(token)
    retired = agents.c.old_token_until.is_not(None) & (agents.c.old_token_until < now)
    mine = (agents.c.token_hash == hashed) | ((agents.c.old_token_hash == hashed) & ~retired)
    row = connection.execute(_agent_query().where(mine, agents.c.state == "active")).first()
    return None if row is None else _agent_row(row).sites


def list_agents(connection: Connection, site: str | None = None) -> list[dict[str, Any]]:
    """Agents for people to look at, without anything secret."""
    if site is None:
        found = connection.execute(_SHOWN)
    else:
        found = connection.execute(_SHOWN_OF_SITE, {"code": site})
    rows = (dict(row._mapping) for row in found)
    return [{**row, "grants": json.loads(row["grants"]), **about(row.pop("knows"))} for row in rows]


def change(
    connection: Connection, agent: int, expected: str | None = None, **values: object
) -> bool:
    """Change a row, if its state is the expected one; ingest hears of it."""
    statement = update(agents).where(agents.c.id == agent)
    if expected is not None:
        statement = statement.where(agents.c.state == expected)
    done = connection.execute(statement.values(rev=_next_rev(connection), **values))
    return done.rowcount == 1


def _next_rev(connection: Connection) -> int:
    # PostgreSQL lets writers overlap: locking the newest row makes revs appear in their order
    newest = select(agents.c.id).order_by(agents.c.rev.desc()).limit(1).with_for_update()
    connection.execute(newest)
    return (
        int(connection.execute(select(func.coalesce(func.max(agents.c.rev), 0))).scalar_one()) + 1
    )


def _agent_query() -> Select[Any]:
    return select(agents, _INTERVAL).outerjoin(sites, sites.c.code == agents.c.site)


@lru_cache(maxsize=1000)
def _scopes(grants: str) -> frozenset[str]:
    return frozenset(json.loads(grants))


def _agent_row(row: Row[Any]) -> AgentRow:
    return AgentRow(
        id=row.id,
        site=row.site,
        state=sys.intern(row.state),
        sites=Granted(row.site, _scopes(row.grants)),
        token_hash=row.token_hash,
        old_token_hash=row.old_token_hash,
        old_token_until=row.old_token_until,
        generation=row.generation,
        enrolled_at=row.enrolled_at,
        config_etag=row.config_etag,
        config_error=sys.intern(row.config_error),
        config_refused=row.config_refused,
        knows=sys.intern(row.knows),
        report_every_s=row.report_every_s,
        rev=row.rev,
    )
