"""Reads a stream from any position on, and lets go of what nobody needs any more."""

import time
from bisect import bisect_left
from collections.abc import Callable

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from collector.journal.consumer import Consumer
from collector.journal.framing import Record
from collector.journal.grouping import records_of
from collector.journal.link import Link
from collector.journal.places import Places
from collector.journal.protocol import JournalFailed
from collector.journal.stream import Shape, look

LIMIT_S = 4.0
# fetched at once: 32 MiB of records where each message is as large as writers make them
_MOST_MESSAGES = 64
# how often it is looked whether a server that has no more is behind the others, and for how long
LOOK_EVERY_S = 2.0
_LOOK_S = 1.0
# so many looks in vain, and another server is asked
_MOST_BLIND = 2
# so many of the newest messages tell what time it was last
_NEWEST = 20


class StreamReader:
    """The records of all writers, in the one order that the stream gave them; `clock` only paces
    looks at the end."""

    def __init__(
        self, link: Link, shape: Shape, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._link = link
        self._shape = shape
        # the one that is asked, and the one that was begun last
        self._consumer: Consumer | None = None
        self._before: Consumer | None = None
        self._places = Places(0)
        # what was fetched and not asked for yet: it begins at `_from` or later, up to `_next`
        self._ahead: list[Record] = []
        self._from = self._next = -1
        self._skipped_until = 0
        self.skipped = 0
        self._clock = clock
        # the end as it was some time ago: who is not there by now does not come there by itself
        self._due = -1
        self._look_at, self._blind = float("-inf"), 0

    @property
    def start(self) -> int:
        """The oldest position that is still there."""
        return self._bounds(LIMIT_S)[0]

    @property
    def end(self) -> int:
        """The durable end."""
        return self._bounds(LIMIT_S)[1]

    def read(self, position: int, limit: int = 5000, limit_bytes: int = 8 << 20) -> list[Record]:
        """The records from `position` on, at most `limit` and about `limit_bytes`; [] at the end.

        What is asked for next is usually what follows, and was fetched with it.
        """
        if self._from <= position <= self._next:
            del self._ahead[: bisect_left(self._ahead, position, key=lambda r: r.position)]
        else:
            self._begin_anew()
        if not self._ahead:
            self._fetch(position)
        if not self._ahead:
            self._distrust()
        self._from = position
        return self._first(limit, limit_bytes)

    def gave_all(self, until: int) -> bool:
        """False: the server that was asked is behind the others; who asks again asks anew."""
        # a stream that fell back is moved behind what was folded by who writes next
        if self._next >= until or self.start >= until:
            return True
        self._begin_anew()
        return False

    def from_time(self, at: float, position: int) -> int:
        """The start: the clocks of several writers may be hours apart, so messages that are older
        than `at` may follow others that are not."""
        return self.start

    def newest(self) -> list[Record]:
        """Some of the newest records, in order; [] when there are none."""
        position = max(self.start, self._places.position(self._places.sequence(self.end) - _NEWEST))
        found: list[Record] = []
        while records := self.read(position):
            found += records
            position = records[-1].next
        return found

    def waiting(self, position: int) -> str:
        """How much there is from `position` on, in words."""
        end = self.end
        return f"{max(0, self._places.sequence(end) - self._places.sequence(position))} messages"

    def drop_before(self, position: int, older_than: float, now: float) -> int:
        """Let go of the messages before `position` that are older than `older_than` s."""
        before = now - older_than
        return self._link.call(lambda client: self._purge(client, position, before), LIMIT_S)

    def close(self) -> None:
        self._link.close()

    def _first(self, limit: int, limit_bytes: int) -> list[Record]:
        given, size = list[Record](), 0
        for record in self._ahead[:limit]:
            given.append(record)
            size += len(record.payload)
            if size >= limit_bytes:
                break
        return given

    def _begin_anew(self) -> None:
        self._ahead, self._from, self._next = [], -1, -1
        self._consumer = None

    def _fetch(self, position: int) -> None:
        """Fill `_ahead`; messages that are damaged are passed over and counted."""
        # what was damaged stays passed
        self._next = max(self._next, position)
        while not self._ahead:
            try:
                found = self._link.call(lambda c: self._pull(c, position), LIMIT_S)
            except JournalFailed:
                self._begin_anew()
                raise
            if not found:
                return
            for sequence, data in found:
                self._take(sequence, data, position)
            self._next = self._places.position(found[-1][0] + 1)

    def _take(self, sequence: int, data: bytes, position: int) -> None:
        records = records_of(data, self._places, sequence)
        if records is not None:
            self._ahead += [record for record in records if record.position >= position]
        elif sequence > self._skipped_until:
            self.skipped += 1
            self._skipped_until = sequence

    async def _pull(self, client: Client, position: int) -> list[tuple[int, bytes]]:
        if self._consumer is None:
            self._consumer = await self._begin(client, position)
        return await self._consumer.pull(client, _MOST_MESSAGES) if self._consumer else []

    async def _begin(self, client: Client, position: int) -> Consumer | None:
        """A consumer from `position` on; None while nothing can stand there."""
        found = await look(client, self._shape)
        if found is None:
            return None
        info, self._places = found
        first = self._places.sequence(position)
        if first > info.state.last_seq + 1:
            # it has lost its newest messages: it goes on behind them when a writer has seen it
            return None
        if self._before is not None:
            await self._before.end()
        self._before = await Consumer.begin(client, self._shape.stream, max(1, first))
        return self._before

    def _distrust(self) -> None:
        """A server that is cut off from the others has no more to give, and does not know it."""
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        if self._next < self._due:
            self._due = -1
            self._begin_anew()
            raise JournalFailed("journal: the server that was asked is behind the others")
        try:
            begin, end = self._bounds(_LOOK_S)
        except JournalFailed:
            self._blind += 1
            if self._blind < _MOST_BLIND:
                return
            self._blind = 0
            self._begin_anew()
            self._link.leave()
            raise
        self._due, self._blind = (end if begin < end else -1), 0

    def _bounds(self, limit_s: float) -> tuple[int, int]:
        found = self._link.call(lambda client: look(client, self._shape), limit_s)
        if found is None:
            return 0, 0
        info, self._places = found
        first = max(1, info.state.first_seq)
        return self._places.position(first), self._places.position(info.state.last_seq + 1)

    async def _purge(self, client: Client, position: int, before: float) -> int:
        found = await look(client, self._shape)
        if found is None:
            return 0
        info, places = found
        first, last = info.state.first_seq, info.state.last_seq
        keep = await self._oldest_to_keep(
            client, places, first, min(places.sequence(position), last), before
        )
        if keep <= first:
            return 0
        await client.jsm().purge_stream(self._shape.stream, seq=keep)
        return keep - first

    async def _oldest_to_keep(
        self, client: Client, places: Places, low: int, high: int, before: float
    ) -> int:
        """The first sequence from `low` on that is not older than `before`; `high` at the latest.

        A message is as old as the one that follows it, as a segment is.
        """
        while low < high:
            middle = (low + high) // 2
            if await self._is_older(client, places, middle + 1, before):
                low = middle + 1
            else:
                high = middle
        return low

    async def _is_older(self, client: Client, places: Places, sequence: int, before: float) -> bool:
        try:
            message = await client.jsm().get_msg(self._shape.stream, sequence)
        except NotFoundError:
            return True
        records = records_of(message.data or b"", places, sequence)
        return records is None or records[0].at < before
