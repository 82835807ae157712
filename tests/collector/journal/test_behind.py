"""A server that has not heard of all that the others keep: its end is never taken for the end."""

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.js.api import ClusterInfo, StreamInfo

from collector.journal import opening
from collector.journal.protocol import JournalFailed, between
from collector.journal.stream import Shape, look
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


class Alone(Behind):
    """The server cannot say where the stream ends."""

    def _bounds(self, limit_s: float) -> tuple[int, int]:
        raise JournalFailed("journal: no leader")


def test_a_server_that_knows_of_no_leader_is_left_for_another(journal: Any) -> None:
    link, shape = opening._stream(journal.settings)
    with closing(Alone(link, shape, lambda: made.now)) as made:
        last = made.read(0)[-1]
        asked = link._client
        assert made.read(last.next) == []
        made.now = LOOK_EVERY_S
        with pytest.raises(JournalFailed, match="no leader"):
            made.read(last.next)
        assert made.read(last.next) == []
        assert asked is not None and asked.is_closed and link._client is not asked


def test_what_a_server_without_a_leader_says_of_the_stream_is_no_word(journal: Any) -> None:
    shape = Shape(journal.settings.journal_name, 1)

    async def cut_off(client: Client) -> None:
        found = await look(client, shape)
        assert found is not None
        info = replace(found[0], config=found[0].config.evolve(num_replicas=3))
        for leader, good in (("n1", True), ("", False), (None, False)):
            told = replace(info, cluster=ClusterInfo(leader=leader))
            if good:
                assert await look(cast(Client, Told(told)), shape) is not None
                continue
            with pytest.raises(JournalFailed, match="no leader"):
                await look(cast(Client, Told(told)), shape)

    ask(journal.settings.journal[0], cut_off)


class Told:
    """Gives this word of a stream."""

    def __init__(self, told: StreamInfo) -> None:
        self._told = told

    def jsm(self) -> Any:
        return self

    async def stream_info(self, name: str) -> StreamInfo:
        return self._told


def _all(reader: Behind, until: int) -> list[bytes]:
    found = between(reader, reader.start, until)
    return [payload for records in found for payload in payloads(records)]
