"""Everything ingest holds between requests, and how it stays in step with the database."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from agent.strict import Refused
from collector import agents, vocabularies
from collector.alike import Build
from collector.db import reading, writing
from collector.intake.auth import Caller, Tokens, paced, token_in
from collector.intake.beacons import Keys
from collector.intake.body import Given, Problem
from collector.intake.capacity import Capacity
from collector.intake.commit import GroupCommit
from collector.intake.configs import Config, Configs
from collector.intake.fickle import Fickle, remember
from collector.intake.gate import Gate
from collector.intake.heard import Heard
from collector.intake.known import Known
from collector.intake.names import clean
from collector.intake.notes import Notes
from collector.intake.orders import Orders
from collector.intake.outlook import Outlook
from collector.intake.peers import Peers
from collector.intake.programs import Turns
from collector.intake.reports import BACKLOG_LAG_S, Reports
from collector.intake.scripts import Script
from collector.intake.ticks import wait
from collector.intake.trouble import RETRY_S, database_trouble
from collector.intake.watch import Centre, Look, folded_to, look, why
from collector.intake.wire import MAX_REASON_CHARS
from collector.inventory.places import SITE_CODE
from collector.journal.opening import open_reader, open_writer
from collector.journal.protocol import JournalFailed
from collector.restored import knocked
from collector.settings import Settings, split_address
from collector.withholding import TOLD, in_lines, is_script

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_EVERY_S = 1.0
# unknown tokens make us ask the database again, but strangers cannot make us ask all the time
_MISS_EVERY_S = 0.2
_MOST_NOTES = 1000
_ROWS_AT_ONCE = 1000
# notes of how agents report lie beside all others of theirs
_FORMS = -(1 << 40)
OLD_TOKEN_S = 30 * agents.DAY_S


class Desk:
    """The state of the ingest process; made inside its event loop."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        secret: bytes,
        clock: Callable[[], float],
        build: Build,
        free_bytes: Callable[[], int],
    ) -> None:
        self.settings = settings
        self.secret = secret
        self.clock = clock
        self.orders = Orders()
        self.engine = engine
        self.tokens = Tokens()
        self.heard = Heard(Keys(self.tokens, secret).of)
        self.known = Known()
        self.centre = Centre()
        self._threads = ThreadPoolExecutor(2, "database")
        self._disk = ThreadPoolExecutor(1, "journal")
        self.writer = open_writer(settings, self._folded, self._site_of)
        self.commit = GroupCommit(self.writer, self._disk, free_bytes)
        self.peers = Peers(settings, self.known, self.orders)
        self.configs = Configs(engine, settings, build, self.in_thread, secret)
        self.reports = Reports(
            self.commit, self.known, self.configs, self.centre, clock, self.orders, self.peers
        )
        targets = [split_address(target) for target in settings.centre_targets]
        self.outlook = Outlook(targets, clock)
        self.skipped = 0
        self.scripts: dict[int, Script] = {}
        self.gate = Gate()
        self.capacity = Capacity(settings, clock)
        self.programs = Turns()
        self.requests: Counter[tuple[str, int]] = Counter()
        self._looking: asyncio.Task[None] | None = None
        self._looked_at = -1e9
        self._notes = Notes()
        self.fickle = Fickle()
        # when the clock was last set back, by itself as it is since, and by how much
        self.set_back_at: tuple[float, float] | None = None

    async def close(self) -> None:
        await self.commit.close()
        self.peers.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._disk.shutdown()
        self.engine.dispose()

    def accepting(self) -> bool:
        return self.centre.loaded and not self.commit.full

    def set_back(self, now: float, by_s: float) -> None:
        """The clock shows `now`, `by_s` less than before."""
        log.warning("the clock was set back by %.0f s", by_s)
        self.set_back_at = now, by_s
        self.known.set_back(now)

    def busy(self) -> str:
        """Why nothing that can wait should be begun now; "" when it may be."""
        if not self.accepting():
            return "the centre takes no reports now"
        lags = self.centre.lag_s(self.clock()) > BACKLOG_LAG_S
        return "the centre is catching up" if lags else ""

    async def caller(self, headers: Given, in_body: str | None = None) -> Caller:
        """Who sent this; Problem 401 for nobody we know, 503 while we know nobody yet.

        `in_body`: a token that came with the lines, of one who cannot send the header.
        """
        if not self.centre.loaded:
            raise Problem(503, "the database cannot be read yet", RETRY_S)
        token = token_in(headers.get("authorization")) or in_body
        if token is None:
            raise Problem(401, "a token is needed")
        caller = self.tokens.find(token, self.clock())
        if caller is None:
            await self._look_again()
            caller = self.tokens.find(token, self.clock())
        if caller is None:
            self._hear_stranger(headers.get("x-ronda-agent") or "")
            raise Problem(401, "unknown or revoked token")
        if caller.is_first_use:
            await self._retire_old_token(caller.agent)
        return caller

    def hear_config(self, agent: agents.AgentRow, etag: str, error: str, refused: str = "") -> None:
        """An agent says which configuration it runs, and which newer one it refused and why."""
        told = clean(etag)[:64], clean(error)[:MAX_REASON_CHARS], clean(refused)[:64]
        if told == (agent.config_etag, agent.config_error, agent.config_refused):
            return
        now = self.clock()
        self._notes.put(agent.id, lambda db: agents.tell_config(db, agent.id, *told, now))

    async def hear_known(self, agent: agents.AgentRow, told: str) -> None:
        """An agent says which checks it knows: what it does not is kept from it."""
        if told and TOLD.fullmatch(told):
            told = in_lines(told, is_script(told) or is_script(agent.knows))
            if told != agent.knows and self.fickle.takes(agent.id, agent.site, self.clock()):
                await self.write(lambda db: vocabularies.tell(db, agent.id, told))
                self.configs.forget_agents(agent.site)

    def hear_form(self, agent: agents.AgentRow, lines: bool) -> None:
        """It reports in lines, or in JSON as those do of whom something can be asked."""
        place = _FORMS - agent.id
        if is_script(agent.knows) is lines or place in self._notes:
            return
        if self.fickle.takes(agent.id, agent.site, self.clock()):
            self._notes.put(place, lambda db: vocabularies.tell_form(db, agent.id, lines))

    async def in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of its own; Problem 503 when the database is away."""

        def run() -> T:
            with writing(self.engine) as connection:
                return work(connection)

        with database_trouble():
            done = await self.in_thread(run)
        await self._look_now()
        return done

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a snapshot; Problem 503 when the database is away."""

        def run() -> T:
            with reading(self.engine) as connection:
                return work(connection)

        with database_trouble():
            return await self.in_thread(run)

    async def config(self, site: str) -> Config:
        """What agents of `site` should run; Problem 404 when the site is gone."""
        with database_trouble():
            try:
                return await self.configs.get(site)
            except Refused as refused:
                raise Problem(404, str(refused)) from None

    async def open(self) -> None:
        """Have a first look; a database that is away is waited for while we serve."""
        await self._look_now()

    async def keep_looking(self, stop: asyncio.Event) -> None:
        """Follow the database until `stop`."""
        while not stop.is_set():
            now = self.clock()
            if (left_out := self.fickle.news(now)) is not None:
                # notes go by agent, and none is number 0
                self._notes.put(0, partial(remember, told=left_out, now=now))
            if self._notes:
                await self.in_thread(lambda: self._notes.write(self.engine))
            await self._look_now()
            await self.in_thread(self.peers.attend)
            await wait(stop, LOOK_EVERY_S)

    async def _look_again(self) -> None:
        if asyncio.get_running_loop().time() - self._looked_at >= _MISS_EVERY_S:
            await self._look_now()

    async def _look_now(self) -> None:
        # one look at a time: whoever comes while one runs waits for the next one
        before = self._looking
        if before is not None and not before.done():
            await asyncio.shield(before)
            if self._looking is not before and self._looking is not None:
                await asyncio.shield(self._looking)
                return
        self._looking = asyncio.get_running_loop().create_task(self._look())
        await asyncio.shield(self._looking)

    async def _look(self) -> None:
        try:
            if not self.centre.loaded:
                await self.in_thread(self._load)
            rev, act = self.tokens.rev, self.centre.last_act
            every_s_of = self.tokens.every_s_of
            found = await self.in_thread(lambda: look(self.engine, rev, act, every_s_of))
        except JournalFailed as error:
            if self.centre.database != str(error):
                log.warning("%s", error)
            self.centre.database = str(error)
        except SQLAlchemyError as error:
            if self.centre.database != why(error):
                log.warning("the database cannot be read: %s", why(error))
            self.centre.database = why(error)
        else:
            await self._take(found)
        self._looked_at = asyncio.get_running_loop().time()

    async def _take(self, found: Look) -> None:
        await self._take_agents(found.agents)
        every_s = found.intervals
        known = [row for agent in every_s if (row := self.tokens.by_id(agent)) is not None]
        await self._take_agents([paced(row, every_s[row.id]) for row in known])
        if self.centre.loaded and found.last_act != self.centre.last_act:
            subjects = [""] if found.acts_on is None else found.acts_on
            if subjects:
                self.configs.forget(subjects, self.tokens.has_site)
            self.orders.put(found.orders)
        self.centre.take(found)
        self.centre.loaded = True

    async def _take_agents(self, rows: Sequence[agents.AgentRow]) -> None:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            turned = [row.site for row in some if self._has_turned(row)]
            self.tokens.put(some)
            for site in turned:
                # beside a program a script keeps nothing from its site
                self.configs.forget_agents(site)
            if len(rows) > _ROWS_AT_ONCE:
                # an import of a country must not keep reports waiting
                await asyncio.sleep(0)

    def _has_turned(self, row: agents.AgentRow) -> bool:
        """Does it report in another form than until now?"""
        before = self.tokens.by_id(row.id)
        return before is not None and is_script(before.knows) is not is_script(row.knows)

    def _load(self) -> None:
        with reading(self.engine) as connection:
            # first: what the fold commits meanwhile is then read twice, not missed
            position = folded_to(connection)
            self.known.load(connection)
        reader = open_reader(self.settings)
        try:
            while records := reader.read(position):
                self.known.read(records)
                position = records[-1].next
            self.skipped = reader.skipped
        finally:
            reader.close()
        # what was heard while the clock was ahead
        self.known.set_back(self.clock())

    def _hear_stranger(self, told: str) -> None:
        """Who says so was enrolled here, after the backup that this centre was restored from."""
        number, _, site = told.partition(" ")
        known = number.isascii() and number.isdigit() and len(number) <= 9
        if known and SITE_CODE.fullmatch(site) and len(self._notes) < _MOST_NOTES:
            agent, now = int(number), self.clock()
            # notes go by agent: those of strangers lie beside them
            self._notes.put(-1 - agent, lambda db: knocked(db, agent, site, now))

    async def _retire_old_token(self, agent: agents.AgentRow) -> None:
        # once after a rotation; a database that is away only puts it off
        until = self.clock() + OLD_TOKEN_S
        with contextlib.suppress(Problem):
            await self.write(lambda db: agents.retire_old_token(db, agent.id, until))

    def _site_of(self, agent: int) -> str:
        row = self.tokens.by_id(agent)
        return row.site if row is not None else ""

    def _folded(self) -> int | None:
        try:
            with reading(self.engine) as connection:
                return folded_to(connection)
        except SQLAlchemyError as error:
            log.warning("the database cannot be read: %s", why(error))
            return None
