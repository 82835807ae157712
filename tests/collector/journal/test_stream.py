"""A journal on servers elsewhere: they go away, fall back, fill up, and nothing is lost by it."""

import asyncio
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.errors import APIError

from agent.strict import Refused
from collector.doctor_journal import durable
from collector.journal.files import FileWriter
from collector.journal.grouping import MESSAGE_BYTES, grouped, records_of
from collector.journal.opening import open_standing, open_writer
from collector.journal.places import MOST_RECORDS, Places, beginning, read_places
from collector.journal.protocol import JournalFailed, JournalFull, JournalTooLarge, Kind
from collector.journal.standing import Standing
from collector.journal.stream import PARTITIONS, Shape
from collector.journal.stream_writer import _send
from collector.settings import Settings
from tests import nats
from tests.collector.journal.test_both import entries, payloads, read_all

Make = Callable[..., Any]

slow = pytest.mark.slow


@pytest.fixture
def node(tmp_path: Path) -> Iterator[nats.Node]:
    """A server of one's own, to be killed."""
    with nats.running() as nodes:
        yield nodes[0]


def ask(url: str, what: Callable[[Client], Any]) -> Any:
    """As somebody beside the centre."""

    async def run() -> Any:
        client = Client()
        await client.connect(url)
        try:
            return await what(client)
        finally:
            await client.close()

    return asyncio.run(run())


def test_places_of_records_grow_and_a_stream_says_how_it_counts() -> None:
    places = beginning(7, 100_000)
    assert places.position(7) >= 100_000 > places.position(6)
    assert places.position(7, MOST_RECORDS - 1) + 1 < places.position(8)
    assert {places.sequence(places.position(7, n)) for n in (0, 1, MOST_RECORDS - 1)} == {7}
    assert read_places(places.told()) == places
    assert (read_places("somebody else's"), read_places(None)) == (None, None)


def test_a_group_becomes_few_messages_and_loses_nothing() -> None:
    given = entries(2 * MOST_RECORDS + 3) + entries(3, size=MESSAGE_BYTES)
    messages = list(grouped(given, lambda agent: "all"))
    assert len(messages) == 6
    found = [records_of(data, Places(0), i) for i, (_, data) in enumerate(messages)]
    assert all(found)
    assert sum(map(len, filter(None, found))) == len(given)
    assert [r.payload for part in found for r in part or ()] == [e[3] for e in given]
    assert records_of(b"no message of ours", Places(0), 1) is None
    assert records_of(messages[0][1][:-9], Places(0), 1) is None


@pytest.mark.parametrize(
    ("code", "number", "words"),
    [
        pytest.param(503, 10008, "temporarily unavailable", id="no leader now"),
        pytest.param(503, None, "raft: not leader", id="it has just lost its lead"),
        pytest.param(409, 10158, "duplicate message id is in process", id="one is on its way"),
        pytest.param(429, 10167, "too many requests", id="too much is on its way"),
    ],
)
def test_what_is_not_kept_yet_is_sent_again(code: int, number: int | None, words: str) -> None:
    answer = {"code": code, "description": words} | ({"err_code": number} if number else {})
    assert asyncio.run(_send(Refusing(answer), ("all", b"", "1"))) is None


def test_what_is_refused_is_not_sent_again() -> None:
    full = {"code": 400, "err_code": 10077, "description": "maximum bytes exceeded"}
    with pytest.raises(APIError):
        asyncio.run(_send(Refusing(full), ("all", b"", "1")))


class Refusing:
    """A stream that answers each message alike."""

    def __init__(self, error: dict[str, Any]) -> None:
        self._error = error

    async def publish(self, *_: object, **__: object) -> Any:
        APIError.from_error(self._error)


def test_subjects_are_by_site_and_few() -> None:
    shape = Shape("ronda", 3)
    found = {shape.subject(f"35.10.{i:02d}.2001") for i in range(100)}
    assert len(found) == PARTITIONS
    assert shape.subject(None) not in found


