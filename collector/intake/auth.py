"""Whose token is this? The map stays in memory: a database that is gone stops nobody."""

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from collector.agents import AgentRow, digest


class Caller(NamedTuple):
    """Who asks, and whether with the token that a rotation has replaced."""

    agent: AgentRow
    with_old: bool

    @property
    def is_first_use(self) -> bool:
        """The newest token, and nobody has noted yet that it is in use."""
        agent = self.agent
        return (
            agent.old_token_hash is not None and agent.old_token_until is None and not self.with_old
        )


class Tokens:
    """Hashes of tokens to agents, kept in step by the rows that changed."""

    def __init__(self) -> None:
        self._by_hash: dict[str, AgentRow] = {}
        self._by_id: dict[int, AgentRow] = {}
        self._sites: dict[str, int] = {}
        self.rev = -1

    def __len__(self) -> int:
        return len(self._by_id)

    def put(self, rows: Iterable[AgentRow]) -> None:
        for row in rows:
            before = self._by_id.pop(row.id, None)
            if before is not None:
                for known in (before.token_hash, before.old_token_hash):
                    self._by_hash.pop(known or "", None)
            if row.state == "active":
                self._by_id[row.id] = row
                for given in (row.token_hash, row.old_token_hash):
                    if given:
                        self._by_hash[given] = row
            self._sites[row.site] = row.id
            self.rev = max(self.rev, row.rev)

    def by_id(self, agent: int) -> AgentRow | None:
        """An active agent."""
        return self._by_id.get(agent)

    def every_s_of(self, agent: int) -> int | None:
        """How often an active agent is to report."""
        row = self._by_id.get(agent)
        return None if row is None else row.report_every_s

    def has_site(self, code: str) -> bool:
        """A site that has or had an agent."""
        return code in self._sites

    def find(self, token: str, now: float) -> Caller | None:
        # looked up by hash: how long that takes tells nothing about any token
        hashed = digest(token)
        agent = self._by_hash.get(hashed)
        if agent is None:
            return None
        if hashed == agent.token_hash:
            return Caller(agent, with_old=False)
        if agent.old_token_until is not None and agent.old_token_until < now:
            return None
        return Caller(agent, with_old=True)


def paced(row: AgentRow, every_s: int) -> AgentRow:
    """The same agent, that reports so often from now on."""
    return msgspec.structs.replace(row, report_every_s=every_s)


def token_in(authorization: str | None) -> str | None:
    """The token of a Bearer header, or the password of a Basic one (old routers can no other)."""
    if not authorization:
        return None
    scheme, _, rest = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip() or None
        case "basic":
            return _password(rest.strip())
    return None


def _password(encoded: str) -> str | None:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text.partition(":")[2] or None
