"""What others sent reaches history once, to the bit, whatever crashed on the way."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, func, select

from collector.db import open_history, reading
from collector.fold import Fold
from collector.foreign.carrying import Line, pack, spell
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.schema import foreign_blocks
from collector.series.foreign import DAY_MS, Foreign, Found
from collector.settings import Settings
from tests.amounts import times
from tests.stores import migrated

pytestmark = pytest.mark.slow

NOW = 1_790_000_000
STALE = 0x7FF0000000000002
Samples = dict[int, int]  # the bits of each value by time


class Sender:
    """Writes what an ingest would, and remembers what must be found."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.now = float(NOW)
        self.told: dict[str, Samples] = {}
        migrated(settings)
        self._journal = FileWriter(settings.journal_folder)

    def send(self, **series: Samples) -> None:
        lines = [line(name, samples) for name, samples in series.items()]
        self._journal.append([(Kind.REMOTE_WRITE, self.now, 0, payload) for payload in pack(lines)])
        for name, samples in series.items():
            known = self.told.setdefault(name, {})
            known.update({time: bits for time, bits in samples.items() if time not in known})

    def fold(self, seconds: float = 1.0) -> None:
        self.now += seconds
        fold = Fold.open(self.settings, clock=lambda: 0.0)
        while fold.run_once():
            pass
        fold.commit()
        fold.close()

    def close(self) -> None:
        self._journal.close()


@pytest.fixture
def sender(store_settings: Settings) -> Iterator[Sender]:
    made = Sender(store_settings)
    yield made
    made.close()


def line(name: str, samples: Samples) -> Line:
    times = np.array(list(samples), "<i8")
    bits = np.array(list(samples.values()), "<u8")
    return Line(spell({"__name__": name, "job": "a"}), times.tobytes(), bits.tobytes())


def bits_of(number: float) -> int:
    return int(np.float64(number).view(np.uint64))


def read(settings: Settings, start: int = 0, end: int = 4_000_000_000_000) -> dict[str, Samples]:
    engine = open_history(settings)
    foreign = Foreign(engine)
    table = foreign.table()
    found = foreign.read(table.ids.tolist(), start, end)
    assert len(found.times_ms) <= foreign.count(table.ids.tolist(), start, end)
    engine.dispose()
    names = dict(
        zip(table.ids.tolist(), [labels["__name__"] for labels in table.labels], strict=True)
    )
    made: dict[str, Samples] = {}
    for series, time, bits in rows(found):
        made.setdefault(names[series], {})[time] = bits
    return made


def rows(found: Found) -> Iterator[tuple[int, int, int]]:
    bits = found.values.view(np.uint64)
    return zip(found.series.tolist(), found.times_ms.tolist(), bits.tolist(), strict=True)


def test_what_was_sent_is_read_again_to_the_bit(sender: Sender) -> None:
    at = NOW * 1000
    odd = [STALE, 0x7FF8000000000001, 0xFFF8000000000000, 0, 1 << 63, 1, 0x7FF0000000000000]
    sender.send(x={at + i: bits for i, bits in enumerate(odd)}, y={at: bits_of(0.1)})
    sender.fold()
    assert read(sender.settings) == sender.told


def test_late_and_disordered_samples_of_any_age_are_kept(sender: Sender) -> None:
    at = NOW * 1000
    sender.send(x={at: bits_of(1)})
    sender.fold()
    sender.send(x={at - i * DAY_MS - 1: bits_of(i) for i in (300, 2, 40, 1)})
    sender.fold()
    sender.send(x={at - 5: bits_of(9), at - 7: bits_of(8)})
    sender.fold()
    assert read(sender.settings) == sender.told
    assert list(read(sender.settings, at - 7, at - 1)["x"]) == [at - 7, at - 5]
    assert read(sender.settings, at + 1) == {}


