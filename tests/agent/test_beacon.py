"""The agent's beacons: what they say, what a missing echo brings about."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent import beacon
from agent.beacon import DEGRADED, ECHO, ON_BATTERY, SHUTTING_DOWN, Beacon, Echoes, pack, signs
from agent.config import read
from agent.dial import Address
from agent.post import Post
from agent.report import Reading, Verdict
from tests.agent.fake_collector import FakeCollector, Reply, collector
from tests.agent.sending import bench

KEY = bytes(range(32))
AGENT = 7


@dataclass
class Carrier:
    began: float | None = 1_790_000_000.7
    unanswered: int | None = None
    no_beacons: bool = False
    calls: list[str] = field(default_factory=list)

    def confirm(self) -> None:
        self.calls.append("confirm")

    def hurry(self) -> None:
        self.calls.append("hurry")


@dataclass
class Line:
    peer: Address | None
    who: tuple[int, bytes] | None = (AGENT, KEY)


@dataclass
class Centre:
    """A UDP socket that answers with what `answers` makes of the packet."""

    socket: socket.socket
    heard: list[tuple[int, int]] = field(default_factory=list)
    silent: bool = False
    forge: bool = False

    def serve(self) -> None:
        while True:
            packet, sender = self.socket.recvfrom(100)
            if not packet:
                return
            agent, counter, flags = beacon._HEAD.unpack_from(packet)
            assert packet == pack(KEY, agent, counter, flags)
            self.heard.append((counter, flags))
            if self.forge:
                self.socket.sendto(packet, sender)
                self.socket.sendto(pack(b"x", agent, counter, flags | ECHO), sender)
                self.socket.sendto(pack(KEY, agent, counter - 1, flags | ECHO), sender)
                self.socket.sendto(b"short", sender)
            elif not self.silent:
                self.socket.sendto(pack(KEY, agent, counter, flags | ECHO), sender)


@pytest.fixture(params=["127.0.0.1", "::1"])
def centre(request: pytest.FixtureRequest) -> Iterator[Centre]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        made.bind((request.param, 0))
        found = Centre(made)
        thread = threading.Thread(target=found.serve, daemon=True)
        thread.start()
        yield found
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as end:
            end.sendto(b"", made.getsockname())
        thread.join(5)


def peer_of(centre: Centre) -> Address:
    return centre.socket.family, centre.socket.getsockname()


MADE: list[Beacon] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """For tests in which no echo comes: nobody waits for it as long as for a real one."""
    monkeypatch.setattr(beacon, "ECHO_WITHIN_S", 0.1)
    return monkeypatch


def sender_to(centre: Centre, carrier: Carrier) -> Beacon:
    made = Beacon(Line(peer_of(centre)), carrier, time.monotonic)
    MADE.append(made)
    made.use(True)
    assert made._ready()
    return made


def test_each_beacon_has_a_counter_of_its_own_and_is_answered(centre: Centre) -> None:
    carrier = Carrier()
    sender = sender_to(centre, carrier)
    sender.turn()
    sender.flags = ON_BATTERY
    sender.turn()
    start = 1_790_000_000 << 32
    assert centre.heard == [(start | 1, 0), (start | 2, ON_BATTERY)]
    assert (sender.sent, sender.answered, carrier.calls) == (2, 2, [])


def test_two_missed_echoes_ask_over_tcp_once_and_the_next_one_hurries(
    centre: Centre, hasty: pytest.MonkeyPatch
) -> None:
    carrier = Carrier()
    sender = sender_to(centre, carrier)
    centre.silent = True
    sender.turn()
    assert (carrier.calls, carrier.unanswered) == ([], None)
    for _ in range(3):
        sender.turn()
    assert carrier.calls == ["confirm"]
    assert carrier.unanswered == 1_790_000_000 << 32 | 4
    centre.silent = False
    hasty.undo()
    sender.turn()
    assert (carrier.calls, carrier.unanswered) == (["confirm", "hurry"], None)


@pytest.mark.usefixtures("hasty")
def test_what_is_no_echo_of_this_beacon_is_none(centre: Centre) -> None:
    carrier = Carrier()
    sender = sender_to(centre, carrier)
    centre.forge = True
    sender.turn()
    sender.turn()
    assert (sender.answered, carrier.calls) == (0, ["confirm"])


def test_the_last_beacon_says_so(centre: Centre) -> None:
    sender = sender_to(centre, Carrier())
    sender.farewell()
    sender.turn()
    assert [flags for _, flags in centre.heard] == [SHUTTING_DOWN, 0]


def test_nothing_is_sent_while_it_is_off_or_unknown_to_the_collector(centre: Centre) -> None:
    carrier = Carrier(began=None)
    place = peer_of(centre)
    strangers = [
        Beacon(Line(place), carrier, time.monotonic),
        Beacon(Line(place, None), Carrier(), time.monotonic),
    ]
    for one in strangers:
        one.use(True)
        one.farewell()
    off = Beacon(Line(place), Carrier(), time.monotonic)
    off.farewell()
    assert [one.sent for one in (*strangers, off)] == [0, 0, 0]


def test_a_change_of_flags_is_sent_at_once(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beacon, "_LEAST_APART_S", 0.02)
    sender = sender_to(centre, Carrier())
    thread = threading.Thread(target=sender.run, daemon=True)
    thread.start()
    end = time.monotonic() + 8
    while not centre.heard and time.monotonic() < end:
        time.sleep(0.02)
    sender.tell(ON_BATTERY)
    while len(centre.heard) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    sender.stop()
    thread.join(5)
    assert [flags for _, flags in centre.heard][:2] == [0, ON_BATTERY]


def test_a_collector_nobody_has_found_costs_no_more_than_a_missed_echo() -> None:
    carrier = Carrier()
    sender = Beacon(Line(None), carrier, time.monotonic)
    sender.use(True)
    assert sender._ready()
    sender.turn()
    sender.turn()
    assert (sender.sent, carrier.calls) == (0, ["confirm"])


ROWS: list[tuple[str, str | None, Verdict | None, dict[str, float | None], int]] = [
    ("all is well", "main", Verdict.GOOD, {'ronda_power_on_mains{ups="a"}': 1.0}, 0),
    ("on battery", None, Verdict.BAD, {'ronda_power_on_mains{ups="a"}': 0.0}, ON_BATTERY),
    ("nobody could look", "main", Verdict.UNKNOWN, {"ronda_power_on_mains": None}, 0),
    ("the uplink is bad", "main", Verdict.BAD, {}, DEGRADED),
    ("a service is bad", None, Verdict.BAD, {}, 0),
    ("loss", None, Verdict.GOOD, {'ronda_uplink_loss_ratio{target="a"}': 0.2}, DEGRADED),
    ("a little loss", None, Verdict.GOOD, {'ronda_uplink_loss_ratio{target="a"}': 0.1}, 0),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_flags_come_from_the_newest_readings(
    row: tuple[str, str | None, Verdict | None, dict[str, float | None], int],
) -> None:
    name, uplink, verdict, values, flags = row
    made = read({"checks": [{"name": name, "kind": "link"}]}).checks[0]
    assert signs([(replace(made, uplink=uplink), Reading(verdict, values))]) == flags


def test_echoes_ask_once_in_each_row_of_missed_ones() -> None:
    echoes = Echoes()
    assert [echoes.lost() for _ in range(4)] == [False, True, False, False]
    assert (echoes.heard(), echoes.heard()) == (True, False)
    assert (echoes.lost(), echoes.heard()) == (False, False)
    assert [echoes.lost() for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("table", "sends"),
    [
        ({}, False),
        ({"beacons": True}, True),
        ({"beacons": True, "profile": "4g"}, False),
        ({"beacons": True, "profile": "hemat"}, False),
        ({"beacons": False, "profile": "fiber"}, False),
    ],
)
def test_metered_lines_have_no_beacons(table: dict[str, object], sends: bool) -> None:
    assert read(table).plan.sends_beacons is sends


def test_the_short_report_goes_at_once_and_names_the_counter(
    tmp_path: Path, centre_http: FakeCollector
) -> None:
    made = bench(tmp_path, centre_http)
    made.frame()
    made.work()
    made.sender.unanswered = 77
    made.sender.confirm()
    made.work()
    assert len(centre_http.reports) == 2
    last = centre_http.requests[-1]
    assert last.headers["x-ronda-beacon"] == "77"
    assert (last.json["frames"], last.json["findings"]) == ([], [])
    made.work(300)
    made.post.close()
    assert len(centre_http.reports) == 2, "once"


def test_the_end_of_beacons_is_told_with_a_report(
    tmp_path: Path, centre_http: FakeCollector
) -> None:
    made = bench(tmp_path, centre_http)
    beacons = Beacon(made.post, made.sender, time.monotonic)
    beacons.use(True)
    made.frame()
    made.work()
    for on in (True, False):
        beacons.use(on)
    made.work()
    made.frame()
    made.work()
    made.post.close()
    told = [said.headers.get("x-ronda-beacon") for said in centre_http.requests]
    assert told == [None, "off", None]


def test_it_does_not_wait_for_a_network_that_was_lost(
    tmp_path: Path, centre_http: FakeCollector
) -> None:
    made = bench(tmp_path, centre_http)
    centre_http.script = [Reply(lost=True), Reply(lost=True)]
    made.frame()
    made.sender.step()
    made.sender.confirm()
    made.sender.step()
    made.sender.step()
    made.post.close()
    assert len(centre_http.reports) >= 2


@pytest.fixture
def centre_http() -> Iterator[FakeCollector]:
    with collector() as made:
        yield made


def test_the_key_and_the_place_are_those_of_the_enrolment(
    tmp_path: Path, centre_http: FakeCollector
) -> None:
    made = bench(tmp_path, centre_http)
    post: Post = made.post
    assert post.who is None
    assert post.peer is None
    made.frame()
    made.work()
    post.close()
    assert post.peer == (socket.AF_INET, ("127.0.0.1", centre_http.port))
    post.keep(replace(post.identity, key=KEY.hex()))
    assert post.who == (7, KEY)
    for broken in ("zz", "", "9"):
        post.keep(replace(post.identity, key=broken))
        assert post.who is None
