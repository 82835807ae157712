"""Which configuration should an agent run? Its fingerprint goes out with every answer."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from agent.strict import Refused
from collector import passwords
from collector.config import etag as tag_of
from collector.db import reading
from collector.settings import Settings

log = logging.getLogger(__name__)

Build = Callable[[Connection, str, Settings], dict[str, Any]]
Table = Mapping[str, Any]
InThread = Callable[[Callable[[], "Config"]], Awaitable["Config"]]

# after a change for everybody all sites miss at once; the rest hear with their next report
_AT_ONCE = 64
_SCRIPTS = 5000


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration as it is sent."""

    table: Table
    etag: str

    @property
    def kinds(self) -> dict[tuple[str, str], str]:
        """The kind of each check by the other site it is about, if any, and its name."""
        checks = self.table.get("checks", ())
        return {(check.get("site", ""), check["name"]): check["kind"] for check in checks}


class Configs:
    """Fingerprints by site; forgotten when people change something."""

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
        self._etags: dict[str, str] = {}
        self._kinds: dict[str, tuple[str, Mapping[tuple[str, str], str]]] = {}
        self._generation = 0
        self._running = 0

    def forget(self, subjects: Iterable[str], is_site: Callable[[str], bool]) -> None:
        """Something was done to `subjects`; what is no site may concern every site."""
        self._generation += 1
        for subject in subjects:
            if not is_site(subject):
                self._etags.clear()
                return
            self._etags.pop(subject, None)

    def known(self, site: str) -> str | None:
        """The fingerprint if it need not be looked up."""
        return self._etags.get(site)

    async def etag(self, site: str, otherwise: str) -> str:
        """The fingerprint of the site's configuration; `otherwise` while it cannot be had."""
        found = self._etags.get(site)
        if found is not None:
            return found
        if self._running >= _AT_ONCE:
            return otherwise
        self._running += 1
        try:
            return (await self.get(site)).etag
        except (SQLAlchemyError, Refused) as error:
            log.warning("the configuration of %s cannot be read: %s", site, error)
            return otherwise
        finally:
            self._running -= 1

    async def kinds(self, site: str) -> Mapping[tuple[str, str], str]:
        """The kind of each check, as `Config.kinds` has them; empty while it cannot be had."""
        etag = await self.etag(site, "")
        known = self._kinds.get(site)
        if known is not None and known[0] == etag:
            return known[1]
        if len(self._kinds) >= _SCRIPTS:
            self._kinds.clear()
        try:
            config = await self.get(site)
        except (SQLAlchemyError, Refused):
            return {}
        self._kinds[site] = (config.etag, config.kinds)
        return config.kinds

    async def get(self, site: str) -> Config:
        """The configuration now; SQLAlchemyError, or Refused when the site is gone."""
        generation = self._generation
        made = await self._in_thread(lambda: self._read(site))
        if generation == self._generation:
            self._etags[site] = made.etag
        return made

    def _read(self, site: str) -> Config:
        with reading(self._engine) as connection:
            table = self._build(connection, site, self._settings)
            # the tag is that of what people see: it says nothing of a password
            return Config(passwords.open_in(connection, self._secret, table), tag_of(table))
