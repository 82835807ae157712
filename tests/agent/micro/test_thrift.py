"""The OpenWrt agent keeps within the bytes that its site may use in a day, as any agent does."""

from pathlib import Path

import pytest

from agent.allowance import Thrift, every_s, thrift
from tests.agent.micro.device import Device

MOST = 1_000_000


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "device")


@pytest.mark.parametrize("report_s", [10, 60, 120, 300, 600, 3600])
@pytest.mark.parametrize("part", [0, 0.79, 0.8, 0.99, 1, 1.24, 1.25, 3])
def test_it_slows_down_as_the_other_agent_does(device: Device, part: float, report_s: int) -> None:
    used = round(MOST * part)
    text = (
        f"mkdir -p $RUN/said; MOST_KB={MOST // 1000} SPENT={used} REPORT_S={report_s}\n"
        'pace; echo "$THRIFT $PACE_S"\n'
    )
    state = thrift(used, MOST)
    assert device.part(text).split() == [str(state.value), f"{every_s(state, report_s):.0f}"]
    assert (state is Thrift.FREE) == (not device.said)


def test_without_a_bound_nothing_is_counted(device: Device) -> None:
    said = device.part("SPENT=0 REPORT_S=60 STATUS=200\nspend 99; spend_on; pace; echo $SPENT\n")
    assert said == "0\n" and not (device.run / "spent").exists()


LOOKS = {
    "ping gateway": 0,
    "ping 192.168.1.1": 0,
    "ping 8.8.8.8": 588,
    "ping 172.20.0.1": 0,
    "ping 172.32.0.1": 588,
    "tcp nas": 0,
    "http http://10.0.0.1/a": 0,
    "http https://desa.example.id/a": 2500,
    "known 3cd9b9c7": 6000,
    "dns a.id": 0,
}


@pytest.mark.parametrize(("look", "bytes"), LOOKS.items(), ids=LOOKS)
def test_looks_that_leave_the_village_count(device: Device, look: str, bytes: int) -> None:
    text = f"MOST_KB=1000 SPENT=0 COSTS=6000\nspend_on_look {look}\necho $SPENT\n"
    assert device.part(text) == f"{bytes}\n"


def test_only_what_reached_somebody_counts_and_outlasts_a_restart(device: Device) -> None:
    text = (
        "MOST_KB=1000 COSTS=6000 REPORT_S=60; mkdir -p $RUN/said; thrift_begin\n"
        "printf 12345 >$RUN/body; printf 123 >$SCRATCH/answer\n"
        "STATUS=000 BADCERT=; spend_on $RUN/body\n"
        "STATUS=200; spend_on $RUN/body; STATUS=000 BADCERT=1; spend_on\n"
        "SPENT=0; thrift_begin; echo $SPENT\n"
    )
    assert device.part(text) == f"{6000 + 5 + 3 + 6000 + 3}\n"


def test_the_day_turns_at_the_sites_midnight_by_the_centres_word(device: Device) -> None:
    turn = "LEARNED={at}; turn_day; printf '%s ' $SPENT\n"
    times = (1795301555, 1795301555 + 3600, 1795366799, 1795366800)
    text = "MOST_KB=9 SPENT=7 DAY= AHEAD_S=25200\n"
    assert device.part(text + "".join(turn.format(at=at) for at in times)).split() == [
        "7", "7", "7", "0",
    ]  # fmt: skip


def test_the_past_waits_from_half_of_a_day_on(device: Device) -> None:
    text = "MOST_KB=1000\nfor SPENT in 499999 500000; do spares_the_past && echo $SPENT; done; :\n"
    assert device.part(text) == "500000\n"
