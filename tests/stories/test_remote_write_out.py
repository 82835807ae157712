"""What agents report reaches a real Prometheus and a real VictoriaMetrics, whoever is killed."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector import db, inventory
from collector.outward import store
from collector.outward.bag import waiting_bytes
from collector.outward.store import Outlet
from collector.series.history import History
from tests.collector.outward import receiver as fake
from tests.collector.outward.test_sending import World
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import all_folded, enrolled
from tests.stories.receivers import Prometheus, Samples, Victoria, asked
from tests.stories.witness import NAMES, Witness

pytestmark = pytest.mark.slow

METRICS = [name.partition("{")[0] for name in NAMES]
VICTIMS = ("outward", "engine", "ingest", "up")


@pytest.fixture
def receivers(tmp_path: Path) -> Iterator[tuple[Prometheus, Victoria]]:
    prometheus, victoria = Prometheus(tmp_path / "prometheus", 3600), Victoria(tmp_path / "vm")
    try:
        prometheus.start()
        victoria.start()
        yield prometheus, victoria
    finally:
        prometheus.kill()
        victoria.kill()


def test_every_sample_is_on_both_sides_whoever_was_killed(
    tmp_path: Path, receivers: tuple[Prometheus, Victoria]
) -> None:
    prometheus, victoria = receivers
    centre = Centre(
        tmp_path / "var",
        RONDA_REMOTE_WRITE_URL=prometheus.url,
        RONDA_METRICS_URL=victoria.base,
        RONDA_METRICS_WRITE_URL=victoria.url,
    ).start()
    try:
        witnesses = enrolled(centre, seed=3)
        with_kills(centre, receivers, witnesses)
        all_folded(centre)
        ours = history(centre, witnesses)
        assert sum(map(len, ours.values())) > 1000
        wait_for("all is sent", lambda: all(map(waits_for_nothing(centre), outlets(centre))), 120)
        for receiver in receivers:
            theirs = receiver.samples("|".join(METRICS))
            assert differences(ours, theirs) == {}
        figures = asked(f"{centre.console_url}/metrics")
        for outlet in outlets(centre):
            assert (outlet.dropped, outlet.trouble) == (0, "")
            assert outlet.sent >= sum(map(len, ours.values()))
            assert f'ronda_outward_up{{outlet="{outlet.name}"}} 1.0' in figures
        said = centre.run("doctor").stdout
        assert "remote write" in said and f"{prometheus.url}: " in said
    finally:
        centre.stop()


def with_kills(
    centre: Centre, receivers: tuple[Prometheus, Victoria], witnesses: list[Witness]
) -> None:
    """Everybody is killed once while agents report; a receiver stays away for a while."""
    chance, stop = random.Random(1), threading.Event()
    threads = [threading.Thread(target=w.run, args=(stop,)) for w in witnesses]
    for thread in threads:
        thread.start()
    try:
        for victim in chance.sample(VICTIMS, len(VICTIMS)):
            time.sleep(chance.uniform(1.0, 2.0))
            centre.kill(victim)
            if victim == "up":
                centre.start()
        prometheus, victoria = receivers
        prometheus.kill()
        # killed, it would forget what it has taken in the last seconds
        victoria.stop()
        wait_for("it is missed", lambda: all(one.trouble for one in outlets(centre)), 30)
        prometheus.start()
        victoria.start()
        wait_for("it is back", lambda: not any(one.trouble for one in outlets(centre)), 120)
        prometheus.kill()
        prometheus.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for witness in witnesses:
        for ago_s in range(900, 100, -20):
            # kept through an outage, and sent after what is newer
            witness.sample(ago_s)
        witness.drain()


def history(centre: Centre, witnesses: list[Witness]) -> Samples:
    """What the centre has, by metric and site."""
    numbers = History(centre.settings)
    engine = db.open_store(centre.settings)
    with db.reading(engine) as connection:
        rows = inventory.site_rows(connection)
    engine.dispose()
    found: Samples = {}
    for witness in witnesses:
        lines = numbers.range(rows[witness.site], list(NAMES), 0, time.time() + 60)
        for metric, name in zip(METRICS, NAMES, strict=True):
            times, values = lines[name]
            pairs = zip(times.tolist(), values.tolist(), strict=True)
            found[metric, witness.site] = {round(at * 1000): value for at, value in pairs}
    return found


def differences(ours: Samples, theirs: Samples) -> dict[tuple[str, str], object]:
    """Where they are not equal: what is missing there, and what is there alone."""
    found: dict[tuple[str, str], object] = {}
    for key in ours.keys() | theirs.keys():
        here, there = ours.get(key, {}), theirs.get(key, {})
        if here != there:
            found[key] = len(here.items() - there.items()), sorted(there.items() - here.items())[:3]
    return found


def outlets(centre: Centre) -> list[Outlet]:
    engine = db.open_store(centre.settings)
    try:
        with db.reading(engine) as connection:
            return store.listed(connection)
    finally:
        engine.dispose()


def waits_for_nothing(centre: Centre) -> Callable[[Outlet], bool]:
    return lambda one: waiting_bytes(centre.folder / "outward", one.position) == 0


def test_a_prometheus_that_wants_order_gets_all_but_what_is_late(tmp_path: Path) -> None:
    prometheus = Prometheus(tmp_path / "prometheus", 0)
    prometheus.start()
    door = fake.Receiver()
    door.url = prometheus.url
    world, now = World(tmp_path / "var", door), int(time.time() * 1000)
    try:
        world.put("suhu", "angin", at=now)
        assert world.send().refused == 0
        # one body: 20 of another series, and two that are older than what is there
        world.put("suhu", "angin", *(f"s{n}" for n in range(20)), at=now - 60_000)
        done = world.send()
        assert (done.sent, done.refused, done.dropped, done.trouble) == (22, 2, 0, "")
        assert "out of order" in done.refusal
        kept = prometheus.samples("suhu|angin|s.*")
        assert (len(kept), kept["suhu", ""]) == (22, {now: 2.5})
    finally:
        world.close()
        prometheus.kill()
