"""What the journal has answered for stays readable, whatever happens to the files."""

import errno
import os
from pathlib import Path

import pytest

from collector.journal.files import FileReader, FileWriter
from collector.journal.protocol import JournalFailed, JournalFull, Kind, Record, between
from collector.journal.segments import end_path, format_end, list_segments, segment_path

Entry = tuple[int, float, int, bytes]


def entries(count: int, start: int = 0) -> list[Entry]:
    return [(Kind.REPORT, 1000.0 + i, i, b"payload %d" % i) for i in range(start, start + count)]


def payloads(records: list[Record]) -> list[bytes]:
    return [record.payload for record in records]


def read_all(folder: Path, limit: int = 5000) -> list[Record]:
    reader = FileReader(folder)
    found: list[Record] = []
    position = 0
    while records := reader.read(position, limit):
        found += records
        position = records[-1].next
    reader.close()
    return found


def test_segments_roll_over_and_reading_crosses_them(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path, segment_bytes=200)
    for i in range(50):
        writer.append(entries(1, i))
    writer.close()
    assert len(list_segments(tmp_path)) > 5
    assert payloads(read_all(tmp_path)) == [b"payload %d" % i for i in range(50)]
    again = FileWriter(tmp_path, segment_bytes=200)
    again.append(entries(1, 50))
    again.close()
    assert len(read_all(tmp_path, limit=3)) == 51


