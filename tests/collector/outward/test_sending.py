"""A sender by given clocks: what is refused is split, what is put off comes again, nothing waits
for good."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector.db import open_history, open_store
from collector.foreign.carrying import Line, pack, spell
from collector.foreign.protobuf import Sent
from collector.outward import store
from collector.outward.bag import OpenBag, open_bag, waiting_bytes
from collector.outward.encode import Piece
from collector.outward.names import Names
from collector.outward.outlets import COPY, receivers
from collector.outward.post import Answer, Poster, Verdict
from collector.outward.sending import Sender, next_wait_s
from collector.outward.splitting import Splitting, bodies
from collector.settings import Settings
from tests.collector.outward import receiver as fake
from tests.stores import migrated

NOW = 1_790_000_000.0
NOW_MS = int(NOW * 1000)


class World:
    """A bag with series of others in it, which need no inventory, and a sender to a receiver."""

    def __init__(self, folder: Path, door: fake.Receiver) -> None:
        self.door, self.waits = door, list[float]()
        self.settings = Settings(data=str(folder), remote_write_url=door.url, outward_mb=16)
        migrated(self.settings)
        self.engine: Engine = open_store(self.settings)
        self.history: Engine = open_history(self.settings)
        self.bag = self.opened()
        self.poster = Poster(receivers(self.settings, {})[COPY], limit_s=0.5)
        self.stop_after = 50

    def opened(self) -> OpenBag:
        made = open_bag(self.settings, self.engine, 0, NOW)
        assert isinstance(made, OpenBag)
        return made

    def put(self, *names: str, at: int = NOW_MS, journal: int = 0) -> None:
        times, values = np.array([at], "<i8").tobytes(), np.array([2.5], "<f8").tobytes()
        lines = [Line(spell({"__name__": name}), times, values) for name in names]
        for payload in pack(lines):
            self.bag.others(payload)
        self.bag.put(journal, NOW)

    def sender(self) -> Sender:
        outlet = store.find(self.engine, COPY)
        assert outlet is not None
        names, folder = Names(self.engine, self.history), self.settings.folder / "outward"
        return Sender(outlet, folder, self.engine, names, self.poster, self.pause, lambda: NOW)

    def pause(self, wait_s: float) -> bool:
        self.waits.append(wait_s)
        return len(self.waits) >= self.stop_after

    def send(self) -> store.Outlet:
        sender = self.sender()
        while sender.step():
            pass
        sender.close()
        found = store.find(self.engine, COPY)
        assert found is not None
        return found

    def kept(self) -> set[str]:
        return {dict(labels)["__name__"] for labels in self.door.kept}

    def close(self) -> None:
        self.bag.close()
        self.poster.close()
        self.engine.dispose()
        self.history.dispose()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with fake.running() as door:
        made = World(tmp_path / "var", door)
        yield made
        made.close()


def refuse(name: str) -> Callable[[list[Sent]], fake.Said]:
    """A receiver that takes no request with this series in it."""
    bad = (b"__name__", name.encode())
    said = (400, {}, f"out of order sample: {name}")
    return lambda sent: said if any(bad in series.labels for series in sent) else fake.TAKEN


def in_turn(*answers: fake.Said) -> Callable[[list[Sent]], fake.Said]:
    left = list(answers)
    return lambda _: left.pop(0) if left else fake.TAKEN


def test_one_series_that_is_refused_costs_the_others_nothing(world: World) -> None:
    names = [f"s{number:02d}" for number in range(50)]
    world.put(*names)
    world.door.judge = refuse("s17")
    done = world.send()
    assert world.kept() == set(names) - {"s17"}
    assert (done.sent, done.refused, done.dropped) == (49, 1, 0)
    assert done.refusal == "400 out of order sample: s17"
    assert world.door.posts <= 14
    assert waiting_bytes(world.settings.folder / "outward", done.position) == 0


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        ((429, {"Retry-After": "7"}, "slow down"), [7.0]),
        ((500, {}, "oops"), [0.5, 1.0, 2.0]),
        ((401, {}, "who are you"), [30.0, 30.0]),
    ],
    ids=["asked to wait", "fails", "does not know us"],
)
def test_what_is_put_off_comes_again(world: World, answer: fake.Said, waits: list[float]) -> None:
    world.put("a", "b")
    world.door.judge = in_turn(*[answer] * len(waits))
    done = world.send()
    assert world.kept() == {"a", "b"}
    assert all(w <= was <= 1.2 * w for w, was in zip(waits, world.waits, strict=True))
    assert (done.sent, done.refused, done.trouble) == (2, 0, "")


def test_who_stops_while_it_waits_begins_there_again(world: World) -> None:
    world.put("a")
    world.door.judge = lambda _: (503, {}, "not now")
    world.stop_after = 3
    put_off = world.send()
    assert (put_off.sent, put_off.position, put_off.trouble) == (0, 0, "503 not now")
    world.door.judge = lambda _: fake.TAKEN
    assert world.send().sent == 1
    assert world.kept() == {"a"}


def test_who_refuses_everything_is_asked_slowly_and_told_of(world: World) -> None:
    names = [f"s{number:03d}" for number in range(300)]
    world.put(*names)
    world.door.judge = lambda _: (400, {}, "out of bounds")
    world.stop_after = 2
    done = world.send()
    assert (done.sent, done.position, done.trouble) == (0, 0, "400 out of bounds")
    assert world.door.posts < 210
    world.door.judge = refuse("s017")
    done = world.send()
    assert (done.sent, done.refused, done.trouble) == (299, 1, "")


def test_waits_grow_and_end_growing() -> None:
    later = fake_answer(500)
    waited, waits = 0.0, []
    for _ in range(10):
        waited = next_wait_s(waited, later)
        waits.append(waited)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert next_wait_s(8.0, fake_answer(503, 0.0)) == 0.5


@pytest.mark.slow
def test_what_falls_over_the_edge_is_counted_and_the_rest_goes_on(world: World) -> None:
    world.bag.close()
    folder = world.settings.folder / "outward"
    # segments of a MiB, three of them at most
    world.bag = OpenBag(folder, world.engine, 3 << 20, (0, 0))
    noise = np.random.default_rng(1).random((8, 1000))
    for hour in range(80):
        row = np.array([0], np.int32)
        for values in noise:
            world.bag.numbers(
                row, np.array([NOW]), np.arange(1000, dtype=np.int32), values[None] + hour
            )
        world.bag._tidied_at = float("-inf")
        world.bag.put(hour, NOW)
    held = sum(path.stat().st_size for path in folder.glob("*.seg"))
    assert held < 5 << 20
    world.put("kept", journal=99)
    done = world.send()
    # what is left is of a site that nobody knows, which is counted as well
    assert (done.sent, done.dropped, done.dropped_at) == (1, 80 * 8000, NOW)
    assert (done.journal, world.kept()) == (99, {"kept"})


def test_a_bag_that_is_opened_again_goes_on_counting(world: World) -> None:
    world.put("a", "b", journal=5)
    world.bag.close()
    world.bag = world.opened()
    assert world.bag.samples == 2
    world.put("c", journal=9)
    done = world.send()
    assert (done.sent, done.dropped, done.journal, done.passed) == (3, 0, 9, 3)
    nobody = open_bag(replace(world.settings, remote_write_url=""), world.engine, 0, NOW)
    assert not nobody.takes
    assert not (world.settings.folder / "outward").exists()
    assert store.find(world.engine, COPY) is None


def fake_answer(status: int, wait_s: float | None = None) -> Answer:
    return Answer(Verdict.LATER, status, wait_s=wait_s)


def one(name: str, *times: int) -> Piece:
    return Piece(name.encode(), times, struct.pack(f"<{len(times)}d", *map(float, times)))


def run(
    pieces: list[Piece], late: bool, takes: Callable[[str, int], bool]
) -> tuple[list[str], int]:
    """What is sent, in its order, to a receiver that takes a body where it takes each sample."""
    rest, order, posts = Splitting.of(pieces, late), [], 0
    while part := rest.part:
        posts += 1
        told = [(p.labels.decode(), at) for p in part for at in p.times_ms]
        if all(takes(*sample) for sample in told):
            order += [f"{name}{at}" for name, at in told]
            rest.accept()
        else:
            rest.refuse()
    assert rest.sent == len(order)
    assert rest.sent + rest.refused == sum(len(p.times_ms) for p in pieces)
    return order, posts


@pytest.mark.parametrize(
    ("late", "takes", "order"),
    [
        (False, lambda name, at: True, "a1 a2 a3 a4 b1 b2 b3 b4"),
        (False, lambda name, at: (name, at) != ("a", 2), "a1 a3 a4 b1 b2 b3 b4"),
        (False, lambda name, at: name == "b", "b1 b2 b3 b4"),
        (True, lambda name, at: at > 2, "a3 a4 b3 b4"),
        (True, lambda name, at: False, ""),
    ],
    ids=["all is well", "one sample", "one series", "too old", "nothing"],
)
def test_a_body_is_split_down_to_what_is_refused(
    late: bool, takes: Callable[[str, int], bool], order: str
) -> None:
    pieces = [one("a", 1, 2, 3, 4), one("b", 1, 2, 3, 4)]
    assert run(pieces, late, takes)[0] == order.split()


def test_a_backlog_that_is_too_old_costs_few_requests() -> None:
    pieces = [one(f"s{number}", *range(128)) for number in range(64)]
    _, posts = run(pieces, True, lambda *_: False)
    assert posts == 64 * 8 + 63
    # 8192 samples, each of which would be one


def test_bodies_are_bounded() -> None:
    made = bodies([one("a", 1), one("b", *range(7)), one("c", 1, 2)], 3)
    assert [[len(p.times_ms) for p in body] for body in made] == [[1], [3], [3], [1, 2]]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"remote_write_url": "https://noc:pw@vm.example/w"}, "remote_write_url"),
        ({"metrics_write_url": "ftp://vm.example"}, "metrics_write_url"),
        ({"metrics_user": "a:b"}, "metrics_user"),
        ({"outward_mb": 1}, "outward_mb: must be 16 to 10000000"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        Settings(**settings).check()  # type: ignore[arg-type]


def test_a_secret_comes_from_a_file_that_others_cannot_read_and_goes_by_tls(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    file.chmod(0o644)
    near = Settings(remote_write_url="http://127.0.0.1:9090/w", remote_write_secret_file=str(file))
    with pytest.raises(Refused, match="remote_write_secret_file: others may read it"):
        receivers(near, {})
    file.chmod(0o600)
    assert receivers(near, {})[COPY].secret == "s3cret"
    assert receivers(near, {"RONDA_REMOTE_WRITE_SECRET": "other"})[COPY].secret == "other"
    file.write_text("\ns3cret\n")
    with pytest.raises(Refused, match="remote_write_secret_file: its first line is empty"):
        receivers(near, {})
    file.write_text("s3cret\n")
    far = replace(near, remote_write_url="http://vm.example/w")
    with pytest.raises(Refused, match="goes by https only"):
        receivers(far, {})
    with pytest.raises(Refused, match="remote_write_user: wants remote_write_secret_file"):
        receivers(replace(far, remote_write_user="a", remote_write_secret_file=""), {})