@slow
def test_records_of_several_writers_are_all_there_each_in_its_order(make_stream: Make) -> None:
    journal = make_stream()
    journal.sites |= {n: f"site {n}" for n in range(100)}
    one, other = journal.writer(), journal.writer()
    for i in range(0, 40, 4):
        one.append([(Kind.REPORT, 1.0, n, b"one %02d" % i) for n in range(1, 30)])
        other.append([(Kind.REPORT, 1.0, n, b"two %02d" % i) for n in range(1, 30)])
    records = read_all(journal.reader())
    assert len(records) == 2 * 10 * 29
    for agent in range(1, 30):
        said = payloads([r for r in records if r.agent == agent])
        for who in (b"one", b"two"):
            mine = [word for word in said if word.startswith(who)]
            assert mine == sorted(mine)


@slow
def test_servers_that_go_away_are_waited_for(node: nats.Node, make_stream: Make) -> None:
    journal = make_stream(journal=(node.url,))
    writer, reader = journal.writer(), journal.reader()
    writer.append(entries(1))
    (first,) = read_all(reader)
    node.kill()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(JournalFailed, match="127.0.0.1"):
            writer.append(entries(1, 1))
    with pytest.raises(JournalFailed):
        reader.read(first.next)
    # nobody is kept waiting for long
    assert time.monotonic() - began < 15
    node.start().wait()
    _until(lambda: writer.append(entries(1, 2)))
    assert b"payload 2" in payloads(read_all(reader, first.next))


@slow
def test_a_stream_that_lost_what_it_had_goes_on_behind_it(make_stream: Make) -> None:
    journal = make_stream()
    writer, reader = journal.writer(), journal.reader()
    for i in range(5):
        writer.append(entries(1, i))
    seen = read_all(reader)[-1].next
    shape = Shape(journal.settings.journal_name, 1)
    url = journal.settings.journal[0]
    places = Places(0)

    async def fall_back(client: Client) -> None:
        # a power cut of all servers takes what was on no disk: its numbers are given out again
        await client.jsm().delete_stream(shape.stream)
        await client.jsm().add_stream(shape.config(places))

    ask(url, fall_back)
    writer.append(entries(1, 5))
    writer.append(entries(1, 6))
    # what it was read by went with it
    _until(lambda: reader.read(seen))
    assert payloads(read_all(reader, seen)) == [b"payload 5", b"payload 6"]
    assert payloads(read_all(journal.reader(), seen)) == [b"payload 5", b"payload 6"]


@slow
def test_what_is_no_message_of_ours_is_passed_and_counted(make_stream: Make) -> None:
    journal = make_stream()
    writer, reader = journal.writer(), journal.reader()
    writer.append(entries(1))
    subject = Shape(journal.settings.journal_name, 1).subject("one")
    ask(journal.settings.journal[0], lambda c: c.jetstream().publish(subject, b"damage"))
    writer.append(entries(1, 1))
    assert payloads(read_all(reader)) == [b"payload 0", b"payload 1"]
    assert payloads(read_all(reader)) == [b"payload 0", b"payload 1"]
    assert reader.skipped == 1


@slow
def test_a_full_stream_refuses_and_forgets_nothing(make_stream: Make) -> None:
    journal = make_stream(journal_max_mb=1)
    writer, reader = journal.writer(), journal.reader()
    noise = [bytes((i * 7919 + j * j * 31) % 251 for j in range(60_000)) for i in range(3)]
    kept = 0
    with pytest.raises(JournalFull):
        for i in range(10_000):
            writer.append([(Kind.REPORT, float(i), 1, noise[i % 3] + b"%d" % i)])
            kept += 1
    assert len(read_all(reader)) == kept > 10
    assert reader.drop_before(reader.end, older_than=0, now=9e9) > 0
    writer.append(entries(1))
    assert read_all(reader)[-1].payload == b"payload 0"


