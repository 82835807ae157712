"""What a receiver is sent is what history has, to the bit, whoever was killed on the way."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.report import parse_series
from collector import inventory
from collector.db import open_history, open_store, reading
from collector.fold import Fold
from collector.outward import store
from collector.outward.names import Names
from collector.outward.outlets import COPY
from collector.outward.post import Answer, Verdict
from collector.outward.sending import Sender
from collector.series.history import History
from collector.settings import Settings
from tests.amounts import times
from tests.collector.centre_bench import Centre
from tests.collector.outward.receiver import STALE, Receiver
from tests.collector.test_fold_replay import CODES, Clock, a_bad_day, crash, fresh

pytestmark = pytest.mark.slow

NewDatabase = Callable[[], str]
Told = dict[tuple[str, str], set[tuple[int, int]]]
DERIVED = ("ronda_site_", "ronda_report_age_seconds")
# labels that tell the series of a site apart
OWN = ("check", "kind", "uplink", "target", "device", "interface", "ups")
WRITE = "http://127.0.0.1:1/api/v1/write"


class Taken:
    """A receiver without a network; now and then it takes a body, and its answer is lost."""

    def __init__(self, chance: random.Random) -> None:
        self.receiver, self._chance = Receiver(), chance

    def post(self, body: bytes) -> Answer:
        if self._chance.random() < 0.2:
            return Answer(Verdict.LATER, 503, "503 later")
        self.receiver.take(body)
        lost = self._chance.random() < 0.2
        return Answer(Verdict.LATER if lost else Verdict.ACCEPTED, problem="lost" if lost else "")

    def told(self) -> Told:
        """(time, bits) by site and name of the series, without ends."""
        found: Told = {}
        for labels, samples in self.receiver.kept.items():
            known = dict(labels)
            name = known.pop("__name__")
            own = sorted(item for item in known.items() if item[0] in OWN)
            there = {(at, bits) for at, bits in samples.items() if bits != STALE}
            if there:
                found[known["site"], f"{name}{own}"] = there
        return found


def send_all(settings: Settings, taken: Taken, chance: random.Random) -> store.Outlet:
    """By senders that die at any moment, without a word."""
    engine, history = open_store(settings), open_history(settings)
    while True:
        outlet = store.find(engine, COPY)
        assert outlet is not None
        names, folder = Names(engine, history), settings.folder / "outward"
        sender = Sender(outlet, folder, engine, names, taken, lambda _: False, lambda: 0.0)
        sender.remember()
        left = chance.randrange(1, 6)
        while left and sender.step():
            left -= 1
        sender.close()
        if left:
            engine.dispose()
            history.dispose()
            return sender.outlet


def numbers(settings: Settings) -> Told:
    engine = open_history(settings)
    history = History(settings, engine)
    found: Told = {}
    engine_of_sites = open_store(settings)
    with reading(engine_of_sites) as connection:
        rows = inventory.site_rows(connection)
    engine_of_sites.dispose()
    for code, row in rows.items():
        names = history.columns_of(row, 0.0, 1e11)
        for name, (at, values) in history.range(row, names, 0.0, 1e11).items():
            metric, own = parse_series(name)
            stamps = np.rint(at * 1000).astype(np.int64).tolist()
            bits = values.view(np.uint64).tolist()
            nulls = np.isnan(values).tolist()
            pairs = zip(stamps, bits, nulls, strict=True)
            there = {(stamp, bit) for stamp, bit, null in pairs if not null}
            if there:
                found[code, f"{metric}{sorted(own.items())}"] = there
    engine.dispose()
    return found


@pytest.mark.parametrize("seed", range(40, 40 + times(1)))
def test_whoever_dies_a_receiver_has_what_history_has(
    tmp_path: Path, new_database: NewDatabase, seed: int
) -> None:
    chance = random.Random(seed)
    centre = Centre(tmp_path / "first", database_url=new_database())
    a_bad_day(centre, chance)
    centre.stop_fold()
    settings = replace(fresh(centre, tmp_path / "again", new_database()), remote_write_url=WRITE)
    taken, done = Taken(chance), False
    while not done:
        fold = Fold.open(settings, clock=Clock(chance), chunk=chance.choice([3, 10, 40]))
        try:
            done = crash(fold, chance)
        except ZeroDivisionError:
            done = False
        fold.close()
        if chance.random() < 0.3:
            send_all(settings, taken, chance)
    outlet = send_all(settings, taken, chance)
    ours, told = numbers(settings), taken.told()
    theirs = {key: samples for key, samples in told.items() if not key[1].startswith(DERIVED)}
    assert sum(map(len, ours.values())) > 1000
    assert theirs == ours
    assert {site for site, name in told if name.startswith("ronda_site_up")} <= set(CODES)
    assert outlet.dropped == 0
    ends = [at for samples in taken.receiver.kept.values() for at in samples.values()]
    assert STALE in ends
    centre.close()
