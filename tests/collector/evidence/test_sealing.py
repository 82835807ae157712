"""Days are sealed when their time has come, anew when they are rewritten, and nothing twice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, func, select, update

from collector import acts, db, schema
from collector.evidence import news, record, sealing, seals
from collector.evidence.record import Record
from collector.evidence.sealer import Sealer
from collector.evidence.sealing import Looked, Mark, Stretch
from collector.evidence.signing import Signer
from collector.settings import Settings
from tests.collector.evidence.world import (
    BALI,
    BANTUR,
    PAPUA,
    WIB,
    WIT,
    WITA,
    add_site,
    add_uplink,
    at,
    corrected,
    down,
    normal,
    tell,
    tick,
    unknown,
)

OCTOBER = "2026-10-01", "2026-11-01"


@dataclass
class Centre:
    """A store and what seals it."""

    settings: Settings
    store: Engine
    sealer: Sealer

    def until(self, text: str) -> int:
        """The fold has come to this moment, and what is due is sealed."""
        with db.writing(self.store) as connection:
            tick(connection, at(text))
        return self.sealer.look(at(text))

    def records(self, site: str = BANTUR) -> list[Record]:
        with db.reading(self.store) as connection:
            rows = [row for row in seals.every(connection) if row.subject == site]
        return [record.read(record.unpacked(row.body)) for row in rows]

    def again(self) -> Sealer:
        """As after a crash: another one that remembers nothing."""
        return quiet(self.settings, self.store)


def quiet(settings: Settings, store: Engine, numbers: Any = None) -> Sealer:
    return Sealer(settings, store, numbers, Signer(b"k" * 32), wait=lambda _: None)


@pytest.fixture
def centre(store_settings: Settings, store: Engine) -> Centre:
    with db.writing(store) as connection:
        add_site(connection)
        cut = at("2026-10-03 08:00:00")
        tell(connection, [normal(at("2026-10-01 00:00:00"), cut), unknown(cut, None)])
    return Centre(store_settings, store, quiet(store_settings, store))


def test_a_day_is_sealed_when_the_next_one_is_over(centre: Centre) -> None:
    assert centre.until("2026-10-02 23:59:59") == 0
    assert centre.until("2026-10-03 00:00:00") == 1
    (first,) = centre.records()
    assert (first.day, first.number, first.replaces) == ("2026-10-01", 1, None)
    assert first.told["to"] - first.told["from"] == 86400
    assert centre.until("2026-10-06 12:00:00") == 3
    assert [each.day for each in centre.records()] == [f"2026-10-0{day}" for day in range(1, 5)]
    assert centre.until("2026-10-06 12:00:00") == 0


def test_each_zone_has_its_own_midnight(centre: Centre) -> None:
    with db.writing(centre.store) as connection:
        for row, (code, zone) in enumerate(((BALI, WITA), (PAPUA, WIT)), start=1):
            add_site(connection, code, row)
            tell(connection, [normal(at("2026-10-01 00:00:00", zone))], code)
    # 22.00 WIB is midnight in WIT
    assert centre.until("2026-10-02 22:00:00") == 1
    assert centre.records(PAPUA)[0].told["zone"] == "Asia/Jayapura"
    assert centre.until("2026-10-02 23:00:00") == 1
    assert centre.records(BALI)[0].told["from"] == at("2026-10-01 00:00:00", WITA)
    assert centre.until("2026-10-03 00:00:00") == 1


def test_a_backlog_makes_a_record_that_names_the_one_it_replaces(centre: Centre) -> None:
    centre.until("2026-10-06 12:00:00")
    cut, mended = at("2026-10-03 08:00:00"), at("2026-10-03 09:30:00")
    with db.writing(centre.store) as connection:
        told = [down(cut, mended, source="backlog"), normal(mended)]
        tell(connection, told, rev=7)
    assert centre.until("2026-10-06 12:01:00") == 2
    *_, third, fourth = centre.records()
    assert [(each.day, each.replaces) for each in (third, fourth)] == [
        ("2026-10-03", 3),
        ("2026-10-04", 4),
    ]
    (site,) = record.lines_of(third.told)
    assert [(spell.state, spell.seconds) for spell in site.spells] == [
        ("normal", 8 * 3600),
        ("down", 5400),
        ("normal", 14.5 * 3600),
    ]
    assert centre.until("2026-10-06 12:02:00") == 0


def test_a_correction_keeps_the_guess_and_no_name(centre: Centre) -> None:
    cut, mended = at("2026-10-02 08:00:00"), at("2026-10-02 09:30:00")
    guess = down(cut, mended)
    with db.writing(centre.store) as connection:
        told = [normal(at("2026-10-01 00:00:00"), cut), guess, normal(mended)]
        tell(connection, told, rev=2)
    centre.until("2026-10-05 00:00:00")
    with db.writing(centre.store) as connection:
        said = corrected(guess, "device", "dewi lestari", at("2026-10-05 08:00:00"), "adaptor")
        tell(connection, [said], rev=9)
    assert centre.until("2026-10-05 09:00:00") == 1
    new = centre.records()[-1]
    assert b"dewi" not in new.text() and b"adaptor" not in new.text()
    (site,) = record.lines_of(new.told)
    told_of = site.spells[1]
    assert (told_of.cause, told_of.source) == ("device", "person")
    assert told_of.said is not None and told_of.said.cause == "fiber"
    assert told_of.said.evidence == ("the optical receiver saw no light",)


def test_what_ends_later_changes_no_day_that_was_sealed(centre: Centre) -> None:
    with db.writing(centre.store) as connection:
        tell(connection, [normal(at("2026-10-03 08:00:00"))], rev=2)
    centre.until("2026-10-20 12:00:00")
    with db.writing(centre.store) as connection:
        tell(connection, [normal(at("2026-10-03 08:00:00"), at("2026-10-20 11:00:00"))], rev=3)
        tell(connection, [unknown(at("2026-10-20 11:00:00"), None)], rev=3)
    assert centre.until("2026-10-20 12:00:01") == 0


def test_of_what_the_fold_writes_only_what_reaches_a_sealed_day_is_read(centre: Centre) -> None:
    centre.until("2026-10-06 12:00:00")
    began, now = at("2026-10-03 08:00:00"), at("2026-10-06 11:00:00")
    with db.writing(centre.store) as connection:
        tell(connection, [down(began, now, source="backlog"), normal(now)], rev=3)
    with db.reading(centre.store) as connection:
        mark = sealing.mark(db.meta_get(connection, "evidence"))
        assert mark is not None
        told, upto = news.since(connection, (mark.rev, mark.same), mark.known_before())
    # what is of the mark's own position is read again
    assert [one.begin for one in told] == [at("2026-10-01 00:00:00"), began]
    assert upto == (3, 2)


@pytest.mark.slow
def test_after_a_crash_nothing_is_twice_and_nothing_is_left_out(centre: Centre) -> None:
    for row in range(1, 70):
        with db.writing(centre.store) as connection:
            add_site(connection, f"35.10.07.{2000 + row}", row)
            told = [normal(at("2026-10-01 00:00:00"))]
            tell(connection, told, f"35.10.07.{2000 + row}")
    with db.writing(centre.store) as connection:
        tick(connection, at("2026-10-04 00:00:00"))
    made = 0
    while True:
        # each is killed after two transactions
        looks = iter([False, False, True])
        count = centre.again().look(at("2026-10-04 00:00:00"), looks.__next__)
        made += count
        if made >= 140 and count == 0:
            break
    with db.reading(centre.store) as connection:
        each = select(schema.seals.c.subject, schema.seals.c.day)
        rows = connection.execute(each).all()
    assert len(rows) == len(set(rows)) == made == 140


def test_two_transactions_at_one_position_are_both_seen(centre: Centre) -> None:
    centre.until("2026-10-06 12:00:00")
    with db.writing(centre.store) as connection:
        tell(connection, [down(at("2026-10-03 08:00:00"), at("2026-10-03 09:00:00"))], rev=7)
    assert centre.until("2026-10-06 12:01:00") > 0
    with db.writing(centre.store) as connection:
        tell(connection, [normal(at("2026-10-03 09:00:00"))], rev=7)
    assert centre.until("2026-10-06 12:02:00") > 0


def test_the_head_of_each_day_stands_in_the_chain_of_acts(centre: Centre) -> None:
    centre.until("2026-10-03 00:00:00")
    centre.until("2026-10-04 00:00:00")
    centre.until("2026-10-04 01:00:00")
    centre.until("2026-10-05 00:00:00")
    with db.reading(centre.store) as connection:
        head = seals.head(connection)
        (newest, *_) = acts.about(connection, f"record:{head.number}", "sealed")
        count = select(func.count()).select_from(schema.acts)
        assert connection.execute(count).scalar() == 2
    assert newest.body == {"record": 3, "link": head.link}


def test_what_is_too_old_to_be_known_is_left_as_it_was_sealed(centre: Centre) -> None:
    centre.until("2026-10-06 12:00:00")
    # a year and more on, the rows of then are gone
    with db.writing(centre.store) as connection:
        connection.execute(schema.states.delete())
        tell(connection, [normal(at("2026-10-04 08:00:00"))], rev=50)
    # the clock stands: only what was sealed may be looked at again
    centre.sealer.settings = Settings(data=centre.settings.data, history_days=1)
    assert centre.until("2026-10-06 12:00:01") == 0


def test_a_site_that_got_another_code_goes_on_from_its_records(centre: Centre) -> None:
    centre.until("2026-10-06 12:00:00")
    new = "35.10.25.2001"
    with db.writing(centre.store) as connection:
        for table in (schema.sites.c.code, schema.states.c.site):
            statement = update(table.table).where(table == BANTUR)
            connection.execute(statement.values({table: new}))
        row = {"old": BANTUR, "new": new, "at": 1.0}
        connection.execute(schema.aliases.insert().values(row))
        tell(connection, [normal(at("2026-10-03 08:00:00"))], new, rev=9)
    assert centre.until("2026-10-06 12:01:00") == 2
    assert [each.replaces for each in centre.records(new)] == [3, 4]


class Lines:
    """Samples of two uplinks, kept for as long as `kept`."""

    kept = True

    def range(self, row: int, names: Any, start: float, end: float) -> dict[str, Any]:
        if not self.kept:
            return {}
        times = np.arange(at("2026-10-01 00:00:00"), end, 60.0)
        times = times[times >= start]
        lost = (times >= at("2026-10-02 10:00:00")) & (times < at("2026-10-02 11:00:00"))
        works = np.ones(len(times))
        return {
            'ronda_uplink_up{uplink="main"}': (times, np.where(lost, 0.0, 1.0)),
            'ronda_uplink_up{uplink="reserve"}': (times, works),
        }


def test_a_line_stays_as_sealed_when_its_samples_or_its_provider_are_gone(centre: Centre) -> None:
    numbers = Lines()
    centre.sealer.numbers = numbers
    with db.writing(centre.store) as connection:
        add_uplink(connection)
        add_uplink(connection, name="reserve", isp="Icon+")
        tell(connection, [normal(at("2026-10-01 00:00:00"))], rev=2)
        connection.execute(schema.states.delete().where(schema.states.c.state == "unknown"))
    centre.until("2026-10-04 00:00:00")
    second = centre.records()[1]
    told = {line.name: line for line in record.lines_of(second.told) if line.kind == "uplink"}
    assert [s.seconds for s in told["main"].spells if s.state == "down"] == [3600]
    assert (told["reserve"].detail, len(told["reserve"].spells)) == ("Icon+", 1)
    numbers.kept = False
    with db.writing(centre.store) as connection:
        other = schema.uplinks.update().where(schema.uplinks.c.name == "reserve")
        connection.execute(other.values(isp="Biznet"))
        slow = normal(at("2026-10-01 00:00:00"), at("2026-10-02 20:00:00"))
        tell(connection, [slow, down(at("2026-10-02 20:00:00"), None)], rev=5)
    assert centre.until("2026-10-04 00:01:00") == 1
    new = centre.records()[-1]
    mended = {line.name: line for line in record.lines_of(new.told) if line.kind == "uplink"}
    assert mended["main"].spells == told["main"].spells
    assert mended["reserve"].detail == "Icon+"


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2026-10-01 12:00:00", "2026-10-01 13:00:00", "1-2"),
        ("2026-10-01 23:59:59", "2026-10-03 00:00:01", "1-4"),
        ("2026-10-01 00:00:00", "2026-10-02 00:00:00", "1-3"),
        ("2026-09-01 00:00:00", "2026-12-02 00:00:00", "1-5"),
        ("2026-10-05 12:00:00", "2026-10-06 00:00:00", "1-1"),
    ],
)
def test_days_that_a_stretch_touches(begin: str, end: str, days: str) -> None:
    first, after = sealing.days_of(
        Stretch(BANTUR, at(begin), at(end)), WIB, date(2026, 10, 1), date(2026, 10, 5)
    )
    assert f"{first.day}-{after.day}" == days


def test_a_mark_comes_back_as_it_was_written() -> None:
    looked = Looked(3, (2, 1), 1.5, 9)
    sheets = (("2026-09", "x"), looked, looked, ("y", "2026-08"), ("2026-10-04", "z"), (9, "ab"))
    mark = Mark(7, 2, {"Asia/Jakarta": ("2026-10-03", BANTUR)}, 4, 5.5, *sheets)
    assert sealing.mark(mark.text()) == mark
    assert sealing.mark('{"rev": 7, "mended": 3}') == Mark(7)
