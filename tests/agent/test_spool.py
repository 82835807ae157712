"""The spool against power cuts, full disks and its own bounds."""

import os
import tempfile
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import segments
from agent.entries import Batch, Ranges
from agent.spool import Spool
from tests import amounts

NAMES = ("a", "b")
Key = tuple[str, int]


def frame(spool: Spool, now: float, value: float = 1.5, names: tuple[str, ...] = NAMES) -> Key:
    layout = "L" + "".join(names)
    n = spool.append_frame(now, 1e9 + now, now, layout, names, array("d", [value] * len(names)))
    return spool.spool, n


def finding(spool: Spool, now: float, reason: str = "HTTP 502") -> Key:
    (n,) = spool.append_findings(now, [(1e9 + now, now, "app", "bad", reason)])
    return spool.spool, n


def drain(spool: Spool, limit: int = 60) -> list[Key]:
    """Everything owed, in the order it is offered, delivered."""
    found: list[Key] = []
    while (batch := spool.backlog(limit)) is not None:
        assert len(batch) <= limit
        found += [(batch.spool, n) for n in batch.numbers]
        spool.settle(batch.spool, batch.numbers)
    return found


def reopen(spool: Spool) -> Spool:
    """A new run after everything in RAM was lost."""
    return Spool(spool.folder, "boot2")


