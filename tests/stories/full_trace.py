"""Three villages that reported everything an agent can, for three quarters of an hour.

Names hold what regular expressions would take for their own. One village was slow and down for a
while, one is down; a fourth has no agent. Counters grow unevenly, and one begins anew.
"""

import gzip
import json
import math
import time
from collections.abc import Callable

from sqlalchemy import func, insert, select

from agent.report import layout_id, series
from collector import schema
from collector.db import open_store, reading, writing
from tests.stories.centre import Centre, ask, wait_for

LENGTH_S = 2700
EVERY_S = 60
SITES = """code,name,district,regency,isp,upstream,report_every_s
35.10.71.2001,Sukasari,Kalibaru,Kabupaten Banyuwangi,Icon+,POP Kalibaru,600
35.10.71.2002,Suka (Baru),Kalibaru,Kabupaten Banyuwangi,Telkom,POP Genteng,600
35.10.72.2001,Wonorejo,Songgon (Utara),Kabupaten Banyuwangi,Telkom,POP Genteng,600
35.10.72.2002,Tanpa Agen,Songgon (Utara),Kabupaten Banyuwangi,BUMDes Net,,600
"""
UPLINKS = """site,name,isp,mbps
35.10.71.2001,main,Icon+,50
35.10.71.2002,main,Telkom,50
35.10.72.2001,main,Telkom,20
"""
FIRST, DOWN = "35.10.71.2001", "35.10.72.2001"

# what stands behind a name: seconds since the trace began, and a number of the village, to a value
Value = Callable[[float, int], float]


def wave(mean: float, swing: float) -> Value:
    return lambda t, who: round(mean + swing * math.sin(t / (300 + 40 * who) + who), 4)


def counter(rate: float) -> Value:
    return lambda t, who: float(round(rate * (1 + who) * (t + 40 * math.sin(t / 200))) + 10**9)


def restarted(rate: float) -> Value:
    """It begins anew after half of the time."""
    return lambda t, who: float(round(rate * (1 + who) * ((t + LENGTH_S / 2) % LENGTH_S)))


def flat(value: float) -> Value:
    return lambda t, who: value


def uplink(t: float, who: int) -> float:
    gone = who == 2 and t > LENGTH_S - 300 or who == 0 and 1500 <= t < 1800
    return 0.0 if gone else 1.0


def rtt(t: float, who: int) -> float:
    return 0.42 if who == 0 and 1000 <= t < 1400 else wave(0.03 + 0.01 * who, 0.01)(t, who)


IN_A_YEAR = 1_830_000_000.0
WAN, DISK, CHECK = {"interface": "ether1"}, {"mount": "/"}, {"check": "sideka"}
AP, RADIO = {"ap": "balai", "ssid": "desa"}, {"ap": "balai", "radio": "wlan1"}
DEVICE, UPS, MAIN = {"device": "router"}, {"ups": "kantor"}, {"uplink": "main"}
VALUES: dict[str, Value] = {
    series("ronda_uplink_up", MAIN): uplink,
    series("ronda_uplink_rtt_seconds", {"target": "internet"}): rtt,
    series("ronda_uplink_rtt_seconds", {"target": "gateway"}): wave(0.002, 0.001),
    series("ronda_uplink_jitter_seconds", {"target": "internet"}): wave(0.004, 0.002),
    series("ronda_uplink_loss_ratio", {"target": "internet"}): wave(0.02, 0.02),
    "ronda_uplink_dns_seconds": wave(0.02, 0.01),
    "ronda_uplink_dns_up": flat(1),
    "ronda_uplink_content_ok": flat(1),
    series("ronda_uplink_link_up", WAN): flat(1),
    series("ronda_uplink_optical_rx_dbm", WAN): wave(-22, 1),
    series("ronda_uplink_optical_tx_dbm", WAN): wave(2, 0.1),
    series("ronda_uplink_receive_bytes_total", WAN): counter(200_000),
    series("ronda_uplink_receive_bytes_total", {"interface": "bridge"}): restarted(190_000),
    series("ronda_uplink_transmit_bytes_total", WAN): counter(30_000),
    series("ronda_uplink_receive_errors_total", WAN): counter(0.05),
    series("ronda_uplink_measured_bits_per_second", {**MAIN, "direction": "download"}): wave(
        4e7, 1e6
    ),
    series("ronda_wifi_up", AP): flat(1),
    series("ronda_wifi_clients", AP): lambda t, who: float(round(wave(15, 6)(t, who))),
    series("ronda_wifi_channel_busy_ratio", RADIO): wave(0.4, 0.2),
    series("ronda_wifi_noise_dbm", RADIO): wave(-95, 2),
    series("ronda_wifi_receive_bytes_total", {"ap": "balai"}): counter(20_000),
    series("ronda_wifi_transmit_bytes_total", {"ap": "balai"}): counter(150_000),
    "ronda_hotspot_sessions": lambda t, who: float(round(wave(12, 5)(t, who))),
    series("ronda_hotspot_journey_up", {"step": "portal"}): flat(1),
    series("ronda_dhcp_leases", {"pool": "hotspot"}): lambda t, who: float(round(t / 100)),
    series("ronda_dhcp_leases_used_ratio", {"pool": "hotspot"}): wave(0.5, 0.2),
    series("ronda_check_up", {**CHECK, "kind": "http"}): lambda t, who: float(who != 1 or t < 900),
    series("ronda_check_up", {"check": "internet", "kind": "ping"}): uplink,
    series("ronda_check_duration_seconds", CHECK): wave(0.3, 0.1),
    series("ronda_check_http_status_code", CHECK): flat(200),
    series("ronda_check_certificate_expiry_timestamp_seconds", CHECK): flat(IN_A_YEAR),
    series("ronda_check_domain_expiry_timestamp_seconds", {"check": "domain"}): flat(IN_A_YEAR),
    series("ronda_check_quota_used_ratio", {"check": "awan"}): wave(0.6, 0.01),
    "ronda_host_cpu_ratio": wave(0.2, 0.1),
    "ronda_host_load1": wave(0.5, 0.3),
    "ronda_host_memory_used_ratio": wave(0.4, 0.02),
    series("ronda_host_disk_used_ratio", DISK): wave(0.3, 0.001),
    series("ronda_host_inodes_used_ratio", DISK): wave(0.1, 0.001),
    series("ronda_host_filesystem_readonly", DISK): flat(0),
    "ronda_host_temperature_celsius": wave(50, 5),
    "ronda_host_boot_timestamp_seconds": flat(1_790_000_000),
    series("ronda_device_up", DEVICE): flat(1),
    series("ronda_device_cpu_ratio", DEVICE): wave(0.3, 0.1),
    series("ronda_device_memory_used_ratio", DEVICE): wave(0.5, 0.1),
    series("ronda_device_temperature_celsius", DEVICE): wave(45, 5),
    series("ronda_device_uptime_seconds", DEVICE): lambda t, who: 90_000.0 + t,
    series("ronda_power_on_mains", UPS): flat(1),
    series("ronda_power_battery_ratio", UPS): wave(0.9, 0.05),
    series("ronda_power_runtime_seconds", UPS): wave(2400, 300),
    "ronda_agent_spool_entries": flat(0),
    "ronda_agent_spool_dropped_total": counter(0.01),
    "ronda_agent_resident_bytes": wave(15e6, 1e5),
    # counted by the collector where beacons come; an agent may say it
    "ronda_beacon_loss_ratio": wave(0.02, 0.01),
}
NAMES = list(VALUES)