def test_a_torn_tail_is_cut_at_every_byte_and_counted(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    keep = writer.append(entries(2))
    full = writer.append(entries(1, 2))
    writer.close()
    path = list_segments(tmp_path)[0].path
    whole = path.read_bytes()
    for cut in range(keep, full):
        path.write_bytes(whole[:cut])
        end_path(tmp_path).unlink()
        writer = FileWriter(tmp_path)
        assert (writer.end, writer.torn_bytes) == (keep, cut - keep)
        writer.append(entries(1, 9))
        writer.close()
        assert payloads(read_all(tmp_path)) == [b"payload 0", b"payload 1", b"payload 9"]


def test_positions_once_given_out_are_never_used_again(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    keep = writer.append(entries(2))
    lost = writer.append(entries(1, 2))
    writer.close()
    path = list_segments(tmp_path)[0].path
    os.truncate(path, lost - 4)
    writer = FileWriter(tmp_path)
    assert writer.end == lost
    assert writer.torn_bytes == lost - 4 - keep
    writer.append(entries(1, 3))
    writer.close()
    assert payloads(read_all(tmp_path)) == [b"payload 0", b"payload 1", b"payload 3"]
    writer = FileWriter(tmp_path, at_least=10_000)
    writer.append(entries(1, 4))
    writer.close()
    assert read_all(tmp_path)[-1].position == 10_000


def test_every_flipped_bit_costs_one_record_and_is_counted(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    first = writer.append(entries(1))
    second = writer.append(entries(1, 1))
    writer.append(entries(1, 2))
    writer.close()
    path = list_segments(tmp_path)[0].path
    whole = path.read_bytes()
    for bit in range(first * 8, second * 8):
        hurt = bytearray(whole)
        hurt[bit // 8] ^= 1 << bit % 8
        path.write_bytes(hurt)
        reader = FileReader(tmp_path)
        assert payloads(reader.read(0)) == [b"payload 0", b"payload 2"]
        assert payloads(reader.read(0)) == [b"payload 0", b"payload 2"]
        assert reader.skipped == 1
        reader.close()


def test_damage_over_several_chunks_is_passed(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    first = writer.append(entries(1))
    second = writer.append([(Kind.REPORT, 0.0, 1, bytes(3 << 20))])
    writer.append(entries(1, 2))
    writer.close()
    path = list_segments(tmp_path)[0].path
    with path.open("r+b") as file:
        file.seek(first)
        file.write(os.urandom(second - first))
    assert payloads(read_all(tmp_path)) == [b"payload 0", b"payload 2"]


def test_a_payload_that_looks_like_a_record_is_not_taken_for_one(tmp_path: Path) -> None:
    inner = FileWriter(tmp_path / "inner")
    inner.append([(Kind.REPORT, 0.0, 7, b"forged")])
    inner.close()
    forged = list_segments(tmp_path / "inner")[0].path.read_bytes()
    writer = FileWriter(tmp_path)
    writer.append([(Kind.REPORT, 0.0, 1, b"x" * 50 + forged), *entries(1)])
    writer.close()
    path = list_segments(tmp_path)[0].path
    hurt = bytearray(path.read_bytes())
    hurt[0] ^= 1
    path.write_bytes(hurt)
    assert payloads(read_all(tmp_path)) == [b"payload 0"]


def test_a_reader_stops_at_the_durable_end(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    writer.append(entries(1))
    with list_segments(tmp_path)[0].path.open("ab") as file:
        file.write(b"\xffRN\xff half a group")
    reader = FileReader(tmp_path)
    assert payloads(reader.read(0)) == [b"payload 0"]
    assert (reader.start, reader.end, reader.skipped) == (0, writer.end, 0)
    reader.close()
    writer.close()


def test_an_end_that_a_power_cut_set_back_is_not_taken_for_the_end(tmp_path: Path) -> None:
    writer, reader = FileWriter(tmp_path), FileReader(tmp_path)
    first = writer.append(entries(1))
    end = writer.append(entries(2, 1))
    writer.close()
    # nobody waits until the disk has it
    end_path(tmp_path).write_bytes(format_end(first))
    with pytest.raises(JournalFailed):
        list(between(reader, 0, end))
    # who opens the journal to write tells it anew
    FileWriter(tmp_path).close()
    assert [len(records) for records in between(reader, 0, end)] == [3]
    reader.close()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    with pytest.raises(JournalFailed, match="another process"):
        FileWriter(tmp_path)
    writer.close()
    FileWriter(tmp_path).close()


def test_an_empty_or_missing_folder_reads_as_nothing(tmp_path: Path) -> None:
    reader = FileReader(tmp_path / "none")
    assert (reader.read(0), reader.start, reader.end) == ([], 0, 0)


def test_only_whole_old_folded_segments_are_dropped(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path, segment_bytes=100)
    for i in range(20):
        writer.append(entries(1, i))
    starts = [s.start for s in list_segments(tmp_path)]
    reader = FileReader(tmp_path)
    assert reader.drop_before(writer.end, older_than=60, now=1000.0) == 0
    assert reader.drop_before(starts[2], older_than=60, now=9e9) == 2
    assert [s.start for s in list_segments(tmp_path)] == starts[2:]
    kept = read_all(tmp_path)
    assert kept[0].position == starts[2]
    reader.drop_before(10**9, older_than=0, now=9e9)
    assert len(list_segments(tmp_path)) == 1
    writer.append(entries(1, 20))
    assert read_all(tmp_path)[-1].payload == b"payload 20"
    writer.close()


def test_whoever_asks_for_what_came_since_a_time_is_given_the_segment_it_lies_in(
    tmp_path: Path,
) -> None:
    writer = FileWriter(tmp_path, segment_bytes=1)
    starts = [writer.append(entries(1, i)) for i in range(6)]
    # the clock is set back, and what has come since is not folded yet
    writer.append(entries(1, 2))
    reader = FileReader(tmp_path)
    asked = (999.0, 1000.0, 1000.5, 1001.0, 1004.5, 1099.0)
    found = [reader.from_time(at, starts[-1]) for at in asked]
    assert found == [0, 0, 0, 0, starts[3], starts[4]]
    assert reader.from_time(1004.5, writer.end) == starts[5]
    reader.close()
    writer.close()


def test_a_segment_whose_head_is_damaged_is_as_old_as_what_can_be_read_behind_it(
    tmp_path: Path,
) -> None:
    writer = FileWriter(tmp_path, segment_bytes=1)
    starts = [0, *(writer.append(entries(1, i)) for i in range(6))][:6]
    writer.close()
    # in zeros stands the beginning of all time
    with segment_path(tmp_path, starts[3]).open("r+b") as file:
        file.write(bytes(21))
    reader = FileReader(tmp_path)
    assert reader.from_time(1003.5, starts[4]) == starts[2]
    reader.drop_before(10**9, older_than=10.0, now=1013.5)
    # the time of 3 is not known: 2 is as old as 4, which is too young
    assert [one.start for one in list_segments(tmp_path)] == starts[2:]
    reader.close()


def test_a_segment_dropped_while_it_is_read_is_passed(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path, segment_bytes=100)
    for i in range(20):
        writer.append(entries(1, i))
    reader = FileReader(tmp_path)
    first = reader.read(0, limit=1)
    list_segments(tmp_path)[1].path.unlink()
    found = payloads(first + reader.read(first[0].next))
    assert len(found) < 20
    assert found == sorted(found, key=lambda p: int(p.split()[1]))
    assert found[-1] == b"payload 19"
    reader.close()
    writer.close()


def test_a_failed_group_is_never_seen_and_writing_goes_on(tmp_path: Path) -> None:
    answers: list[int] = [0, errno.ENOSPC, errno.ENOSPC, errno.EIO, 0]

    def sync(fd: int) -> None:
        if number := answers.pop(0):
            raise OSError(number, os.strerror(number))

    writer = FileWriter(tmp_path, sync=sync)
    writer.append(entries(1))
    for kind in (JournalFull, JournalFull, JournalFailed):
        with pytest.raises(kind):
            writer.append(entries(1, 1))
    assert payloads(read_all(tmp_path)) == [b"payload 0"]
    writer.append(entries(1, 2))
    writer.close()
    assert payloads(read_all(tmp_path)) == [b"payload 0", b"payload 2"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_from_the_start_is_said(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._fd)
    with pytest.raises(JournalFull):
        writer.append(entries(1))
    os.close(full)
    writer.close()
