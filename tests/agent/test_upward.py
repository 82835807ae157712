"""The way up of a whole centre: frames of what it is given, findings of what it cannot be given."""

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.identity import Home, Identity
from agent.strict import Refused
from agent.upward import Told, Upward, wait_until_enrolled
from tests.agent.fake_collector import FakeCollector

SITES = 'ronda_centre_sites{area="35.10",state="normal"}'


class Below:
    """What a centre tells, set by hand; `asked` are the notes it was asked with."""

    def __init__(self) -> None:
        self.told = Told({SITES: 217.0}, notes={"hour": 1})
        self.asked: list[Mapping[str, Any]] = []

    def __call__(self, notes: Mapping[str, Any]) -> Told:
        self.asked.append(dict(notes))
        return self.told


@pytest.fixture
def below() -> Below:
    return Below()


def enrolled(folder: Path, centre: FakeCollector) -> str:
    home = Home(str(folder))
    home.make()
    home.keep_identity(Identity(url=centre.url, agent="7", token="token-1", site="35.10"))
    home.keep_config({"report_every_s": 60, "checks": [{"name": "x", "kind": "future"}]}, "c1")
    return str(folder)


class Hands:
    """A way up whose time moves by hand."""

    def __init__(self, folder: Path, centre: FakeCollector, below: Below) -> None:
        self.now = 1000.0
        self.way = Upward(
            enrolled(folder, centre), below, steady=lambda: self.now, dice=lambda: 0.5
        )

    def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.way.round()
            while self.way.sender.step() <= self.now:
                pass
            self.now += 5


MakeHands = Callable[[], Hands]


@pytest.fixture
def begin(tmp_path: Path, centre: FakeCollector, below: Below) -> Iterator[MakeHands]:
    """Begins the way up on the same folder, each time after the one before has ended."""
    made: list[Hands] = []

    def make() -> Hands:
        if made:
            made.pop().way.close()
        made.append(Hands(tmp_path, centre, below))
        return made[0]

    yield make
    for hands in made:
        hands.way.close()


def test_a_frame_each_interval_with_whole_numbers(
    begin: MakeHands, centre: FakeCollector, below: Below
) -> None:
    hands = begin()
    hands.pass_(300)
    frames = [f for report in centre.reports for f in report["frames"]]
    assert 5 <= len(frames) <= 6
    assert {tuple(frame["values"]) for frame in frames} == {(217,)}
    assert centre.layouts[frames[0]["layout"]] == [SITES]
    (finding,) = [f for report in centre.reports for f in report["findings"]]
    assert (finding["check"], finding["verdict"]) == ("centre", "good")
    # nobody is to wait for beacons of it
    first = next(said for said in centre.requests if said.path == "/api/v1/reports")
    assert first.headers["x-ronda-beacon"] == "off"


def test_what_cannot_be_worked_out_is_unknown_once_and_null_each_time(
    begin: MakeHands, centre: FakeCollector, below: Below
) -> None:
    hands = begin()
    hands.pass_(120)
    below.told = Told(reason="the engine of the centre does not fold")
    hands.pass_(180)
    frames = [f for report in centre.reports for f in report["frames"]]
    assert [frame["values"] for frame in frames[-2:]] == [[None], [None]]
    found = [f for report in centre.reports for f in report["findings"]]
    assert [(f["verdict"], f["reason"]) for f in found] == [
        ("good", ""),
        ("unknown", "the engine of the centre does not fold"),
    ]


def test_notes_come_back_after_a_restart_and_go_with_no_frame_that_failed(
    begin: MakeHands, centre: FakeCollector, below: Below
) -> None:
    hands = begin()
    hands.pass_(10)
    below.told = Told(reason="no")
    hands.pass_(60)
    hands.way.spool.flush(hands.now)
    again = begin()
    again.pass_(5)
    assert below.asked[0] == {}
    assert below.asked[-1] == {"hour": 1}


def test_how_it_goes_is_told_without_the_token(
    begin: MakeHands, centre: FakeCollector, below: Below
) -> None:
    hands = begin()
    hands.pass_(70)
    told = hands.way.status()
    assert (told["waiting"], told["dropped"], told["trouble"]) == (0, 0, "")
    assert told["reported_at"] is not None
    assert "token-1" not in str(told)
    centre.tokens = set()
    hands.pass_(300)
    assert "401" in hands.way.status()["trouble"]


def test_two_processes_do_not_share_a_folder_and_nobody_begins_unenrolled(
    tmp_path: Path, begin: MakeHands, below: Below
) -> None:
    with pytest.raises(Refused, match="not enrolled"):
        Upward(str(tmp_path / "other"), below)
    hands = begin()
    with pytest.raises(Refused, match="another agent"):
        Upward(hands.way.spool.folder.removesuffix("/spool"), below)


def test_it_waits_until_somebody_enrols_it(tmp_path: Path, centre: FakeCollector) -> None:
    stop = threading.Event()
    stop.set()
    assert wait_until_enrolled(str(tmp_path / "new"), stop) is False
    assert wait_until_enrolled(enrolled(tmp_path, centre), threading.Event()) is True
