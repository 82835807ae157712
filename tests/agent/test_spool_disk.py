"""The spool on a real disk: smaller than it may use, full of somebody else's files, read-only."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.spool import Spool
from tests.agent.test_spool import drain, fill, finding, frame, reopen
from tests.small_disk import small_disk

pytestmark = pytest.mark.slow


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "card", "size=512k") as folder:
        yield folder


def test_a_full_disk_costs_old_frames_and_no_finding(card: Path) -> None:
    spool = Spool(str(card / "spool"), "boot")
    fill(spool, 60)
    lost = spool.dropped_total
    assert lost > 0
    assert spool.dropped_untold == lost
    kept = {}
    while (batch := spool.backlog()) is not None:
        kept |= {each.n: "finding" for each in batch.findings}
        kept |= {each.n: "frame" for each in batch.frames}
        spool.settle(batch.spool, batch.numbers)
    assert list(kept.values()).count("finding") == 60
    assert len(kept) == 60 * 61 - lost
    # the last hour is whole
    assert set(range(59 * 61 + 1, 60 * 61 + 1)) <= set(kept)


def test_what_fits_nowhere_waits_in_memory_until_there_is_room(card: Path) -> None:
    spool = Spool(str(card / "spool"), "boot")
    ballast = card / "somebody's"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))
    told = [finding(spool, 1.0), frame(spool, 2.0)]
    assert "cannot be written" in spool.trouble
    assert spool.dropped_total == 0
    ballast.unlink()
    told.append(finding(spool, 400.0))
    assert spool.trouble == ""
    assert drain(reopen(spool)) == told


def test_a_card_that_turns_read_only_is_said_and_what_was_there_is_told(card: Path) -> None:
    spool = Spool(str(card / "spool"), "boot")
    told = [finding(spool, 1.0)]
    subprocess.run(["mount", "-o", "remount,ro", str(card)], check=True)
    told.append(finding(spool, 400.0))
    assert "Read-only file system" in spool.trouble
    assert drain(spool) == told
    # a new start has what is on the card, and keeps the rest in memory
    after = reopen(spool)
    told.append(finding(after, 1.0))
    assert "Read-only file system" in after.trouble
    assert drain(after) == [told[0], told[2]]
    subprocess.run(["mount", "-o", "remount,rw", str(card)], check=True)
    finding(after, 800.0)
    assert after.trouble == ""
