"""What one frame says of its site, by tables."""

import numpy as np
import pytest

from collector.judge import Code, Sign, Thresholds, columns, explain, judge, signs
from tests.each import for_each

UP = 'ronda_uplink_up{uplink="main"}'
BACKUP = 'ronda_uplink_up{uplink="4g"}'
GATEWAY_RTT = 'ronda_uplink_rtt_seconds{target="gateway"}'
RTT = 'ronda_uplink_rtt_seconds{target="1.1.1.1"}'
RTT2 = 'ronda_uplink_rtt_seconds{target="8.8.8.8"}'
LOSS = 'ronda_uplink_loss_ratio{target="1.1.1.1"}'
LOSS2 = 'ronda_uplink_loss_ratio{target="8.8.8.8"}'

FRAMES = {
    "reports": ({"ronda_host_load1": 3.0}, Code.NORMAL, ""),
    "uplink works": ({UP: 1.0}, Code.NORMAL, ""),
    "uplink dead": ({UP: 0.0}, Code.DOWN, "no uplink works"),
    "uplink not measured": ({UP: None}, Code.NORMAL, ""),
    "both dead": ({UP: 0.0, BACKUP: 0.0}, Code.DOWN, "no uplink works: 4g, main"),
    "one dead, one not measured": ({UP: 0.0, BACKUP: None}, Code.DOWN, "no uplink works"),
    "on backup": ({UP: 0.0, BACKUP: 1.0}, Code.SLOW, "on the backup uplink"),
    "backup dead": ({UP: 1.0, BACKUP: 0.0}, Code.NORMAL, ""),
    "loss": ({UP: 1.0, LOSS: 0.4}, Code.SLOW, "40% of packets are lost"),
    "loss at the threshold": ({LOSS: 0.1}, Code.NORMAL, ""),
    "the best target counts": ({LOSS: 0.9, LOSS2: 0.0}, Code.NORMAL, ""),
    "rtt": ({RTT: 0.5, RTT2: None}, Code.SLOW, "answers take 500 ms"),
    "the gateway does not count beside others": ({GATEWAY_RTT: 0.9, RTT: 0.02}, Code.NORMAL, ""),
    "the gateway counts alone": ({GATEWAY_RTT: 0.9}, Code.SLOW, "answers take 900 ms"),
    "a target that refuses pings": ({UP: 1.0, LOSS: 1.0}, Code.NORMAL, ""),
    "nothing answers and nobody says that it works": (
        {LOSS: 1.0},
        Code.SLOW,
        "100% of packets are lost",
    ),
    "down wins over slow": ({UP: 0.0, LOSS: 1.0}, Code.DOWN, "no uplink works"),
    "a dead service": ({'ronda_check_up{check="a",kind="http"}': 0.0}, Code.NORMAL, ""),
    "another site's word": ({'ronda_uplink_up{site="x",uplink="main"}': 0.0}, Code.NORMAL, ""),
}


@for_each(("frame", "code", "reason"), FRAMES.values(), ids=FRAMES.keys())
def test_a_frame_is_judged(frame: dict[str, float | None], code: Code, reason: str) -> None:
    where, row = columns(list(frame)), list(frame.values())
    values = np.array([row, row], dtype=np.float64)
    assert judge(values, where, Thresholds()).tolist() == [code, code]
    assert explain(row, where, Thresholds()) == reason


SIGNS = {
    "nothing": ({"ronda_host_load1": 1.0}, Sign(0)),
    "on battery": ({'ronda_power_on_mains{ups="a"}': 0.0}, Sign.ON_BATTERY),
    "on mains": ({'ronda_power_on_mains{ups="a"}': 1.0}, Sign.ON_MAINS),
    "link lost": ({'ronda_uplink_link_up{interface="eth0"}': 0.0}, Sign.LINK_LOST),
    "link kept": ({'ronda_uplink_link_up{interface="eth0"}': 1.0}, Sign.LINK_KEPT),
    "a page of the provider": ({"ronda_uplink_content_ok": 0.0}, Sign.WRONG_CONTENT),
    "no light": ({'ronda_uplink_optical_rx_dbm{interface="x"}': -40.0}, Sign.NO_LIGHT),
    "weak light": ({'ronda_uplink_optical_rx_dbm{interface="x"}': -29.0}, Sign(0)),
    "uplink lost": ({UP: 0.0}, Sign.UPLINK_LOST),
}


@pytest.mark.parametrize(("frame", "sign"), SIGNS.values(), ids=SIGNS.keys())
def test_signs_are_read(frame: dict[str, float], sign: Sign) -> None:
    values = np.array([list(frame.values())])
    assert signs(values, columns(list(frame))).tolist() == [sign]
