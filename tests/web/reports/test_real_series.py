"""Use of the wifi out of numbers as they are kept, and earlier months out of a chain as it grew."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from collector import db
from collector.evidence import moments
from collector.evidence.build import build
from collector.evidence.report import Order
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.history import History
from collector.series.layouts import Columns
from collector.settings import Settings
from tests.collector.evidence.world import at, corrected, down, tell, tick
from tests.web.reports.world import CUT, EVIL, FAR, MENDED, NEAR
from web.reports.figures import figures
from web.reports.monthly import complete

pytestmark = pytest.mark.slow

NAMES = (
    'ronda_wifi_clients{ap="aula",ssid="desa"}', 'ronda_wifi_clients{ap="teras",ssid="desa"}',
    'ronda_wifi_receive_bytes_total{ap="aula"}', 'ronda_wifi_transmit_bytes_total{ap="aula"}',
)  # fmt: skip
Ask = Callable[[str, str, float], dict[str, Any]]


@pytest.fixture
def ask(settings: Settings, store: Engine) -> Ask:
    def asked(month: str, area: str, now: float) -> dict[str, Any]:
        history = db.open_history(settings)
        try:
            with db.reading(store) as connection:
                past, order = History(settings, history), Order(moments.month(month), area)
                report = build(connection, settings, order, now, past)
                return figures(complete(connection, settings, past, report))
        finally:
            history.dispose()

    return asked


def count(settings: Settings, row: int, begin: float, hours: list[tuple[float, float]]) -> None:
    """People at two access points by the hour, a sample each minute; a gigabyte an hour is read
    and half of one sent."""
    engine = db.open_history(settings)
    columns = Columns(engine)
    ids = np.array(columns.give(list(NAMES)), dtype=np.int32)
    minutes = np.arange(60 * len(hours))
    people = np.array(hours)[minutes // 60]
    grown = 1e9 * minutes / 60
    values = np.column_stack([people, grown, grown / 2])
    with db.writing(engine) as connection:
        columns.save(connection)
        frames = Frames(begin + 30.0 + 60.0 * minutes, ids, values)
        blocks.put_late(connection, row, 1000, [frames])
    engine.dispose()


def test_wifi_is_counted_by_hours_of_the_month_and_no_other(settings: Settings, ask: Ask) -> None:
    # the last hour of September by the clocks of the village, then three of October
    hours = [(90.0, 9.0), (10.0, 5.0), (20.0, float("nan")), (0.0, 4.0)]
    count(settings, 0, at("2026-09-30 23:00:00"), hours)
    wifi = ask("2026-10", "", at("2026-11-09 08:00:00"))["wifi"]
    (one,) = wifi["most"]
    assert (wifi["villages"], one["site"]) == (1, NEAR)
    # 15 + 20 + 4 people for an hour each
    assert wifi["person_hours"] == one["person_hours"] == pytest.approx(39)
    assert (one["peak"], one["peak_at"]) == (20.0, "2026-09-30T18:00:00Z")
    assert one["mean"] == pytest.approx(13)
    # three hours of 1.5 GB, less the minute behind the last sample
    assert one["gb"] == pytest.approx(4.5, abs=0.03)


def test_earlier_months_are_told_in_seconds_and_rupiah_once(
    settings: Settings, store: Engine, ask: Ask
) -> None:
    sealer = Sealer(settings, store, None, Signer(b"k" * 32), wait=lambda _: None)

    def until(text: str) -> None:
        with db.writing(store) as connection:
            tick(connection, at(text))
        sealer.look(at(text))

    until("2026-11-08 00:30:00")
    with db.writing(store) as connection:
        # a day's outage was the power, and a backlog says that another was half as long
        said = corrected(down(CUT, CUT + 86_400), "power", "dewi", at("2026-11-10 08:00:00"), "PLN")
        tell(connection, [said], FAR, rev=9)
        half = (MENDED - CUT) / 2
        tell(connection, [down(CUT, CUT + half, "isp")], EVIL, rev=9)
    until("2026-11-10 12:00:00")
    until("2026-12-09 00:00:00")
    (change,) = ask("2026-11", "", at("2026-12-09 08:00:00"))["changes"]
    assert change["month"] == "2026-10"
    # the rest of 90 minutes is not known any more; the correction moves no seconds
    assert (change["down_s"], change["unknown_s"], change["normal_s"]) == (-2700, 2700, 0)
    # 1,700,000 x 86,400 / 2,678,400 = 54,838.71; x 5,400 = 3,427.42 less x 2,700 = 1,713.71
    assert (change["supplements"], change["rupiah"]) == (2, -54_839 - 3_427 + 1_714)
    # both kecamatan have a line of the first contract: neither is told of it
    (there,) = ask("2026-11", "35.10.11", at("2026-12-09 08:00:00"))["changes"]
    assert (there["supplements"], there["rupiah"]) == (1, 1_714 - 3_427)
    assert ask("2026-12", "", at("2027-01-09 08:00:00"))["changes"] == []
