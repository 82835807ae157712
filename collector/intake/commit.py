"""Many reports, one fdatasync: entries wait at most a few milliseconds for company."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from collector.journal.framing import Entry
from collector.journal.protocol import JournalFailed, JournalFull, JournalTooLarge, Writer

__all__ = ["GroupCommit", "JournalBusy", "JournalFailed", "JournalFull", "JournalTooLarge"]


class JournalBusy(JournalFailed):
    """More is waiting for the disk than we are willing to hold."""


@dataclass(slots=True)
class _Group:
    since: float
    entries: list[Entry] = field(default_factory=list)
    # one for each: a caller that goes away must not take the answer from the others
    waiters: list["asyncio.Future[int]"] = field(default_factory=list)
    size: int = 0


class GroupCommit:
    """Appends from many tasks to one writer; `append` returns when the entry is on disk.

    The first entry of a group waits `linger_s` for others: writing a group costs as much as four
    reports, and while one is written the next one gathers. `free_bytes`
    says how much room the disk has: under `reserve_bytes` entries are refused (JournalFull) while
    small ones marked `vital` still pass, so that ticks go on and the database keeps some room.
    """

    def __init__(
        self,
        writer: Writer,
        executor: Executor,
        free_bytes: Callable[[], int],
        linger_s: float = 0.008,
        reserve_bytes: int = 32 << 20,
        max_bytes: int = 64 << 20,
    ) -> None:
        self._writer = writer
        self._executor = executor
        self._free_bytes = free_bytes
        self._linger_s = linger_s
        self._reserve_bytes = reserve_bytes
        self._max_bytes = max_bytes
        self._group: _Group | None = None
        self._writing: asyncio.Task[None] | None = None
        self.written_bytes = 0
        self.full = False
        # why the last group could not be written; empty: it was
        self.trouble = ""
        # the latest time of an entry: a clock that shows less was set back
        self.newest = 0.0

    @property
    def waiting(self) -> int:
        """How many entries wait for the disk."""
        return len(self._group.entries) if self._group else 0

    async def append(
        self, kind: int, at: float, agent: int, payload: bytes, vital: bool = False
    ) -> int:
        """Keep one entry; returns a position up to which, this entry included, all is durable."""
        if self.full and not vital:
            raise JournalFull("journal: the disk is nearly full")
        group = self._group or self._gather()
        if group.size > self._max_bytes:
            raise JournalBusy("journal: too much is waiting for the disk")
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        group.entries.append((kind, at, agent, payload))
        self.newest = max(self.newest, at)
        group.waiters.append(waiter)
        group.size += len(payload)
        return await waiter

    def measure(self) -> None:
        """Look at the disk again; called once a second, so a full disk is noticed and forgiven."""
        self.full = self._free_bytes() < self._reserve_bytes

    async def close(self) -> None:
        """Write what waits, then close the writer."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        self._writer.close()

    def _gather(self) -> _Group:
        loop = asyncio.get_running_loop()
        group = self._group = _Group(loop.time())
        if self._writing is None:
            self._writing = loop.create_task(self._write_groups())
        return group

    async def _write_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while (group := self._group) is not None:
            await asyncio.sleep(group.since + self._linger_s - loop.time())
            self._group = None
            await self._write(group)
        self._writing = None

    async def _write(self, group: _Group) -> None:
        loop = asyncio.get_running_loop()
        try:
            end = await loop.run_in_executor(self._executor, self._writer.append, group.entries)
        except JournalFailed as error:
            self.full, self.trouble = self.full or isinstance(error, JournalFull), str(error)
            for waiter in group.waiters:
                if not waiter.done():
                    waiter.set_exception(error)
        else:
            self.written_bytes += group.size
            self.trouble = ""
            for waiter in group.waiters:
                if not waiter.done():
                    waiter.set_result(end)