@slow
def test_what_no_server_takes_in_one_piece_is_said_to_be_too_large(make_stream: Make) -> None:
    journal = make_stream()
    writer = journal.writer()
    big = random.Random(1).randbytes(9 << 20)
    with pytest.raises(JournalTooLarge, match="max_payload"):
        writer.append([(Kind.REPORT, 1.0, 1, big)])
    assert writer.append(entries(1))


@slow
def test_a_stream_begins_only_where_the_database_says(make_stream: Make) -> None:
    journal = make_stream()
    with pytest.raises(JournalFailed, match="database"):
        journal.writer(folded=None).append(entries(1))
    journal.writer(folded=5).append(entries(1))
    # once it is there a database that is away keeps nobody from writing
    assert journal.writer(folded=None).append(entries(1, 1))
    assert open_standing(journal.settings).messages == 2


def test_files_that_were_not_folded_are_not_left_behind(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), journal=("nats://127.0.0.1:1",))
    files = FileWriter(settings.journal_folder)
    end = files.append(entries(3))
    files.close()
    with pytest.raises(JournalFailed, match="not folded yet"):
        open_writer(settings, lambda: 0, lambda agent: "")
    open_writer(settings, lambda: end, lambda agent: "").close()


@slow
def test_who_keeps_files_need_not_have_the_client() -> None:
    program = """
import sys
sys.modules["nats"] = None
import collector.doctor, collector.engine, collector.intake.server, collector.fold
from agent.strict import Refused
from collector.journal.opening import open_reader
from collector.settings import Settings
open_reader(Settings()).close()
try:
    open_reader(Settings(journal=("nats://127.0.0.1:1",)))
except Refused as refused:
    print(refused)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "ronda[cluster]" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "servers",
    [
        ("nats://10.0.0.1:4222",),
        ("nats://ronda:secret@127.0.0.1:4222",),
        ("tls://db.example.id",),
        ("127.0.0.1:4222",),
    ],
    ids=["in the clear", "a password in it", "no port", "no scheme"],
)
def test_servers_that_cannot_be_are_refused(servers: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="journal"):
        Settings(journal=servers).check()
    Settings(journal=("tls://db.example.id:4222", "nats://[::1]:4222")).check()


STANDING = Standing("s", 1, 1, 1, 3, True, ("n1", "n2", "n3"))
SYNC = {"jetstream": {"config": {"sync_always": True, "sync_interval": 120_000_000_000}}}


def told(**of: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    def ask(url: str) -> dict[str, Any]:
        name = url.rpartition("/")[2]
        if name not in of:
            raise ConnectionRefusedError("refused")
        return {"server_name": name, **of[name]}

    return ask


@pytest.mark.parametrize(
    ("standing", "of", "words"),
    [
        (STANDING, {"n1": SYNC, "n2": SYNC, "n3": SYNC}, "each record is on the disks"),
        (STANDING, {"n1": SYNC, "n2": SYNC}, "not known to be durable: .*n3 was not seen"),
        (
            STANDING,
            {"n1": SYNC, "n2": {"jetstream": {"config": {}}}, "n3": SYNC},
            "not known to be durable: n2 answers before its disk has it",
        ),
        (STANDING, {"n1": SYNC, "n2": SYNC, "n3": {}}, "not known to be durable: .*n3"),
        (Standing("s", 1, 1, 1, 1, True), {}, "not durable: on 1 server"),
        (Standing("s", 1, 1, 1, 3, False), {}, "not durable: .*memory"),
    ],
    ids=["all seen", "one away", "one does not wait", "no answer", "alone", "in memory"],
)
def test_only_what_was_seen_of_every_server_counts_as_durable(
    standing: Standing, of: dict[str, Any], words: str
) -> None:
    said = durable(standing, ("http://m/n1", "http://m/n2", "http://m/n3"), told(**of))
    assert re.match(words, said.says)
    assert said.fine == words.startswith("each")


def _until(work: Callable[[], object], limit_s: float = 20.0) -> None:
    deadline = time.monotonic() + limit_s
    while True:
        try:
            work()
            return
        except JournalFailed:
            assert time.monotonic() < deadline
            time.sleep(0.1)
