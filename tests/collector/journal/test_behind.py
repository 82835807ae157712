"""A server that has not heard of all that the others keep: its end is never taken for the end."""

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from nats.aio.client import Client

from collector.journal import opening
from collector.journal.protocol import JournalFailed, between
from collector.journal.stream import Shape
from collector.journal.stream_reader import LOOK_EVERY_S, StreamReader
from tests.collector.journal.test_both import entries, payloads, read_all
from tests.collector.journal.test_stream import ask

Make = Callable[..., Any]

pytestmark = pytest.mark.slow


class Behind(StreamReader):
    """Reads from a server that has no message later than `heard`; its clock stands at `now`."""

    heard = math.inf
    now = 0.0

    async def _pull(self, client: Client, position: int) -> list[tuple[int, bytes]]:
        return [one for one in await super()._pull(client, position) if one[0] <= self.heard]


@pytest.fixture
def journal(make_stream: Make) -> Any:
    """Five messages of a record each."""
    journal = make_stream()
    writer = journal.writer()
    for i in range(5):
        writer.append(entries(1, i))
    return journal


@pytest.fixture
def reader(journal: Any) -> Iterator[Behind]:
    """The server has heard of three of them."""
    link, shape = opening._stream(journal.settings)
    with closing(Behind(link, shape, lambda: made.now)) as made:
        made.heard = 3
        yield made


def test_who_needs_all_of_it_gets_all_or_is_told(journal: Any, reader: Behind) -> None:
    end, whole = reader.end, [b"payload %d" % i for i in range(5)]
    given: list[bytes] = []
    with pytest.raises(JournalFailed, match="not all"):
        for records in between(reader, reader.start, end):
            given += payloads(records)
    assert given == whole[:3]
    reader.heard = math.inf
    assert _all(reader, end) == whole
    # what lies behind is of no interest to who asks for what came before
    fourth = read_all(journal.reader())[3]
    assert _all(reader, fourth.position) == whole[:3]


def test_a_server_that_does_not_come_after_the_others_is_left(reader: Behind) -> None:
    third = reader.read(reader.start)[-1]
    # it may still be on its way
    assert reader.read(third.next) == reader.read(third.next) == []
    reader.now = LOOK_EVERY_S
    with pytest.raises(JournalFailed, match="behind the others"):
        reader.read(third.next)
    reader.heard = math.inf
    assert payloads(reader.read(third.next)) == [b"payload 3", b"payload 4"]


def test_a_server_whose_newest_is_damaged_is_not_behind(journal: Any, reader: Behind) -> None:
    reader.heard = math.inf
    subject = Shape(journal.settings.journal_name, 1).subject("one")
    ask(journal.settings.journal[0], lambda c: c.jetstream().publish(subject, b"damage"))
    assert len(_all(reader, reader.end)) == 5
    newest = read_all(reader)[-1]
    for reader.now in (0.0, LOOK_EVERY_S, 2 * LOOK_EVERY_S):
        assert reader.read(newest.next) == []
    assert reader.skipped == 1


def _all(reader: Behind, until: int) -> list[bytes]:
    found = between(reader, reader.start, until)
    return [payload for records in found for payload in payloads(records)]
