"""Live pages: one look for changes every quarter second, told to every open page that may know."""

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alerts.incident_rows import Mark
from collector import doctor_console
from collector.db import meta_set, writing
from web import people, signins, walls, words
from web.board import Rev
from web.facts import Facts
from web.freshness import freshness
from web.people import User
from web.playbooks.stirring import Stirring
from web.seats import Full, Seats
from web.walls import Wall

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
TICK_EVERY_S = 5.0
QUIET_S = 15.0
NOTE_EVERY_S = 60.0
# more sites than this in one look: every page is told to look again
MANY = 200
_ROOM = 16


@dataclass(eq=False)
class Client:
    """One open page: who reads it, the one site it is about (or all), what it was not yet told.

    A page of incidents is about one, or about all (0); one of runs of playbooks likewise.
    """

    user: User | Wall
    site: str = ""
    incident: int | None = None
    run: int | None = None
    queue: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(_ROOM))

    @property
    def whose(self) -> str:
        """The account, or the wall screen."""
        return f"user {self.user.name}" if isinstance(self.user, User) else f"wall {self.user.id}"

    @property
    def of_sites(self) -> bool:
        """Is it about how sites are, and no page of incidents or runs?"""
        return self.incident is None and self.run is None

    def concerned(self, changed: set[str] | None) -> bool:
        """Does any of these changes lie on the page? None: so many that it is taken for granted."""
        if changed is None:
            return True
        if self.site:
            return self.site in changed
        return any(self.user.scope.sees(code) for code in changed)

    def follows(self, touched: Mapping[int, set[str]] | None) -> bool:
        """The same of a page of incidents, for those that changed, each with its sites."""
        return self._follows(self.incident, touched)

    def follows_run(self, touched: Mapping[int, set[str]]) -> bool:
        """The same of a page of runs."""
        return self._follows(self.run, touched)

    def _follows(self, about: int | None, touched: Mapping[int, set[str]] | None) -> bool:
        if about is None or touched is None:
            return about is not None
        if about and about not in touched:
            return False
        mine = (touched[about],) if about else touched.values()
        everywhere = self.user.scope.everything and not self.site
        return everywhere or self.concerned({code for codes in mine for code in codes})

    def tell(self, message: str | None) -> None:
        """Queue a message; who is too far behind forgets the rest and looks again."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            if message is not None:
                message = _event("changed", {})
        self.queue.put_nowait(message)


class Live:
    """The open pages of this process, and the one look at the database that serves them all."""

    def __init__(
        self,
        store: Engine,
        facts: Facts,
        clock: Callable[[], float],
        zone: tzinfo,
        seats: Seats | None = None,
    ) -> None:
        # the oldest first
        self.clients: dict[Client, None] = {}
        self.seats = seats or Seats()
        self.store = store
        self._facts = facts
        self._clock = clock
        self._zone = zone
        self._rev: Rev | None = None
        self._incident_rev: Mark | None = None
        self._runs = Stirring(store)
        self._ticked = 0.0
        self._gone = False
        self._noted: tuple[float, dict[str, int]] = (0.0, {})

    def join(
        self, user: User | Wall, site: str, incident: int | None = None, run: int | None = None
    ) -> Client | Full:
        """A place for one more page, or why there is none."""
        client = Client(user, site, incident, run)
        room = self.seats.room(client.whose, self._held())
        if isinstance(room, Full):
            return room
        if room:
            oldest = next(each for each in self.clients if each.whose == room)
            oldest.tell(None)
            self.leave(oldest)
        self.clients[client] = None
        return client

    def leave(self, client: Client) -> None:
        """The page is closed."""
        self.clients.pop(client, None)

    async def listen(self, client: Client) -> AsyncIterator[str]:
        """What the page is to be told, as long as it may be told anything."""
        try:
            whole = await asyncio.to_thread(self._facts.rev)
            # what changes between this word and the first look is news, too
            self._rev = whole if self._rev is None else self._rev
            rev: Sequence[int | str] = whole
            if client.incident is not None:
                mark = await asyncio.to_thread(self._facts.incident_rev)
                self._incident_rev = mark if self._incident_rev is None else self._incident_rev
                rev = mark
            if client.run is not None:
                rev = (await asyncio.to_thread(self._runs.rev, client.run),)
            yield _event("hello", {"rev": ".".join(map(str, rev))})
            yield await asyncio.to_thread(self._tick)
            while True:
                try:
                    message = await asyncio.wait_for(client.queue.get(), QUIET_S)
                except TimeoutError:
                    message = ":\n\n"
                if message is None:
                    return
                yield message
        finally:
            self.leave(client)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop, then send every page away."""
        while not stop.is_set():
            await self.look()
            await self.note()
            try:
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)
            except TimeoutError:
                continue
        for client in self.clients:
            client.tell(None)

    async def look(self) -> None:
        """Look once; a database that is away is said once and waited for."""
        if not self.clients:
            self._rev = self._incident_rev = None
            self._runs.rest()
            return
        try:
            news = await asyncio.to_thread(self._news)
        except SQLAlchemyError as error:
            if not self._gone:
                log.warning("live pages wait for the database: %s", error)
            self._gone = True
            return
        self._gone = False
        for choose, message in news:
            for client in [each for each in self.clients if choose(each)]:
                client.tell(message)

    async def note(self) -> None:
        """Write down how many there are and were refused, for `doctor`; once a minute at most."""
        (at, before), now, status = self._noted, self._clock(), self.seats.status(self._held())
        if status == before or abs(now - at) < NOTE_EVERY_S:
            return
        self._noted = (now, status)
        with contextlib.suppress(SQLAlchemyError):
            await asyncio.to_thread(_write_down, self.store, {"at": now, **status})

    def _held(self) -> Counter[str]:
        return Counter(each.whose for each in self.clients)

    def _news(self) -> Sequence[tuple[Callable[[Client], bool], str | None]]:
        news: list[tuple[Callable[[Client], bool], str | None]] = []
        rev = self._facts.rev()
        if self._rev is not None and rev != self._rev:
            changed = self._changed(self._rev, rev)
            plain = _event("changed", {})
            news.append((lambda each: each.of_sites and each.concerned(changed), plain))
        self._rev = rev
        self._hear_of_incidents(news)
        self._hear_of_runs(news)
        if abs(self._clock() - self._ticked) >= TICK_EVERY_S:
            self._ticked = self._clock()
            ended = self._ended()
            news.append((lambda each: each in ended, None))
            tick = self._tick()
            news.append((lambda each: each not in ended and each.queue.empty(), tick))
        return news

    def _hear_of_incidents(self, news: list[tuple[Callable[[Client], bool], str | None]]) -> None:
        rev = self._facts.incident_rev()
        if self._incident_rev is not None and rev != self._incident_rev:
            found = self._facts.incidents_changed(self._incident_rev, MANY + 1)
            touched = None if rev < self._incident_rev or len(found) > MANY else found
            news.append((lambda each: each.follows(touched), _event("changed", {})))
        self._incident_rev = rev

    def _hear_of_runs(self, news: list[tuple[Callable[[Client], bool], str | None]]) -> None:
        if all(each.run is None for each in list(self.clients)):
            self._runs.rest()
        elif touched := self._runs.look():
            news.append((lambda each: each.follows_run(touched), _event("changed", {})))

    def _changed(self, old: Rev, new: Rev) -> set[str] | None:
        # a mark that went back: the database was restored or is being made again
        if new[0] < old[0] or new[2] < old[2]:
            return None
        changed: set[str] = set()
        if new[:2] != old[:2]:
            same = new[0] == old[0]
            changed = self._facts.changed(old[0] if same else old[0] + 1, MANY + 1)
        if new[2] != old[2]:
            stirred = self._facts.stirred(old[2], MANY)
            if stirred is None:
                return None
            changed |= stirred
        return None if len(changed) > MANY else changed

    def _ended(self) -> set[Client]:
        """Pages whose session ended, whose account may see other things, whose link was revoked."""
        clients = list(self.clients)
        of = {each: each.user for each in clients}
        names = {user.name for user in of.values() if isinstance(user, User)}
        known = people.revocations(self.store, sorted(names))
        keys = {user.signin for user in of.values() if isinstance(user, User) and user.signin}
        begun = {"", *(signins.standing(self.store, keys) if keys else ())}
        screens = {user.id for user in of.values() if isinstance(user, Wall)}
        hanging = walls.standing(self.store, screens) if screens else set()
        return {
            client
            for client, user in of.items()
            if (
                known.get(user.name) != user.revocation or user.signin not in begun
                if isinstance(user, User)
                else user.id not in hanging
            )
        }

    def _tick(self) -> str:
        now = self._clock()
        fresh = freshness(self._facts.fold(), now)
        at = now if fresh.at is None else fresh.at
        time = words.clock(at, self._zone, seconds=True)
        return _event("tick", {"time": time, "late": fresh.late})


def _write_down(store: Engine, status: Mapping[str, float]) -> None:
    with writing(store) as connection:
        meta_set(connection, doctor_console.KEY, json.dumps(status))


def _event(name: str, body: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"
