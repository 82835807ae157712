"""What a demo says goes nowhere; its past has incidents, all of them over."""

from pathlib import Path

import pytest

from alerts import demo, incidents
from alerts.channels import NotifyFailed
from alerts.channels.config import load
from alerts.channels.kept import FILE, Kept
from collector.db import open_store, writing
from collector.demo import regency, story
from collector.settings import Settings
from tests.stores import migrated

NOW = 1_790_000_000.0
FLEET = regency.villages()


def test_a_demo_has_one_channel_whatever_is_written_anywhere(tmp_path: Path) -> None:
    (tmp_path / "channels.toml").write_text('[channels.telegram]\ntoken = "123:abc"\n')
    assert {line.name for line in load(Settings(data=str(tmp_path)))} == {"telegram", "webhook"}
    (tmp_path / "LATIHAN").touch()
    (line,) = load(Settings(data=str(tmp_path)))
    assert (line.kind, line.serves) == ("kept", "whatsapp")


def test_a_message_is_kept_and_says_that_it_is_a_drill(tmp_path: Path) -> None:
    kept = Kept(tmp_path / FILE)
    for text in ("Internet Oborsari putus.", "Internet Oborsari pulih."):
        assert kept.send("+6200000200001", {"text": text}) == "kept, sent to nobody"
    told = (tmp_path / FILE).read_text()
    assert told.count("LATIHAN: Internet Oborsari") == told.count("[LATIHAN] +6200000200001") == 2


def test_a_full_file_begins_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"x" * (5 << 20))
    Kept(tmp_path / FILE).send("+6200000200001", {"text": "baru"})
    assert (tmp_path / FILE).stat().st_size < 100


def test_a_file_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(NotifyFailed):
        Kept(tmp_path / "gone" / FILE).send("+6200000200001", {"text": "x"})


@pytest.mark.slow
def test_the_past_has_incidents_that_are_over(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    start = NOW - 90 * story.DAY_S
    told = list(demo.before(story.past(FLEET, 90, 98), FLEET, start))
    assert {past.new.parent_kind for past in told} == {"", "upstream", "feeder"}
    with writing(open_store(settings)) as connection:
        demo.write(connection, told)
        rows = incidents.listing(connection, all=True)
    assert len(rows) == len(told) > 50
    assert {row.state for row in rows} == {"resolved"}
    for row in rows:
        assert row.resolved_at is not None and start <= row.down_since < row.resolved_at < NOW
        assert row.acknowledged_at is None or row.opened_at < row.acknowledged_at < row.resolved_at