def test_of_two_values_at_one_time_the_first_stays(sender: Sender) -> None:
    sender.send(x={NOW * 1000: bits_of(1)})
    sender.fold()
    sender.send(x={NOW * 1000: bits_of(2)})
    sender.fold()
    assert read(sender.settings) == {"x": {NOW * 1000: bits_of(1)}}


def test_labels_are_kept_whatever_they_hold(sender: Sender) -> None:
    labels = {"__name__": "suhu.dalam", "kelurahan": 'Karangrejo — "uji"\n\x00', "wilayah ké": "é"}
    one = np.array([NOW * 1000], "<i8").tobytes()
    (payload,) = pack([Line(spell(labels), one, one)])
    sender._journal.append([(Kind.REMOTE_WRITE, sender.now, 0, payload)])
    sender.fold()
    engine = open_history(sender.settings)
    assert Foreign(engine).table().labels == [labels]
    engine.dispose()


def parts(settings: Settings) -> list[int]:
    engine = open_history(settings)
    with reading(engine) as connection:
        found = connection.execute(select(func.count()).select_from(foreign_blocks))
        loose = connection.execute(
            select(func.count()).select_from(foreign_blocks).where(foreign_blocks.c.part > 0)
        )
        counted = [found.scalar_one(), loose.scalar_one()]
    engine.dispose()
    return counted


def test_many_small_parts_become_one(sender: Sender) -> None:
    fold = Fold.open(sender.settings, clock=lambda: 0.0)
    for i in range(150):
        sender.now += 15
        sender.send(x={int(sender.now * 1000): bits_of(i)}, y={int(sender.now * 1000): STALE})
        fold.run_once()
        fold.commit()
    fold.close()
    found, loose = parts(sender.settings)
    assert 2 <= loose < 150
    assert found == loose + 2
    assert read(sender.settings) == sender.told


def test_a_day_that_is_over_is_packed_and_an_old_one_forgotten(sender: Sender) -> None:
    sender.send(x={NOW * 1000: bits_of(1)}, y={NOW * 1000 - 398 * DAY_MS: bits_of(2)})
    sender.fold()
    sender.now += 90_000
    sender.send(z={int(sender.now * 1000): bits_of(3)})
    sender.fold()
    assert parts(sender.settings) == [3, 1]
    assert read(sender.settings) == sender.told
    sender.now += 2 * 86400
    sender.send(z={int(sender.now * 1000): bits_of(4)})
    sender.fold()
    del sender.told["y"]
    assert read(sender.settings) == sender.told


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("seed", range(times(2)))
def test_crashes_at_any_moment_change_nothing(
    tmp_path: Path, new_database: Callable[[], str], seed: int
) -> None:
    chance = random.Random(seed)
    settings = Settings(data=str(tmp_path), database_url=new_database())
    sender = Sender(settings)
    for i in range(200):
        sender.now += chance.choice([1, 600, 20_000])
        names = chance.sample(["a", "b", "c", "d"], chance.randrange(1, 4))
        at = int(sender.now * 1000) - chance.choice([0, 5000, 3 * DAY_MS])
        sender.send(**{name: {at + n: bits_of(i) for n in range(3)} for name in names})
    clock = iter(range(10**9)).__next__
    for _ in range(60):
        fold = Fold.open(settings, clock=lambda: clock() * 0.1, chunk=chance.choice([1, 3, 7]))
        if chance.random() < 0.6:
            event.listen(fold._store, "commit", fail_after(chance.randrange(1, 4)))
        try:
            for _ in range(chance.randrange(1, 8)):
                fold.run_once()
        except ZeroDivisionError:
            pass
        fold.close()
    sender.fold()
    assert read(settings) == sender.told
    sender.close()


def fail_after(left: int) -> Callable[[object], None]:
    """History is written, the position is not."""
    counted = [left]

    def fail(_connection: object) -> None:
        counted[0] -= 1
        if counted[0] <= 0:
            raise ZeroDivisionError

    return fail
