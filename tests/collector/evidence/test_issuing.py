"""One refund sheet a contract and month, a week after its end; then only supplements."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, update

from agent.strict import Refused
from collector import db, schema
from collector.evidence import exemptions, seals
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.settings import Settings
from tests.collector.evidence.world import (
    BANTUR,
    add_site,
    add_uplink,
    at,
    corrected,
    down,
    normal,
    tell,
    tick,
)
from tests.stores import migrated

SIDE = "35.10.06.2006"
KEY = "Telkom/K-2026-1"
CUT, MENDED = at("2026-10-05 08:00:00"), at("2026-10-05 18:00:00")


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Engine]:
    migrated(store_settings)
    engine = db.open_store(store_settings)
    with db.writing(engine) as connection:
        for row, (code, fee) in enumerate(((BANTUR, 1_700_000.0), (SIDE, 2_000_000.0))):
            add_site(connection, code, row)
            more: dict[str, Any] = {
                "contract_no": "K-2026-1",
                "fee_rp": fee,
                "service_no": f"12{row}",
            }
            add_uplink(connection, code, formula="pro_rata_all", **more)
            begun = at("2026-10-01 00:00:00")
            tell(connection, [normal(begun, CUT), down(CUT, MENDED), normal(MENDED)], code)
    yield engine
    engine.dispose()


@pytest.fixture
def sealer(store_settings: Settings, store: Engine) -> Sealer:
    return Sealer(store_settings, store, None, Signer(b"k" * 32), wait=lambda _: None)


def until(sealer: Sealer, text: str) -> None:
    with db.writing(sealer.store) as connection:
        tick(connection, at(text))
    sealer.look(at(text))


def sheets(store: Engine, month: str = "2026-10") -> list[Any]:
    with db.reading(store) as connection:
        numbers = [row.id for row in seals.every(connection) if row.kind == "sheet"]
        found = [seals.one(connection, number) for number in numbers]
    return [each for each in found if each is not None and each.day == month]


def test_a_sheet_is_out_a_week_after_the_month_and_once(sealer: Sealer, store: Engine) -> None:
    until(sealer, "2026-11-07 23:59:59")
    assert sheets(store) == []
    until(sealer, "2026-11-08 00:00:00")
    until(sealer, "2026-11-09 00:00:00")
    (sheet,) = sheets(store)
    told = sheet.told
    # 1,700,000 and 2,000,000 x 36,000 / 2,678,400 = 22,849.46 and 26,881.72
    assert [line["rupiah"] for line in told["lines"]] == [22_849, 26_882]
    assert (sheet.subject, told["total_rp"], told["change_rp"]) == (KEY, 49_731, 49_731)
    (event,) = told["lines"][0]["events"]
    assert event["parts"][0]["evidence"] == ["the optical receiver saw no light"]
    assert len(event["records"]) == 1
    with db.reading(store) as connection:
        behind = seals.one(connection, event["records"][0])
    assert behind is not None and (behind.subject, behind.day) == (BANTUR, "2026-10-05")


def test_what_changes_later_is_a_supplement(sealer: Sealer, store: Engine) -> None:
    until(sealer, "2026-11-08 00:00:00")
    with db.writing(store) as connection:
        said = corrected(down(CUT, MENDED), "power", "dewi", at("2026-11-10 08:00:00"), "PLN")
        tell(connection, [said], rev=9)
        # what the inventory says by now is not what the sheet was issued by
        connection.execute(update(schema.uplinks).values(fee_rp=9.0))
    until(sealer, "2026-11-10 09:00:00")
    first, second = sheets(store)
    assert second.replaces == first.number
    assert (second.told["total_rp"], second.told["change_rp"]) == (26_882, -22_849)
    assert second.told["supplement"] == 1
    until(sealer, "2026-11-10 09:01:00")
    assert len(sheets(store)) == 2


def test_a_change_that_counts_for_nothing_makes_no_supplement(
    sealer: Sealer, store: Engine
) -> None:
    until(sealer, "2026-11-08 00:00:00")
    with db.writing(store) as connection:
        said = corrected(down(CUT, MENDED), "isp", "dewi", at("2026-11-10 08:00:00"), "OLT")
        tell(connection, [said], rev=9)
    until(sealer, "2026-11-10 09:00:00")
    assert len(sheets(store)) == 1


def test_force_majeure_that_is_declared_makes_one_and_taken_back_another(
    sealer: Sealer, store: Engine
) -> None:
    until(sealer, "2026-11-08 00:00:00")
    span = (CUT, MENDED)
    with db.writing(store) as connection:
        number = exemptions.declare(
            connection,
            "35.10.06",
            "force_majeure",
            span,
            "banjir",
            "dewi",
            at("2026-11-09 00:00:00"),
        )
    until(sealer, "2026-11-09 01:00:00")
    with db.writing(store) as connection:
        assert exemptions.withdraw(connection, number, "dewi", at("2026-11-10 00:00:00"))
        assert not exemptions.withdraw(connection, number, "dewi", at("2026-11-10 00:00:00"))
    until(sealer, "2026-11-10 01:00:00")
    until(sealer, "2026-11-10 02:00:00")
    assert [each.told["change_rp"] for each in sheets(store)] == [49_731, -49_731, 49_731]
    ((_, _, why),) = sheets(store)[1].told["lines"][0]["events"][0]["excluded"]
    assert why == "force_majeure: exemption 1"


def test_the_clock_of_a_ticket_is_the_incidents(sealer: Sealer, store: Engine) -> None:
    with db.writing(store) as connection:
        connection.execute(update(schema.uplinks).values(clock_start="ticket"))
        incident = {
            "site": BANTUR, "subject": "uplink", "title": "x", "severity": "critical",
            "state": "resolved", "down_since": CUT, "opened_at": CUT + 30, "resolved_at": MENDED,
            "ticket": "IN123", "ticket_at": at("2026-10-05 11:00:00"), "rev": 1,
        }  # fmt: skip
        connection.execute(schema.incidents.insert().values(incident))
    until(sealer, "2026-11-08 00:00:00")
    (sheet,) = sheets(store)
    first, second = (line["events"][0] for line in sheet.told["lines"])
    assert (first["counted_s"], first["ticket"]) == (7 * 3600, "IN123")
    assert (second["counted_s"], second["why"]) == (0, "no_ticket")


def test_months_follow_each_other(sealer: Sealer, store: Engine) -> None:
    until(sealer, "2027-01-09 00:00:00")
    with db.reading(store) as connection:
        found = seals.sheets(connection, "2027-01")
    assert sorted(month for _, month in found) == ["2026-10", "2026-11", "2026-12"]
    assert [each.told["total_rp"] for each in sheets(store, "2026-11")] == [0]


def test_a_contract_that_is_over_has_no_sheet(sealer: Sealer, store: Engine) -> None:
    with db.writing(store) as connection:
        connection.execute(update(schema.uplinks).values(ends="2026-10-05"))
    until(sealer, "2026-12-09 00:00:00")
    assert len(sheets(store)) == 1 and sheets(store, "2026-11") == []


def test_what_cannot_be_exempt_is_refused(store: Engine) -> None:
    good: dict[str, Any] = {
        "scope": "*", "kind": "planned", "span": (1.0, 2.0), "why": "x", "by": "d", "now": 1.0,
    }  # fmt: skip
    for change, says in (
        ({"scope": "Jawa"}, "scope: expected a site, an area, isp:NAME or *, got 'Jawa'"),
        ({"kind": "rain"}, "kind: 'rain' is not one of force_majeure, planned"),
        ({"why": "  "}, "why: say why"),
        ({"span": (2.0, 2.0)}, "ends: must be after the beginning"),
    ):
        with db.writing(store) as connection, pytest.raises(Refused) as told:
            exemptions.declare(connection, **{**good, **change})
        assert says in str(told.value)
