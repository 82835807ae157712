"""How a receiver stands, as the doctor and the figures of the console tell it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from collector import reasons
from collector.doctor_outward import finding, findings
from collector.outward.store import Outlet
from collector.settings import Settings
from tests.collector.outward import receiver as fake
from tests.collector.outward.test_sending import NOW, World

WELL = Outlet(
    name="copy",
    begun_at=NOW - 86400,
    begun=0,
    position=10,
    journal=10,
    passed=10,
    reached=NOW - 1,
    sent=1000,
    refused=0,
    dropped=0,
    dropped_at=None,
    told_at=NOW - 1,
    trouble="",
    refusal="",
)
BEGUN = "https://vm.example/w: 1000 samples sent since 2026-09-20T14:13:20Z, "


@pytest.mark.parametrize(
    ("changed", "waiting", "says", "do"),
    [
        ({}, 0, "0.0 of 1024 MiB wait", ""),
        (
            {"refused": 2, "refusal": "400 too old"},
            0,
            "0.0 of 1024 MiB wait, 2 refused (400 too old)",
            "",
        ),
        (
            {"trouble": "503 busy", "reached": NOW - 7200},
            3 << 20,
            "3.0 of 1024 MiB wait; what is newer than 2026-09-21T12:13:20Z waits: 503 busy",
            "see the reason; what waits is kept, outward_mb at most",
        ),
        (
            {"reached": NOW - 900},
            1 << 20,
            "1.0 of 1024 MiB wait; 900 s behind",
            "wait; it catches up",
        ),
        (
            {"dropped": 7, "dropped_at": NOW - 86400},
            0,
            "0.0 of 1024 MiB wait, 7 dropped, the last 2026-09-20T14:13:20Z",
            "see why it was away so long, or raise outward_mb",
        ),
        (
            {"told_at": NOW - 600},
            0,
            "0.0 of 1024 MiB wait; nothing goes there now",
            "start the centre, see its log",
        ),
    ],
    ids=["well", "refuses some", "away", "catching up", "was away too long", "no sender"],
)
def test_a_receiver_is_told_with_what_to_do(
    changed: dict[str, object], waiting: int, says: str, do: str
) -> None:
    outlet = replace(WELL, **changed)  # type: ignore[arg-type]
    found = finding(outlet, "https://vm.example/w", waiting, 1024, NOW)
    assert (found.name, found.says, found.do) == ("remote write", BEGUN + says, do)
    read = f"{reasons.find(found.says, 'id')} {reasons.find(found.do, 'id')}"
    assert not re.search(r"\b(samples|since|of|wait|waits|refused|dropped|it|is|the)\b", read)


def test_the_doctor_shows_no_secret_and_asks_nobody_where_none_is_configured(
    tmp_path: Path,
) -> None:
    with fake.running() as door:
        world = World(tmp_path / "var", door)
        world.put("a")
        world.send()
        shown = replace(world.settings, remote_write_url=f"{door.url}?token=abc")
        (found,) = findings(shown, world.engine, NOW)
        assert found.fine and "1 samples sent" in found.says and "abc" not in found.says
        assert list(findings(Settings(data=world.settings.data), world.engine, NOW)) == []
        world.close()
