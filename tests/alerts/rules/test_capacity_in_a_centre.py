"""A line measured for real over a slow and a fast socket: the rule fires, and ends."""

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import insert

from agent.around import KEY, Around
from agent.probes.capacity import Capacity
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

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"
RATE = 'ronda_uplink_measured_bits_per_second{direction="download",uplink="main"}'
# what the slow file comes with: 100 kB each 0.1 s
SLOW_MBPS = 8.0


class Line(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500000")
        self.end_headers()
        for _ in range(5):
            time.sleep(0.1 if self.path == "/slow" else 0)
            self.wfile.write(os.urandom(100_000))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def measured(url: str) -> float:
    """What the agent's probe reads."""
    probe = Capacity("capacity", url, contract_mbps=2 * SLOW_MBPS + 4)
    value = probe.measure({KEY: Around(by_hand=True)}).values[RATE]
    assert value is not None
    return value


def test_the_rule_fires_from_a_real_reading_and_ends_with_the_next(
    store_settings: Settings, url: str
) -> None:
    migrated(store_settings)
    store, history = open_store(store_settings), open_history(store_settings)
    columns = Columns(history)
    ids = columns.give([RATE])
    with writing(history) as connection:
        columns.save(connection)
    writer = WindowWriter.open(store_settings.window, 120, 1, {}, boot="a")
    small = Small(store_settings, store, history, writer, ids)
    small.site(0, SITE, "Sarimulyo")
    small.state(SITE, "normal", START)
    with writing(store) as connection:
        row = {"site": SITE, "name": "main", "mbps": 2 * SLOW_MBPS + 4}
        connection.execute(insert(schema.uplinks), [row])
    centre = Centre(store_settings, store, history)
    small.put(0, START + 60, measured(f"{url}/slow"))
    assert firing(centre, START + 70) == [("Sarimulyo", "main")]
    small.put(0, START + 120, measured(f"{url}/fast"))
    assert firing(centre, START + 130) == []
    writer.close()
    store.dispose()
    history.dispose()


def firing(centre: Centre, at: float) -> list[tuple[str, str]]:
    source = query_source(centre)
    rule = next(rule for rule in load("/nowhere").rules if rule.name == "UplinkBelowContract")
    value = ask(Ask(rule.expr, round(at * 1000), round(at * 1000)), source, Limits(), source.words)
    assert isinstance(value.value, Vector)
    rows = [value.value.labels.row(row) for row in range(len(value.value))]
    return [(row["village"], row["uplink"]) for row in rows]
