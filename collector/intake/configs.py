"""Which configuration should an agent run? Its fingerprint goes out with every answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from agent.strict import Refused
from collector import passwords
from collector.alike import Alike, Build, Kinds, Shared, Told, World
from collector.config import etag as tag_of
from collector.db import reading
from collector.settings import Settings

log = logging.getLogger(__name__)

Table = Mapping[str, Any]
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]
# one for each who waits: who goes away must not take the answer from the others
Waiters = dict[str, list[asyncio.Future[Told]]]

# sites a transaction: after a change for everybody all miss, and those that report meanwhile gather
_AT_ONCE = 200
# so many may wait for their fingerprint; the rest hear with their next report
_MOST_WAITING = 2000


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration as it is sent."""

    table: Table
    etag: str


class Configs:
    """What sites are told, by site; forgotten when people change something."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        build: Build,
        in_thread: InThread,
        secret: bytes = b"",
    ) -> None:
        self._engine, self._secret = engine, secret
        self._settings = settings
        self._build = build
        self._in_thread = in_thread
        self._alike = Alike(settings, build)
        self._told: dict[str, Told] = {}
        self._world = World()
        self._generation = 0
        self._asked: Waiters = {}
        self._waiting = 0
        self._asking: asyncio.Task[None] | None = None

    def forget(self, subjects: Iterable[str], is_site: Callable[[str], bool]) -> None:
        """Something was done to `subjects`; what is no site may concern every site."""
        self._world = World()
        for subject in subjects:
            self.forget_agents(subject)
            if not is_site(subject):
                self._told = {}
                return

    def forget_agents(self, site: str) -> None:
        """The agents of a site say something else of themselves; what people said stands."""
        self._generation += 1
        self._told.pop(site, None)

    def known(self, site: str) -> str | None:
        """The fingerprint if it need not be looked up."""
        told = self._told.get(site)
        return None if told is None else told.etag(site)

    async def etag(self, site: str, otherwise: str) -> str:
        """The fingerprint of the site's configuration; `otherwise` while it cannot be had."""
        found = self.known(site)
        if found is not None:
            return found
        if self._waiting >= _MOST_WAITING:
            return otherwise
        try:
            return (await self._tell(site)).etag(site)
        except (SQLAlchemyError, Refused) as error:
            log.warning("the configuration of %s cannot be read: %s", site, error)
            return otherwise

    async def kinds(self, site: str) -> Kinds:
        """The kind of each check, as `alike.kinds_of` has them; empty while it cannot be had."""
        try:
            return (await self._tell(site)).kinds
        except (SQLAlchemyError, Refused):
            return {}

    async def get(self, site: str) -> Config:
        """The configuration now; SQLAlchemyError, or Refused when the site is gone."""
        told = await self._tell(site)
        if isinstance(told, Shared):
            return Config(told.table_of(site), told.etag(site))
        made: Config = await self._in_thread(lambda: self._read(site))
        return made

    async def _tell(self, site: str) -> Told:
        told = self._told.get(site)
        if told is not None:
            return told
        waiter: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(site, []).append(waiter)
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        self._waiting += 1
        try:
            return await waiter
        finally:
            self._waiting -= 1

    async def _ask(self) -> None:
        try:
            while self._asked:
                some = {site: self._asked.pop(site) for site in [*islice(self._asked, _AT_ONCE)]}
                await self._answer(some)
        finally:
            self._asking = None

    async def _answer(self, some: Waiters) -> None:
        generation, world = self._generation, self._world
        found: dict[str, Told] = {}
        failed: Exception | None = None
        try:
            found = await self._in_thread(lambda: self._look(list(some), world))
        except SQLAlchemyError as error:
            failed = error
        except Exception as error:
            if len(some) > 1:
                # one row that nobody can read must not cost all others their configuration
                for site in some:
                    await self._answer({site: some[site]})
                return
            failed = error
        if generation == self._generation:
            self._told |= found
        _settle(some, found, failed)

    def _look(self, sites: Sequence[str], world: World) -> dict[str, Told]:
        with reading(self._engine) as connection:
            return dict(self._alike.tell(connection, sites, world))

    def _read(self, site: str) -> Config:
        with reading(self._engine) as connection:
            table = self._build(connection, site, self._settings)
            # the tag is that of what people see: it says nothing of a password
            return Config(passwords.open_in(connection, self._secret, table), tag_of(table))


def _settle(some: Waiters, found: Mapping[str, Told], failed: Exception | None) -> None:
    for site, waiters in some.items():
        gone = Refused("site", f"{site!r} is not in the inventory")
        for waiter in waiters:
            # who waited may have gone away
            if not waiter.done() and site in found:
                waiter.set_result(found[site])
            elif not waiter.done():
                waiter.set_exception(failed or gone)
