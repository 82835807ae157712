"""Entries share a group, and each caller hears what became of its own."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from collector.intake.commit import GroupCommit, JournalBusy, JournalFailed, JournalFull
from collector.journal.files import FileReader, FileWriter
from collector.journal.framing import Kind
from tests.small_disk import small_disk

T = TypeVar("T")


class Disk:
    """Counts the syncs, and fails with an errno when told to."""

    def __init__(self) -> None:
        self.syncs = 0
        self.failing = 0
        self.free = 1 << 40

    def sync(self, fd: int) -> None:
        self.syncs += 1
        if self.failing:
            raise OSError(self.failing, os.strerror(self.failing))


def run(folder: Path, disk: Disk, story: Callable[[GroupCommit], Awaitable[T]]) -> T:
    async def main() -> T:
        writer = FileWriter(folder, sync=disk.sync)
        with ThreadPoolExecutor(1) as executor:
            commit = GroupCommit(writer, executor, lambda: disk.free, max_bytes=1000)
            try:
                return await story(commit)
            finally:
                await commit.close()

    return asyncio.run(main())


def payloads(folder: Path) -> list[bytes]:
    reader = FileReader(folder)
    found = [record.payload for record in reader.read(0)]
    reader.close()
    return found


def test_a_hundred_entries_are_one_sync_and_all_durable(tmp_path: Path) -> None:
    disk = Disk()

    async def story(commit: GroupCommit) -> list[int]:
        entries = (commit.append(Kind.REPORT, 1.0, i, b"%d" % i) for i in range(100))
        return await asyncio.gather(*entries)

    ends = run(tmp_path, disk, story)
    assert disk.syncs == 1
    assert len(set(ends)) == 1
    assert payloads(tmp_path) == [b"%d" % i for i in range(100)]


def test_a_caller_that_goes_away_takes_nothing_from_the_others(tmp_path: Path) -> None:
    async def story(commit: GroupCommit) -> None:
        tasks = [
            asyncio.create_task(commit.append(Kind.REPORT, 1.0, i, b"%d" % i)) for i in range(3)
        ]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await tasks[0]
        await tasks[2]
        with pytest.raises(asyncio.CancelledError):
            await tasks[1]

    run(tmp_path, Disk(), story)
    assert payloads(tmp_path) == [b"0", b"1", b"2"]


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, JournalFull), (errno.EIO, JournalFailed)]
)
def test_a_failed_group_is_told_to_all_and_the_next_one_tries_again(
    tmp_path: Path, number: int, kind: type[Exception]
) -> None:
    disk = Disk()

    async def story(commit: GroupCommit) -> None:
        disk.failing = number
        entries = (commit.append(Kind.REPORT, 1.0, i, b"lost") for i in range(3))
        answers = await asyncio.gather(*entries, return_exceptions=True)
        assert [type(answer) for answer in answers] == [kind] * 3
        disk.failing = 0
        commit.measure()
        await commit.append(Kind.REPORT, 1.0, 1, b"kept")

    run(tmp_path, disk, story)
    assert payloads(tmp_path) == [b"kept"]


def test_a_nearly_full_disk_takes_ticks_only(tmp_path: Path) -> None:
    disk = Disk()

    async def story(commit: GroupCommit) -> None:
        disk.free = 1 << 20
        commit.measure()
        with pytest.raises(JournalFull):
            await commit.append(Kind.REPORT, 1.0, 1, b"no")
        await commit.append(Kind.TICK, 1.0, 0, b"tick", vital=True)
        disk.free = 1 << 40
        commit.measure()
        await commit.append(Kind.REPORT, 1.0, 1, b"yes")

    run(tmp_path, disk, story)
    assert payloads(tmp_path) == [b"tick", b"yes"]


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    async def story(commit: GroupCommit) -> list[int | BaseException]:
        entries = (commit.append(Kind.REPORT, 1.0, i, bytes(300)) for i in range(10))
        return await asyncio.gather(*entries, return_exceptions=True)

    answers = run(tmp_path, Disk(), story)
    assert sum(isinstance(answer, JournalBusy) for answer in answers) == 6
    assert len(payloads(tmp_path)) == 4


@pytest.fixture
def filling(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", "size=256k") as folder:
        yield folder


def test_a_disk_that_really_fills_up_loses_nothing_and_recovers(filling: Path) -> None:
    writer = FileWriter(filling / "journal")
    ballast = filling / "ballast"
    ballast.write_bytes(bytes(180_000))
    kept = []
    with pytest.raises(JournalFull):
        for i in range(100):
            writer.append([(Kind.REPORT, 1.0, i, b"%d" % i + bytes(3000))])
            kept.append(i)
    with pytest.raises(JournalFull):
        writer.append([(Kind.REPORT, 1.0, 0, bytes(10_000))])
    ballast.unlink()
    writer.append([(Kind.REPORT, 1.0, 100, b"100")])
    writer.close()
    assert len(kept) > 5
    FileWriter(filling / "journal").close()
    assert [p.rstrip(b"\0") for p in payloads(filling / "journal")] == [
        b"%d" % i for i in [*kept, 100]
    ]
