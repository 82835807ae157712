"""The window is made anew, as after a reboot: it holds again what it held, or says how far."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from collector.fold import Fold
from collector.journal.files import FileReader
from collector.promql.limits import Limits
from collector.promql.source import Centre as Source
from collector.series.window_reader import WindowReader
from tests.collector.centre_bench import UPLINK, Centre

pytestmark = pytest.mark.slow

# so many are read together
SITES = [f"35.10.06.2{number:03d}" for number in range(21)]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(tmp_path, window_minutes=30)
    made.segment_bytes = 20_000
    made.inventory(*[{"code": site} for site in SITES])
    for site in SITES:
        made.agent(site)
    yield made
    made.close()


def samples_of_all(centre: Centre, back_s: float) -> int:
    """How many samples of one series a question about all sites finds."""
    source = Source(centre.settings, centre.store)
    catalogue = source.look()
    reader = source._reader(catalogue, np.arange(len(catalogue.sites.rows)), Limits())
    columns = list(source.history.columns.find_all([UPLINK]))
    found = reader.read(columns, centre.now - back_s, centre.now, False, 1)
    told = [(part.places.tolist(), part.times.tolist()) for part in found]
    return len({one for places, times in told for one in zip(places, times, strict=True)})


def make_anew(centre: Centre) -> None:
    centre.stop_fold()
    shutil.rmtree(centre.settings.window)
    centre.fold()


def test_a_question_about_many_sites_finds_what_was_in_blocks_before(centre: Centre) -> None:
    for _ in range(10):
        centre.run(300)
    spans = (600.0, 1700.0, 2900.0)
    before = [samples_of_all(centre, back_s) for back_s in spans]
    assert before[1] > 21 * 28
    make_anew(centre)
    assert [samples_of_all(centre, back_s) for back_s in spans] == before
    reader = WindowReader(centre.settings.window)
    assert reader.reach_s() == reader.length_s() == 29 * 60
    # of a journal that begins later all that is older comes from blocks
    journal = FileReader(centre.settings.journal_folder)
    assert journal.drop_before(centre.fold().position, 1200, centre.now)
    journal.close()
    make_anew(centre)
    assert 1200 < reader.reach_s() < 1520
    assert [samples_of_all(centre, back_s) for back_s in spans] == before


def test_of_the_journal_no_more_is_read_again_than_the_window_holds(centre: Centre) -> None:
    for _ in range(14):
        centre.run(300)
        # it says no more, and that is in blocks; when it did last is still known
        centre.agents[0].running = False
    reader = WindowReader(centre.settings.window)
    before, heard = samples_of_all(centre, 1700.0), reader.last_reports()
    # whoever reads of the first segment stumbles over it
    first = min(centre.settings.journal_folder.glob("*.seg"))
    first.write_bytes(bytes(first.stat().st_size))
    make_anew(centre)
    assert centre.fold()._journal.skipped == 0
    assert samples_of_all(centre, 1700.0) == before
    assert np.array_equal(reader.last_reports(), heard) and heard[0] < centre.now - 3600
    assert reader.reach_s() == 29 * 60


class Behind(Centre):
    """Its packing has no time."""

    def new_fold(self, clock: Callable[[], float] = lambda: 0.0, chunk: int = 1000) -> Fold:
        return Fold.open(self.settings, (), clock, chunk, ending=lambda: True)


def test_what_is_not_in_blocks_yet_is_read_again_however_old_it_is(tmp_path: Path) -> None:
    centre = Behind(tmp_path, window_minutes=30, journal_keep_s=60)
    centre.segment_bytes = 20_000
    centre.inventory({"code": SITES[0]}, {"code": SITES[1]})
    left = centre.agent(SITES[1])
    centre.agent(SITES[0])
    centre.run(300)
    left.running = False
    for _ in range(24):
        centre.run(300)
    before = [centre.samples(site)[UPLINK] for site in SITES[:2]]
    assert [len(times) for times, _ in before] == [125, 5]
    fold = centre.fold()
    fold._chores.drop_journal(centre.now, fold.position)
    make_anew(centre)
    assert str([centre.samples(site)[UPLINK] for site in SITES[:2]]) == str(before)
    centre.close()


def test_of_a_journal_that_is_gone_all_older_samples_come_from_blocks(centre: Centre) -> None:
    for _ in range(10):
        centre.run(300)
    centre.stop_fold()
    for segment in centre.settings.journal_folder.glob("*.seg"):
        segment.unlink()
    shutil.rmtree(centre.settings.window)
    centre.fold()
    reader = WindowReader(centre.settings.window)
    centre.run(300)
    assert 240 <= reader.reach_s() <= 360
    assert samples_of_all(centre, 1700.0) > samples_of_all(centre, 300.0)


def test_its_length_follows_the_number_of_sites_from_start_to_start(tmp_path: Path) -> None:
    """What it holds is whole each time, though the journal is kept no longer than it must."""
    centre = Centre(tmp_path, journal_keep_s=60)
    centre.segment_bytes = 20_000
    centre.inventory({"code": SITES[0]})
    centre.agent(SITES[0])
    centre.run(600)
    many = [f"35.10.{number:07d}" for number in range(5000)]
    reader = WindowReader(centre.settings.window)

    def sites(lifecycle: str, codes: list[str]) -> tuple[float, float]:
        """With so many changed: how many minutes it holds, before and after the next start."""
        centre.inventory(*[{"code": code, "lifecycle": lifecycle} for code in codes])
        centre.run(10)
        before = reader.length_s() // 60 + 1
        centre.stop_fold()
        centre.fold()
        return before, reader.length_s() // 60 + 1

    assert sites("planned", many) == (120, 60)
    for _ in range(16):
        centre.run(600)
    assert FileReader(centre.settings.journal_folder).start > 0
    assert sites("retired", many[:400]) == (60, 60)
    assert sites("retired", many[400:600]) == (60, 120)
    assert reader.reach_s() == reader.length_s() == 119 * 60
    assert reader.fleet(0, centre.now - 118 * 60, centre.now)[0].size == 118
    centre.close()
