"""How numbers and times read in both languages."""

from zoneinfo import ZoneInfo

import pytest

from tests.each import for_each
from web import words
from web.tongue import speaking

NOW = 1795425120.0
DAY = 86400.0
WIB = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("language", "at", "said"),
    [
        ("id", NOW - 60, "16.11"),
        ("id", NOW - DAY, "kemarin 16.12"),
        ("id", NOW - 30 * DAY, "24 Okt 16.12"),
        ("id", NOW - 400 * DAY, "19 Okt 2025"),
        ("id", None, "-"),
        ("en", NOW - 60, "16:11"),
        ("en", NOW - DAY, "yesterday 16:12"),
        ("en", NOW - 100 * DAY, "15 Aug 16:12"),
    ],
)
def test_moments(language: str, at: float | None, said: str) -> None:
    with speaking(language):
        assert words.moment(at, WIB, NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 dtk"), (59.9, "59 dtk"), (60, "1 mnt"), (4080, "1 j 08 mnt"), (90000, "1 hari 1 j")],
)
def test_lengths(seconds: float, said: str) -> None:
    with speaking("id"):
        assert words.lasted(seconds) == said


@for_each(
    ("value", "unit", "said"),
    [
        (0.186, "seconds", "186 ms"),
        (0.0021, "seconds", "2,1 ms"),
        (1.25, "seconds", "1,2 s"),
        (0.124, "ratio", "12,4%"),
        (1.0, "ratio", "100%"),
        (18_200_000.0, "bit/s", "18,2 Mbps"),
        (1e9, "bit/s", "1,0 Gbps"),
        (-28.4, "dbm", "−28,4 dBm"),
        (58.0, "celsius", "58 °C"),
        (3412.0, "", "3.412"),
        (float("nan"), "ratio", "-"),
        (None, "ratio", "-"),
    ],
)
def test_quantities(value: float | None, unit: str, said: str) -> None:
    with speaking("id"):
        assert words.quantity(value, unit) == said


def test_a_share_is_never_rounded_up_to_a_clean_hundred() -> None:
    with speaking("id"):
        assert words.share(0.99996) == "99,9%"
        assert words.share(1.0) == "100,0%"


def test_an_axis_names_its_unit_once() -> None:
    with speaking("id"):
        assert words.axis([0.0, 0.1, 0.2, 0.3], "seconds") == ["0", "100", "200", "300 ms"]
        assert words.axis([0.0, 2.5e6, 5e6], "bit/s") == ["0,0", "2,5", "5,0 Mbps"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (8 * 3600, "8 jam"),
        (86400, "1 hari"),
        (7 * 86400, "7 hari"),
        (5400, "1 j 30 mnt"),
        (0, "0 dtk"),
    ],
)
def test_a_length_that_somebody_chose_is_round(seconds: float, said: str) -> None:
    with speaking("id"):
        assert words.stretch(seconds) == said
