"""What a journal promises, wherever it lies."""

import threading
from typing import Any

from collector.journal.protocol import Entry, Kind, Reader, Record, between

Journal = Any


def entries(count: int, start: int = 0, size: int = 0) -> list[Entry]:
    numbers = range(start, start + count)
    return [(Kind.REPORT, 1000.0 + i, i + 1, b"payload %d" % i + bytes(size)) for i in numbers]


def payloads(records: list[Record]) -> list[bytes]:
    return [record.payload for record in records]


def read_all(reader: Reader, position: int = 0, limit: int = 5000) -> list[Record]:
    found: list[Record] = []
    while records := reader.read(position, limit):
        found += records
        position = records[-1].next
    return found


def test_what_was_appended_is_read_in_order_with_its_positions(journal: Journal) -> None:
    writer, reader = journal.writer(), journal.reader()
    end = writer.append(entries(3))
    assert writer.append([(Kind.TICK, 5.5, 0, b"{}")]) == writer.end == reader.end > end
    records = read_all(reader)
    assert payloads(records) == [b"payload 0", b"payload 1", b"payload 2", b"{}"]
    assert records[3] == Record(end, writer.end, Kind.TICK, 5.5, 0, b"{}")
    assert [r.next for r in records[:-1]] == [r.position for r in records[1:]]
    assert (records[0].position, reader.newest()) == (reader.start, records)
    assert (reader.waiting(0)[0], reader.waiting(writer.end)[0]) != ("0", "1")


def test_reading_goes_on_at_every_position_and_between_two_of_them(journal: Journal) -> None:
    writer, reader = journal.writer(), journal.reader()
    for i in range(0, 9, 3):
        writer.append(entries(3, i))
    records = read_all(reader, limit=2)
    for place, record in enumerate(records):
        assert read_all(reader, record.position) == records[place:]
        # what people did stands there
        assert record.position + 1 < record.next
        assert read_all(journal.reader(), record.next) == records[place + 1 :]


def test_what_lies_between_two_positions_is_given_whole(journal: Journal) -> None:
    writer, reader = journal.writer(), journal.reader()
    for i in range(0, 9, 3):
        writer.append(entries(3, i, size=5 << 20))
    records = read_all(reader)
    for first, last in ((0, 5), (2, 7), (4, 4)):
        found = between(reader, records[first].position, records[last].position)
        assert [one for piece in found for one in piece] == records[first:last]
    assert sum(map(len, between(reader, 0, reader.end))) == 9


def test_limits_of_number_and_bytes_hold(journal: Journal) -> None:
    writer, reader = journal.writer(), journal.reader()
    writer.append([(Kind.REPORT, 0.0, 1, bytes(400_000))] * 20)
    assert len(reader.read(0, limit=3)) == 3
    assert len(reader.read(0, limit_bytes=1_000_000)) < 6
    assert len(read_all(reader, limit=7)) == 20


def test_a_reader_beside_the_writer_sees_each_record_once(journal: Journal) -> None:
    writer, reader = journal.writer(), journal.reader()

    def write() -> None:
        for i in range(0, 600, 3):
            writer.append(entries(3, i))

    thread = threading.Thread(target=write)
    found: list[bytes] = []
    position = 0
    thread.start()
    while len(found) < 600:
        alive = thread.is_alive()
        records = reader.read(position, limit=100)
        position = records[-1].next if records else position
        found += payloads(records)
        assert records or alive
    thread.join()
    assert found == [b"payload %d" % i for i in range(600)]
    assert reader.skipped == 0


def test_positions_mean_the_same_after_a_restart_and_go_on(journal: Journal) -> None:
    end = journal.writer().append(entries(3))
    before = read_all(journal.reader())
    journal.close()
    assert journal.writer().append(entries(1, 3)) > end
    assert read_all(journal.reader())[:3] == before


def test_no_position_is_given_out_that_the_fold_has_passed(journal: Journal) -> None:
    journal.writer(folded=123_456).append(entries(1))
    assert read_all(journal.reader(), 123_456)[0].position >= 123_456
    journal.close()
    # as after a restore of databases that had seen more
    journal.writer(folded=999_999_999).append(entries(1, 1))
    assert payloads(read_all(journal.reader(), 999_999_999)) == [b"payload 1"]


def test_an_empty_journal_reads_as_nothing(journal: Journal) -> None:
    reader = journal.reader()
    assert (reader.read(0), reader.start, reader.end, reader.newest()) == ([], 0, 0, [])
    assert reader.drop_before(10**9, older_than=0, now=9e9) == 0


def test_what_is_folded_and_old_goes_and_the_newest_stays(journal: Journal) -> None:
    writer, reader = journal.writer(), journal.reader()
    if not journal.settings.journal:
        journal.close()
        writer = journal.writer()
        writer._segment_bytes = 100
    for i in range(20):
        writer.append(entries(1, i))
    records = read_all(reader)
    assert reader.drop_before(writer.end, older_than=60, now=1000.0) == 0
    assert reader.drop_before(records[9].position, older_than=60, now=9e9) > 0
    left = read_all(reader)
    assert left == records[-len(left) :]
    assert 11 <= len(left) < 20
    # a reader that was there before sees what is left, and positions stay
    assert reader.start == left[0].position
    reader.drop_before(writer.end, older_than=1002 + 7, now=1020.0 + 1002)
    assert payloads(read_all(reader))[-6:] == payloads(records)[-6:]
    reader.drop_before(writer.end, older_than=0, now=9e9)
    assert 0 < len(read_all(reader)) < 6
    writer.append(entries(1, 20))
    assert payloads(read_all(reader))[-1] == b"payload 20"
