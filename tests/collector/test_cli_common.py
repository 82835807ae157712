"""Who runs a command, and how tables tell times."""

import os
from zoneinfo import ZoneInfo

import pytest

from collector.cli_common import iso, print_table, user


def test_a_user_without_a_name_is_called_by_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert user() == "3999999999"


def test_who_signed_in_is_called_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "dewi")
    assert user() == "dewi"


@pytest.mark.parametrize(
    ("zone", "told"),
    [("Asia/Jakarta", "2026-11-30 15.04 WIB"), ("Asia/Jayapura", "2026-11-30 17.04 WIT")],
)
def test_a_table_tells_times_by_the_zone_of_the_control_room_and_names_it(
    zone: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["dewi", iso(1_796_025_840.0)], ["at 2026-11-30T08:04:00Z", None]]
    print_table(("name", "at"), rows, ZoneInfo(zone))
    _, first, second = capsys.readouterr().out.splitlines()
    assert first.split(maxsplit=1) == ["dewi", told]
    assert second.startswith("at 2026-11-30T08:04:00Z"), "what people wrote stays"
