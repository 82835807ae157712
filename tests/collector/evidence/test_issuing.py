"""One refund sheet a contract and month, a week after its end; then only supplements."""

from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

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

pytestmark = pytest.mark.slow

SIDE = "35.10.06.2006"
KEY = "Telkom/K-2026-1"
CUT, MENDED = at("2026-10-05 08:00:00"), at("2026-10-05 18:00:00")


@pytest.fixture
def store(store: Engine) -> Engine:
    with db.writing(store) as connection:
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
    return store


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


def told_of_ticket(store: Engine, begun: float, ended: float | None, at_: float, rev: int) -> int:
    incident = {
        "site": BANTUR, "subject": "uplink", "title": "x", "severity": "critical",
        "state": "acknowledged", "down_since": begun, "opened_at": begun + 30,
        "resolved_at": ended, "ticket": "IN123", "ticket_at": at_, "rev": rev,
    }  # fmt: skip
    with db.writing(store) as connection:
        made = connection.execute(schema.incidents.insert().values(incident))
        return int((made.inserted_primary_key or [0])[0])


def by_ticket(store: Engine) -> None:
    with db.writing(store) as connection:
        connection.execute(update(schema.uplinks).values(clock_start="ticket"))


def test_a_ticket_of_months_ago_counts_for_a_line_that_is_still_dead(
    sealer: Sealer, store: Engine
) -> None:
    by_ticket(store)
    begun = at("2026-10-02 00:00:00")
    with db.writing(store) as connection:
        tell(connection, [normal(at("2026-10-01 00:00:00"), begun), down(begun, None)])
        connection.execute(
            delete(schema.states).where(
                schema.states.c.since > begun, schema.states.c.site == BANTUR
            )
        )
    told_of_ticket(store, begun, None, begun + 3600, 1)
    until(sealer, "2027-01-08 00:00:00")
    (december,) = sheets(store, "2026-12")
    assert december.told["lines"][0]["rupiah"] == 1_700_000


def test_a_ticket_of_an_incident_that_was_opened_in_the_next_month_counts(
    sealer: Sealer, store: Engine
) -> None:
    by_ticket(store)
    begun, ended = at("2026-10-31 23:59:50"), at("2026-11-01 08:00:00")
    with db.writing(store) as connection:
        tell(connection, [normal(MENDED, begun), down(begun, ended), normal(ended)])
    told_of_ticket(store, begun, ended, begun + 40, 1)
    until(sealer, "2026-12-08 00:00:00")
    (october,), (november,) = sheets(store), sheets(store, "2026-11")
    events = [*october.told["lines"][0]["events"], *november.told["lines"][0]["events"]]
    # the ticket of 00.00.30 is November's
    assert [(each["counted_s"], each["ticket"]) for each in events] == [
        (0, ""), (0, "IN123"), (8 * 3600 - 30, "IN123"),
    ]  # fmt: skip


def test_a_ticket_that_is_entered_after_the_sheet_makes_a_supplement(
    sealer: Sealer, store: Engine
) -> None:
    by_ticket(store)
    until(sealer, "2026-11-08 00:00:00")
    assert [each.told["total_rp"] for each in sheets(store)] == [0]
    told_of_ticket(store, CUT, MENDED, at("2026-10-05 11:00:00"), 7)
    until(sealer, "2026-11-09 00:00:00")
    # 1,700,000 x 7 h of 2,678,400 s = 15,994.62
    assert [each.told["change_rp"] for each in sheets(store)] == [0, 15_995]
    until(sealer, "2026-11-10 00:00:00")
    assert len(sheets(store)) == 2


def test_a_flood_over_more_contracts_than_one_step_takes_reaches_them_all(
    sealer: Sealer, store: Engine
) -> None:
    begun = at("2026-10-01 00:00:00")
    with db.writing(store) as connection:
        for row in range(2, 27):
            code = f"35.10.07.{2000 + row}"
            add_site(connection, code, row)
            more: dict[str, Any] = {"contract_no": f"K-{row}", "fee_rp": 1_000_000.0}
            add_uplink(connection, code, formula="pro_rata_all", **more)
            tell(connection, [normal(begun, CUT), down(CUT, MENDED), normal(MENDED)], code)
    until(sealer, "2026-11-08 00:00:00")
    assert len(sheets(store)) == 26
    with db.writing(store) as connection:
        when = at("2026-11-09 00:00:00")
        told = ("*", "force_majeure", (CUT, MENDED), "banjir", "dewi", when)
        exemptions.declare(connection, *told)
    # the engine is ended in the middle of it, and goes on
    with db.writing(store) as connection:
        tick(connection, at("2026-11-09 00:05:00"))
    sealer.look(
        at("2026-11-09 00:05:00"),
        lambda: any(each.told["supplement"] for each in sheets(store)),
    )
    assert sum(each.told["supplement"] for each in sheets(store)) == 10
    until(sealer, "2026-11-09 00:06:00")
    until(sealer, "2026-11-09 00:07:00")
    found = sheets(store)
    assert len(found) == 52
    assert sum(int(each.told["change_rp"]) for each in found) == 0


def test_a_contract_that_was_replaced_before_its_last_sheet_still_gets_it(
    sealer: Sealer, store: Engine
) -> None:
    until(sealer, "2026-10-16 00:00:00")
    with db.writing(store) as connection:
        new = {"contract_no": "K-2", "isp": "Biznet", "fee_rp": 5_000_000.0}
        mine = schema.uplinks.c.site == BANTUR
        connection.execute(update(schema.uplinks).where(mine).values(**new))
    until(sealer, "2026-10-17 00:00:00")
    cut, mended = at("2026-10-20 08:00:00"), at("2026-10-20 10:00:00")
    with db.writing(store) as connection:
        tell(connection, [normal(MENDED, cut), down(cut, mended), normal(mended)])
    until(sealer, "2026-11-08 00:00:00")
    biznet, telkom = sheets(store)
    # ten hours on the 5th are Telkom's, two on the 20th Biznet's: 5,000,000 x 7,200 / 2,678,400
    assert (telkom.subject, telkom.told["lines"][0]["counted_s"]) == (KEY, 36_000)
    assert (biznet.subject, biznet.told["total_rp"]) == ("Biznet/K-2", 13_441)
    assert telkom.told["lines"][0]["held_s"] + biznet.told["lines"][0]["held_s"] == 2_678_400


def test_a_day_that_is_first_told_of_after_the_sheet_changes_it(
    sealer: Sealer, store: Engine
) -> None:
    with db.writing(store) as connection:
        connection.execute(delete(schema.states).where(schema.states.c.site == SIDE))
        tell(connection, [normal(at("2026-10-10 00:00:00"))], SIDE)
    until(sealer, "2026-11-08 00:00:00")
    assert [each.told["total_rp"] for each in sheets(store)] == [22_849]
    with db.writing(store) as connection:
        tell(connection, [down(CUT, MENDED), normal(MENDED, at("2026-10-10 00:00:00"))], SIDE, 9)
    until(sealer, "2026-11-09 00:00:00")
    assert [each.told["change_rp"] for each in sheets(store)] == [22_849, 26_882]
