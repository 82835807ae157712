"""The default rules asked of a real centre: each can be evaluated, and the right ones answer."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from alerts.rules.loading import load
from collector import schema
from collector.db import open_history, open_store, writing
from collector.promql.limits import Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.promql.vectors import Vector
from collector.series.layouts import Columns
from collector.series.window import WindowWriter
from collector.settings import Settings
from tests.collector.promql.conftest import START, Small
from tests.stores import migrated

SITE = "35.10.06.2005"
NUMBERS = {
    'ronda_uplink_up{uplink="main"}': 1.0,
    'ronda_uplink_up{uplink="4g"}': 0.0,
    'ronda_uplink_rtt_seconds{target="internet"}': 0.5,
    'ronda_uplink_loss_ratio{target="internet"}': 0.2,
    'ronda_uplink_measured_bits_per_second{direction="download",uplink="main"}': 10e6,
    'ronda_uplink_measured_bits_per_second{direction="upload",uplink="main"}': 10e6,
    'ronda_uplink_optical_rx_dbm{device="router",interface="sfp1"}': -28.0,
    'ronda_uplink_optical_rx_dbm{device="router",interface="sfp2"}': -28.0,
    'ronda_check_up{check="opensid",kind="http"}': 0.0,
    'ronda_check_up{check="gateway",kind="ping"}': 1.0,
    'ronda_hotspot_journey_up{step="dhcp"}': 1.0,
    'ronda_hotspot_journey_up{step="portal"}': 0.0,
    'ronda_hotspot_journey_up{step="login"}': 0.0,
    'ronda_wifi_up{ap="pendopo",ssid="desa"}': 0.0,
    'ronda_device_up{device="pendopo"}': 0.0,
    'ronda_device_up{device="router"}': 0.0,
    'ronda_host_disk_used_ratio{mount="/"}': 0.95,
}
FIRING = {
    "UplinkLineDown", "UplinkSlow", "UplinkLossy", "UplinkBelowContract", "UplinkOpticalLow",
    "ServiceDown", "HotspotJourneyBroken", "AccessPointDown", "DeviceMissing", "DiskFull",
}  # fmt: skip


@pytest.fixture
def centre(store_settings: Settings) -> Iterator[Centre]:
    """Two villages: one with all that is wrong, one of which nothing is known."""
    migrated(store_settings)
    store, history = open_store(store_settings), open_history(store_settings)
    columns = Columns(history)
    ids = columns.give(list(NUMBERS))
    with writing(history) as connection:
        columns.save(connection)
    writer = WindowWriter.open(store_settings.window, 120, 2, {}, boot="a")
    small = Small(store_settings, store, history, writer, ids)
    small.site(0, SITE, "Sarimulyo")
    small.site(1, "35.09.01.2001", "Kencong")
    small.state(SITE, "slow", START)
    small.state("35.09.01.2001", "unknown", START)
    with writing(store) as connection:
        rows = [{"site": SITE, "name": "main", "mbps": 150.0}]
        rows += [{"site": SITE, "name": "router/sfp1", "mbps": None}]
        connection.execute(insert(schema.uplinks), rows)
    small.put(0, START + 600, *NUMBERS.values())
    yield Centre(store_settings, store, history)
    writer.close()
    store.dispose()
    history.dispose()


def test_every_rule_is_asked_and_the_right_ones_answer(centre: Centre) -> None:
    source = query_source(centre)
    found: dict[str, list[dict[str, str]]] = {}
    for rule in load("/nowhere").rules:
        at_ms = round((START + 610) * 1000)
        value = ask(Ask(rule.expr, at_ms, at_ms), source, Limits(), source.words).value
        assert isinstance(value, Vector)
        if rows := [value.labels.row(row) for row in range(len(value))]:
            found[rule.name] = rows
    assert set(found) == FIRING
    assert {row["village"] for rows in found.values() for row in rows} == {"Sarimulyo"}
    assert {name: len(rows) for name, rows in found.items() if len(rows) > 1} == {}
    assert found["HotspotJourneyBroken"][0]["step"] == "portal"
    assert found["DeviceMissing"][0]["device"] == "router"
    assert found["UplinkOpticalLow"][0]["interface"] == "sfp1"