def test_a_finding_of_another_site_keeps_it_over_a_restart(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    spool.append_findings(1.0, [(1e9, 1.0, "router", "bad", "no answer", "35.10.06.2005")])
    spool.append_findings(2.0, [(1e9, 2.0, "app", "bad", "HTTP 502")])
    batch = reopen(spool).backlog(10)
    assert batch is not None
    assert [finding.site for finding in batch.findings] == ["35.10.06.2005", ""]


# --- power cuts at any byte -------------------------------------------------------------------


@dataclass
class Story:
    """What must hold, whatever was cut."""

    made: dict[Key, float] = field(default_factory=dict)
    safe: set[Key] = field(default_factory=set)
    delivered: set[Key] = field(default_factory=set)


def contents(folder: str) -> dict[str, bytes]:
    return {name: (Path(folder) / name).read_bytes() for name in sorted(os.listdir(folder))}


def cut(folder: str, before: dict[str, bytes], at: float) -> None:
    """The power goes during the write that led from `before` to now, at this part of it."""
    for name, after in contents(folder).items():
        old = before.get(name, b"")
        if after == old:
            continue
        path = Path(folder) / name
        if after.startswith(old):
            path.write_bytes(after[: len(old) + int((len(after) - len(old)) * at)])
        elif at < 0.9:
            # a file that was to take the place of another, and had not yet
            path.write_bytes(old)
            Path(f"{path}.new").write_bytes(after[: int(len(after) * at)])


steps = st.lists(
    st.one_of(
        st.tuples(st.just("frame"), st.floats(1, 400)),
        st.tuples(st.just("finding"), st.floats(0, 1)),
        st.tuples(st.just("flush"), st.just(0.0)),
        st.tuples(st.just("deliver"), st.just(0.0)),
        st.tuples(st.just("reopen"), st.just(0.0)),
        st.tuples(st.just("cut while flushing"), st.floats(0, 1)),
        st.tuples(st.just("cut while finding"), st.floats(0, 1)),
    ),
    max_size=40,
)


@pytest.mark.slow
@settings(max_examples=amounts.times(40), deadline=None)
@given(steps)
def test_what_was_flushed_survives_any_power_cut(story_steps: list[tuple[str, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool, story, now = Spool(folder, "boot"), Story(), 0.0
        for what, number in story_steps:
            now += 1
            if what == "frame":
                now += number
                story.made[frame(spool, now, number)] = number
            elif what == "finding":
                finding_key = finding(spool, now)
                story.made[finding_key] = -1
                story.safe |= set(story.made)
            elif what == "flush":
                spool.flush(now)
                story.safe |= set(story.made)
            elif what == "deliver":
                deliver(spool, story)
            else:
                if what.startswith("cut"):
                    interrupted(spool, story, what, now, number)
                spool = reopen(spool)
                lost = {key for key in story.made if key not in story.safe}
                story.made = {k: v for k, v in story.made.items() if k not in lost}
        spool.flush(now)
        check_all(spool, story)


def interrupted(spool: Spool, story: Story, what: str, now: float, at: float) -> None:
    before = contents(spool.folder)
    if what == "cut while flushing":
        spool.flush(now)
    else:
        finding(spool, now)
    cut(spool.folder, before, at)


def deliver(spool: Spool, story: Story) -> None:
    batch = spool.backlog()
    if batch is not None:
        spool.settle(batch.spool, batch.numbers)
        story.delivered |= {(batch.spool, n) for n in batch.numbers}


def check_all(spool: Spool, story: Story) -> None:
    values: dict[Key, float] = {}
    order: list[Key] = []
    while (batch := spool.backlog(7)) is not None:
        order += [(batch.spool, n) for n in batch.numbers]
        values |= {(batch.spool, f.n): f.values[0] for f in batch.frames}
        values |= {(batch.spool, f.n): -1.0 for f in batch.findings}
        spool.settle(batch.spool, batch.numbers)
    assert len(order) == len(set(order)), "an entry was offered twice"
    owed = set(story.made) - story.delivered
    assert owed <= set(order), "something flushed was lost"
    for key in owed:
        assert values[key] == story.made[key]
    for name in {name for name, _ in order}:
        numbers = [n for other, n in order if other == name]
        assert numbers == sorted(numbers)
    assert spool.entries == 0


def test_a_torn_tail_is_cut_off_and_counted(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    kept = finding(spool, 1)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"Rs\x00 half a chunk")
    again = reopen(spool)
    assert again.torn_bytes == 16
    assert b"half" not in file.read_bytes()
    assert drain(again) == [kept]


def test_a_rotten_chunk_costs_only_itself(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    keys = [finding(spool, float(now), f"reason {now}") for now in range(3)]
    (file,) = tmp_path.iterdir()
    blob = bytearray(file.read_bytes())
    second = blob.index(b"RsE", blob.index(b"RsE") + 1)
    blob[second + 25] ^= 0xFF
    file.write_bytes(blob)
    again = reopen(spool)
    assert again.torn_bytes > 0
    assert drain(again) == [keys[0], keys[2]]


# --- flash, RAM, time -------------------------------------------------------------------------


def test_frames_wait_five_minutes_for_one_write(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    writes = 0
    for minute in range(24 * 60):
        now = minute * 60.0
        frame(spool, now)
        if now >= spool.flush_due():
            spool.flush(now)
            writes += 1
    assert writes <= 24 * 12
    assert len(list(tmp_path.iterdir())) <= 25


def test_findings_are_on_flash_at_once_and_take_the_frames_along(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    keys = [frame(spool, 1), frame(spool, 2), finding(spool, 3)]
    assert spool.flush_due() == float("inf")
    assert drain(reopen(spool)) == keys


def test_every_run_is_a_spool_of_its_own_with_its_own_boot(tmp_path: Path) -> None:
    first = Spool(str(tmp_path), "boot1")
    finding(first, 1)
    second = Spool(str(tmp_path), "boot2")
    finding(second, 1)
    assert first.spool != second.spool
    one = second.backlog()
    assert one is not None
    assert (one.spool, one.boot, one.numbers) == (first.spool, "boot1", [1])
    second.settle(one.spool, one.numbers)
    two = second.backlog()
    assert two is not None
    assert (two.spool, two.boot, two.numbers) == (second.spool, "boot2", [1])


def test_what_was_delivered_is_remembered_over_a_restart(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    for minute in range(150):
        frame(spool, minute * 60.0)
        if minute * 60.0 >= spool.flush_due():
            spool.flush(minute * 60.0)
    delivered = len(drain(spool))
    finding(spool, 9000)
    again = reopen(spool)
    assert delivered == 150
    assert len(drain(again)) == 1


def test_a_new_epoch_offers_everything_again(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    keys = [frame(spool, 1), finding(spool, 2)]
    assert drain(spool) == keys
    assert drain(spool) == []
    spool.offer_again()
    assert drain(spool) == keys


def test_fresh_is_the_newest_frame_and_all_findings(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    assert spool.fresh() is None
    frame(spool, 1)
    bad = finding(spool, 2)
    newest = frame(spool, 3)
    batch = spool.fresh()
    assert batch is not None
    assert batch.numbers == [bad[1], newest[1]]
    assert batch.layouts == {"Lab": NAMES}
    spool.settle(batch.spool, batch.numbers)
    assert spool.fresh() is None
    assert [n for _, n in drain(spool)] == [1]


def test_a_batch_has_eight_layouts_at_most(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    for i in range(20):
        frame(spool, i, names=(f"s{i:02d}",))
    batch = spool.backlog()
    assert batch is not None
    assert batch.numbers == list(range(1, 9))
    assert len(batch.layouts) == 8


def test_notes_are_kept_with_the_next_write(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    spool.notes |= {"epoch": "e1", "time": 1.79e9}
    finding(spool, 1)
    assert reopen(spool).notes == {"epoch": "e1", "time": 1.79e9}


# --- bounds -----------------------------------------------------------------------------------


def fill(spool: Spool, hours: int, start: float = 0.0) -> None:
    """Hours of frames that hardly compress, and a finding an hour."""
    names = tuple(f"s{i}" for i in range(40))
    for minute in range(hours * 60):
        now = start + minute * 60.0
        noise = os.urandom(40 * 4)
        values = array("d", (float(v) for v in memoryview(noise).cast("I")))
        spool.append_frame(now, 1e9 + now, now, "noise", names, values)
        if minute % 60 == 59:
            finding(spool, now)


@pytest.mark.slow
def test_a_full_spool_thins_old_frames_keeps_findings_and_counts(tmp_path: Path) -> None:
    limit = 448 << 10
    spool = Spool(str(tmp_path), "boot", limit_bytes=limit)
    fill(spool, 60)
    assert spool.disk_bytes <= limit
    findings, frames = [], []
    while (batch := spool.backlog()) is not None:
        findings += [f.n for f in batch.findings]
        frames += [f.n for f in batch.frames]
        spool.settle(batch.spool, batch.numbers)
    assert len(findings) == 60
    assert spool.dropped_total == 60 * 60 - len(frames) > 0
    # the newest hour is whole, the oldest is coarse but there
    assert frames[-30:] == list(range(frames[-1] - 29, frames[-1] + 1))
    assert frames[0] < 61


@pytest.mark.slow
def test_delivered_files_go_before_anything_is_thinned(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot", limit_bytes=256 << 10)
    for day in range(6):
        fill(spool, 10, day * 36000.0)
        drain(spool)
    assert spool.dropped_total == 0
    assert spool.disk_bytes <= 256 << 10


@pytest.mark.slow
def test_files_older_than_the_recorded_hours_go_and_are_counted(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot", keep_hours=10)
    fill(spool, 30)
    assert len(list(tmp_path.iterdir())) <= 12
    assert spool.dropped_total >= 61 * 18
    told = spool.dropped_untold
    spool.told_dropped(told)
    assert spool.dropped_untold == 0
    assert spool.dropped_total == told


def test_what_the_collector_refuses_is_dropped_and_counted(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    keys = [finding(spool, 1), finding(spool, 2)]
    spool.drop(spool.spool, [keys[0][1]])
    assert (spool.dropped_total, drain(spool)) == (1, [keys[1]])


@pytest.mark.slow
def test_a_disk_that_cannot_be_written_is_said_and_memory_stays_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    spool = Spool(str(folder), "boot")
    folder.rmdir()
    # even root cannot write into a folder that is a file
    folder.touch()
    for minute in range(3000):
        frame(spool, minute * 60.0)
        if minute * 60.0 >= spool.flush_due():
            spool.flush(minute * 60.0)
    assert "cannot be written" in spool.trouble
    assert spool.dropped_total > 0
    assert spool.entries + spool.dropped_total == 3000
    folder.unlink()
    spool.flush(3000 * 60.0)
    assert spool.trouble == ""
    assert len(drain(spool)) + spool.dropped_total == 3000


def test_a_file_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "boot")
    key = finding(spool, 1)
    # reading a folder as a file fails as a dying card does, also for root
    (tmp_path / "00000002.seg").mkdir()
    (tmp_path / "copy of 00000001.seg").write_bytes(b"somebody's")
    after = reopen(spool)
    assert (after.entries, drain(after)) == (1, [key])
    assert (tmp_path / "copy of 00000001.seg").exists()


def test_a_spool_that_cannot_be_opened_keeps_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.touch()
    spool = Spool(str(folder), "boot")
    assert "cannot be opened" in spool.trouble
    key = finding(spool, 1)
    assert drain(spool) == [key]
    folder.unlink()
    later = finding(spool, 400)
    assert (spool.trouble, drain(reopen(spool))) == ("", [later])


@pytest.mark.parametrize(
    ("pairs", "ranges"),
    [
        ([(1, 1), (2, 2), (3, 3)], [(1, 3)]),
        ([(3, 3), (1, 1), (2, 2)], [(1, 3)]),
        ([(1, 5), (10, 12), (4, 11)], [(1, 12)]),
        ([(1, 1), (3, 3)], [(1, 1), (3, 3)]),
        ([(5, 9), (1, 2), (6, 7)], [(1, 2), (5, 9)]),
    ],
)
def test_ranges_join(pairs: list[tuple[int, int]], ranges: list[tuple[int, int]]) -> None:
    joined = Ranges(pairs)
    assert list(joined) == ranges
    covered = {n for first, last in pairs for n in range(first, last + 1)}
    assert {n for n in range(20) if n in joined} == covered


def test_a_batch_is_cut_by_number_and_keeps_the_layouts_it_needs() -> None:
    assert len(Batch("s", "b").first(5)) == 0
    assert segments.file_name("/x", 7) == "/x/00000007.seg"
