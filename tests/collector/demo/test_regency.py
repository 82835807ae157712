"""The regency of the demo is whole, and can be nobody's."""

from zoneinfo import ZoneInfo

from collector.demo import regency
from collector.inventory import cells, places
from collector.simulate.geography import Village
from tests.each import for_each

VILLAGES = regency.villages()


def test_there_are_sixty_villages_with_codes_and_names_of_their_own() -> None:
    assert len(VILLAGES) == 60
    assert len({village.code for village in VILLAGES}) == 60
    assert len({village.name for village in VILLAGES}) == 60


def test_no_province_has_its_codes() -> None:
    # the zone of a code is that of its province, where there is one
    nowhere = ZoneInfo("Pacific/Chatham")
    codes = [row["code"] for row in regency.areas()] + [village.code for village in VILLAGES]
    assert {places.zone(code, "Pacific/Chatham") for code in codes} == {nowhere}


def test_no_telephone_rings() -> None:
    numbers = [row["whatsapp"] for row in regency.contacts()]
    numbers += [row["isp_phone"] for row in regency.uplinks()]
    # after 62 no number begins with 0
    assert [number for number in numbers if not number.startswith("+620")] == []
    assert [number for number in numbers if cells.phone(number) != number] == []


def test_nobody_is_reached_by_any_other_way() -> None:
    ways = {"telegram", "sms", "email", "webhook"}
    assert [row for row in regency.contacts() if ways & row.keys()] == []


@for_each("village", VILLAGES, ids=lambda village: village.code)
def test_a_village_lies_within_its_district(village: Village) -> None:
    ring = next(
        district["ring"]
        for district in regency._told()["districts"]
        if places.within(village.code, district["code"])
    )
    assert inside(village.lon, village.lat, ring)


def inside(x: float, y: float, ring: list[list[float]]) -> bool:
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossings += 1
    return crossings % 2 == 1