# states of the past, by seconds since an hour ago; a centre tells none of before it knew a site
PAST = {
    FIRST: [
        (0, "unknown"),
        (900, "normal"),
        (1900, "slow"),
        (2300, "normal"),
        (2400, "down"),
        (2700, "normal"),
    ],
    "35.10.71.2002": [(0, "normal")],
    DOWN: [(0, "normal")],
    "35.10.72.2002": [(0, "unknown")],
}


def report_all(centre: Centre) -> None:
    """Make the villages, and have each send all it has."""
    for kind, text in (("sites", SITES), ("uplinks", UPLINKS)):
        listing = centre.folder.parent / f"{kind}.csv"
        listing.write_text(text)
        centre.ask(kind, "import", str(listing))
    codes = {row["site"]: row["code"] for row in centre.ask("sites", "codes")}
    end = time.time()
    for who, site in enumerate(sorted(codes)[:3]):
        _send(centre, codes[site], site, who, end)
    _remember(centre, end - 3600)


def _remember(centre: Centre, start: float) -> None:
    """What the states of the hour would be, had the centre been there."""
    store = open_store(centre.settings)
    begun = select(schema.states.c.site, func.min(schema.states.c.since)).group_by("site")

    def first() -> dict[str, float]:
        with reading(store) as connection:
            return {site: since for site, since in connection.execute(begun)}

    untils = wait_for("states", lambda: first() if first().keys() == PAST.keys() else None)
    rows = [
        {"site": site, "since": start + at, "until": end, "state": state, "rev": 0}
        for site, told in PAST.items()
        for (at, state), end in zip(
            told, [*(start + at for at, _ in told[1:]), untils[site]], strict=True
        )
    ]
    with writing(store) as connection:
        connection.execute(insert(schema.states), rows)
    store.dispose()


def _send(centre: Centre, code: str, site: str, who: int, end: float) -> None:
    enrolment = {"code": code, "name": site, "boot": "b", "nonce": f"n-{site}", "host_keys": []}
    url = centre.ingest_url
    status, answer = ask("POST", f"{url}/api/v1/enrol", json.dumps(enrolment).encode())
    assert status == 200, answer
    boot_at, layout = end - 90_000, layout_id(NAMES)
    # each at another place within the minute, never at its beginning
    last = end // EVERY_S * EVERY_S - 17.3 + 1.7 * who
    frames = [
        {
            "n": n,
            "at": round(at := last - LENGTH_S + n * EVERY_S, 3),
            "up": round(at - boot_at, 3),
            "layout": layout,
            "values": [value(n * EVERY_S, who) for value in VALUES.values()],
        }
        for n in range(1, LENGTH_S // EVERY_S + 1)
    ]
    now = time.time()
    report = {
        "v": 1,
        "spool": f"s{who}",
        "boot": "b",
        "sent_at": now,
        "up": now - boot_at,
        "layouts": {layout: NAMES},
        "frames": frames,
        "findings": [],
        "dropped": 0,
    }
    headers = {"Authorization": f"Bearer {answer['token']}", "Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps(report).encode())
    status, answer = ask("POST", f"{url}/api/v1/reports", body, headers)
    assert status == 200 and not answer["rejected"], answer
    assert not answer["need_layouts"], answer
