"""A handover is read by the next shift: names and numbers, no words of the code."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts import duty, handover, handover_text, health, mutes, steering
from alerts.channels import Health
from alerts.duty import Shift
from collector.db import reading, writing
from collector.inventory.keeping import put
from tests.alerts.test_cli_people import opened
from tests.alerts.village import NINE, Village, contact, village


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path, contact("sari")) as made:
        yield made


def test_a_handover_names_people_incidents_and_broken_channels(here: Village) -> None:
    number = opened(here)
    shift = Shift("*", "Dewi", "", "", "", "", "")
    with writing(here.store) as connection:
        put(connection, "contacts", [contact("Dewi", scope="*", role="noc")], NINE, "test")
        duty.drop(connection, duty.put(connection, shift, NINE, "Joko"), NINE + 5, "Joko")
        steering.correct(connection, number, "power", "PLN bilang", "Sari", NINE + 10)
        steering.snooze(connection, number, NINE + 3600, "Sari", NINE + 20)
        mutes.add(connection, f"incident:{number}", "sudah tahu", "Sari", NINE + 30, NINE + 900)
        health.keep(connection, "telegram", Health(False, "no answer"), NINE + 40)
    with reading(here.store) as connection:
        data = handover.note(connection, here.settings, NINE + 60, 8.0, ["telegram"])
    text = handover_text.text(data, ZoneInfo("Asia/Jakarta"), "id")
    assert [
        name for name in ("contact:", "incident:", "duty:", "snooze", "until") if name in text
    ] == []
    assert text.count("Joko mengatur piket: Dewi") == 1
    assert text.count("Joko mengubah piket: Dewi") == 1
    assert f"Sari menetapkan penyebab #{number}: listrik padam: PLN bilang" in text
    assert text.count("menetapkan penyebab") == 1
    assert f"Sari membiarkan #{number}: sampai 10.15" in text
    assert f"bisu #{number} " in text and "jalur pesan telegram: " in text
