"""The OpenWrt agent sets a clock that is certainly wrong, and no other, by a word that can be."""

from pathlib import Path

import pytest

from agent.clock import BUILT
from tests.agent.micro.device import Device
from tests.agent.micro.test_looks import page

NOW = int(BUILT) + 40 * 86400
MEND = "mend_clock && echo mended || echo left\nwall\n"


@pytest.fixture
def device(tmp_path: Path) -> Device:
    made = Device(tmp_path / "device")
    made.with_curl()
    made.set_clock(86400.0)
    return made


def heard(device: Device, words: str, clock: int) -> str:
    """What it says of its clock, which must then show this time; it goes on while it is asked."""
    word, seconds = device.part(f"{words}\n{MEND}").split()
    assert clock <= int(seconds) < clock + 60
    return word


HINTS = {
    "the centre's word": (f'{{"status":"ok","time":{NOW}}}', ("mended", NOW)),
    "no word": ("<html>", ("left", 86400)),
    "before this release": ('{"time":1000000}', ("left", 86400)),
    "too far": ('{"time":9999999999}', ("left", 86400)),
    "far too far": ('{"time":99999999999999999999}', ("left", 86400)),
}


@pytest.mark.parametrize(("text", "said"), HINTS.values(), ids=HINTS)
def test_a_hint_is_taken_where_it_can_be_true(
    device: Device, text: str, said: tuple[str, int]
) -> None:
    word, clock = said
    with page(200, text) as url:
        assert heard(device, f"URL={url}\nNTP=\nmkdir -p $RUN/said", clock) == word


def test_a_hint_older_than_the_centres_last_word_is_not_taken(device: Device) -> None:
    with page(200, f'{{"time":{NOW}}}') as url:
        assert heard(device, f"URL={url}\nNTP=\nLEARNED={NOW + 7200}", 86400) == "left"


def test_ntp_by_address_is_asked_first(device: Device) -> None:
    device.put("ntpd", f'#!/bin/sh\necho "$*" >>{device.folder}/asked\ndate -s @{NOW}\n')
    words = "URL=http://127.0.0.1:1\nNTP='192.0.2.1 192.0.2.2'"
    assert heard(device, words, NOW) == "mended"
    assert (device.folder / "asked").read_text() == "-n -q -p 192.0.2.1\n"


def test_a_clock_that_may_be_right_is_left_alone(device: Device) -> None:
    """Whoever stands in the line with a certificate of his own must not move it."""
    device.set_clock(NOW)
    with page(200, f'{{"time":{NOW + 90_000}}}') as url:
        assert heard(device, f"URL={url}\nNTP=\nLEARNED={NOW + 5}", NOW) == "left"


def test_it_is_tried_once_in_ten_minutes(device: Device) -> None:
    device.put("ntpd", f"#!/bin/sh\necho x >>{device.folder}/asked\n")
    device.part(f"URL=http://127.0.0.1:1\nNTP=192.0.2.1\n{MEND}{MEND}")
    assert (device.folder / "asked").read_text() == "x\n"
