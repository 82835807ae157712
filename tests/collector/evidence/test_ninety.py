"""Ninety days of a site are the evidence's own figures: sealed or not, also after a rewrite."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert

from collector import db, schema
from collector.evidence import build, ninety
from collector.evidence.lines import CHECK, SITE
from collector.evidence.moments import Period
from collector.evidence.ninety import AGAIN_S, DAYS, Day, Ninety, Past, total
from collector.evidence.report import Order
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.settings import Settings
from tests.collector.evidence.world import (
    BALI,
    BANTUR,
    add_site,
    at,
    down,
    drop,
    normal,
    tell,
    tick,
    unknown,
)

TODAY = "2026-10-20"
NOW = at(f"{TODAY} 15:30:00")
CHECKS = (("opensid", "opensid"), ("hotspot", "journey"))
KEYS = {"": (SITE, "", ""), **{name: (CHECK, name, kind) for name, kind in CHECKS}}


@pytest.fixture
def store(store: Engine) -> Engine:
    with db.writing(store) as connection:
        for row, code in enumerate((BANTUR, BALI)):
            add_site(connection, code, row)
            tell(connection, _told(), code)
            for name, kind in CHECKS:
                _check(connection, code, name, kind)
        tick(connection, NOW)
    return store


def _told() -> list[object]:
    cut = at("2026-10-02 23:10:00")
    return [
        normal(at("2026-08-01 07:00:00"), at("2026-09-03 08:00:00.4")),
        down(at("2026-09-03 08:00:00.4"), at("2026-09-04 09:00:00")),
        normal(at("2026-09-04 09:00:00"), cut),
        unknown(cut, at("2026-10-03 11:00:00"), "power"),
        normal(at("2026-10-03 11:00:00"), at(f"{TODAY} 08:00:00")),
        down(at(f"{TODAY} 08:00:00"), None),
    ]


def _check(connection: Connection, code: str, name: str, kind: str) -> None:
    row = {"site": code, "name": name, "kind": kind, "verdict": "good", "rev": 1}
    connection.execute(insert(schema.checks).values(**row, since=at("2026-09-20 10:00:00")))
    for when, verdict in (("2026-08-05 00:00:00", "good"), ("2026-09-20 04:00:00", "bad"),
                          ("2026-09-20 10:00:00", "good")):  # fmt: skip
        told = {"site": code, "check": name, "at": at(when), "verdict": verdict, "rev": 1}
        connection.execute(insert(schema.verdicts).values(**told))


def agrees(store: Engine, settings: Settings, kept: Ninety, now: float, code: str = BANTUR) -> Past:
    """The same seconds as a report over the same days has, line by line."""
    with db.reading(store) as connection:
        past = kept.of(connection, [code], now)[code]
        period = Period(past.days[0], past.days[-1] + timedelta(days=1))
        rows = build.build(connection, settings, Order(period, code), now, None).rows
    told = {row.name if row.kind in ("service", "hotspot") else "": row.tally for row in rows
            if row.code == code and row.kind in ("site", "service", "hotspot")}  # fmt: skip
    assert set(told) == set(KEYS)
    for name, tally in told.items():
        mine = past.total(KEYS[name])
        # what did not count at all is no day of ours
        assert mine[:3] == tuple(tally.seconds[state] for state in ("normal", "slow", "down"))
        assert mine.unknown - mine.not_counted == tally.seconds["unknown"] - tally.not_counted_s
        share = tally.share("normal", "slow")
        assert mine.share == (None if share is None else float(share))
    return past


def sealer(settings: Settings, store: Engine) -> Sealer:
    return Sealer(settings, store, None, Signer(b"k" * 32), wait=lambda _: None)


@pytest.mark.slow
@pytest.mark.parametrize("code", [BANTUR, BALI])
def test_unsealed_sealed_and_kept_days_say_what_a_report_says(
    store: Engine, store_settings: Settings, code: str
) -> None:
    kept = Ninety("Asia/Jakarta", None)
    before = agrees(store, store_settings, kept, NOW, code)
    assert (len(before.days), before.days[-1]) == (DAYS, date(2026, 10, 20))
    assert sealer(store_settings, store).look(NOW) > 100
    after = agrees(store, store_settings, kept, NOW + AGAIN_S + 1, code)
    fresh = agrees(store, store_settings, Ninety("Asia/Jakarta", None), NOW + AGAIN_S + 1, code)
    assert after == fresh
    assert [day.down for day in after.lines[KEYS[""]]][-2:] == [0, 27_000]


@pytest.mark.slow
def test_what_a_backlog_rewrites_is_counted_anew(store: Engine, store_settings: Settings) -> None:
    kept = Ninety("Asia/Jakarta", None)
    work = sealer(store_settings, store)
    work.look(NOW)
    agrees(store, store_settings, kept, NOW)
    since = at("2026-10-02 23:10:00")
    with db.writing(store) as connection:
        drop(connection, since)
        tell(connection, [down(since, at("2026-10-03 11:00:00"))], rev=2)
    work.look(NOW + 60)
    past = agrees(store, store_settings, kept, NOW + AGAIN_S + 1)
    day = past.lines[KEYS[""]][past.days.index(date(2026, 10, 3))]
    assert (day.down, day.unknown) == (11 * 3600, 0)


def test_the_day_moves_on(store: Engine, store_settings: Settings) -> None:
    kept = Ninety("Asia/Jakarta", None)
    agrees(store, store_settings, kept, NOW)
    later = NOW + 3 * 86400
    with db.writing(store) as connection:
        tick(connection, later)
    past = agrees(store, store_settings, kept, later)
    assert past.days[-1] == date(2026, 10, 23) and len(past.days) == DAYS


def test_a_site_that_never_counted_has_no_days_and_memory_is_bounded(store: Engine) -> None:
    kept = Ninety("Asia/Jakarta", None, most=1)
    with db.writing(store) as connection:
        add_site(connection, "35.10.06.2009", 7, lifecycle="planned")
    with db.reading(store) as connection:
        assert kept.of(connection, ["35.10.06.2009", "35.10.06.2010"], NOW) == {}
        kept.of(connection, [BANTUR, BALI], NOW)
    assert len(kept.kept([BANTUR, BALI])) == 1


def test_days_add_up_and_nothing_judged_is_no_share() -> None:
    assert total([]) == ninety.NOTHING
    assert total([Day(1, 2, 3, 4, 5, 6), Day(1, 1, 1, 1, 1, 1)]) == Day(2, 3, 4, 5, 6, 7)
    assert Day(unknown=100).share is None and Day(unknown=100).counts
    assert not Day(unknown=100, not_counted=100).counts
    assert Day(normal=3, slow=1, down=1).share == 0.8
