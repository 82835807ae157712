"""What counts as a sign of life after a change, over a real window."""

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import insert

from collector import db, schema
from collector.promql.source import Centre
from collector.series.window import WindowWriter
from collector.settings import Settings
from playbooks.evidence import Evidence
from playbooks.looks import Seen
from playbooks.model import Look, Proof
from tests.stores import migrated

SITE, ROW, ACT = "35.10.01.2001", 3, 1_790_000_040.0
BEAT = Look(Proof.HEARTBEAT, 1, 120.0)


class Village:
    """Reports of one site, as the fold would have them in the window."""

    def __init__(self, settings: Settings) -> None:
        self.store = db.open_store(settings)
        with db.writing(self.store) as connection:
            place = {"code": SITE, "name": SITE, "row": ROW, "lifecycle": "active"}
            connection.execute(insert(schema.sites).values(place))
        self.window = WindowWriter.open(settings.window, 120, 0, boot="a")
        self.evidence = Evidence(self.store, lambda: Centre(settings, self.store))

    def report(self, measured: float, came: float) -> None:
        rows, columns = np.array([ROW], np.int32), np.array([1], np.int32)
        self.window.write(rows, np.array([measured]), columns, np.array([[1.0]]), 1)
        self.window.touch(rows, np.array([came]))
        self.window.sync(1)

    def seen(self) -> Seen:
        return self.evidence.seen(BEAT, SITE, ACT, ACT + 100)


@pytest.fixture
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    settings = Settings(data=str(tmp_path_factory.mktemp("var")))
    migrated(settings)
    made = Village(settings)
    yield made
    made.window.close()
    made.store.dispose()


def test_a_site_that_never_reported_gives_no_sign(village: Village) -> None:
    assert village.seen() == Seen(False, "has not reported since")


def test_a_report_of_before_is_no_sign(village: Village) -> None:
    village.report(ACT - 30, ACT - 29)
    assert village.seen() == Seen(False, "has not reported since")


def test_what_an_agent_had_kept_from_before_is_no_sign_of_now(village: Village) -> None:
    village.report(ACT - 30, ACT + 20)
    said = "has reported nothing since that was measured since"
    assert village.seen() == Seen(False, said)


def test_what_was_measured_after_it_is(village: Village) -> None:
    village.report(ACT - 30, ACT + 20)
    village.report(ACT + 30, ACT + 31)
    assert village.seen() == Seen(True, "reported what it measured 30 s after it")
