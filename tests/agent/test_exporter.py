"""Our own /metrics, as Prometheus would read it."""

import socket
import sys
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from agent.exporter import Exporter
from agent.strict import Refused


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@pytest.mark.slow
def test_the_newest_numbers_are_served() -> None:
    values = {
        "ronda_host_load1": 0.5,
        'ronda_check_up{check="a \\"b\\"",kind="tcp"}': 1.0,
        'ronda_check_up{check="c",kind="tcp"}': None,
        'ronda_uplink_receive_bytes_total{interface="eth0"}': 1e12,
    }
    exporter = Exporter(f"127.0.0.1:{free_port()}", lambda: values)
    try:
        with urllib.request.urlopen(f"http://{exporter.address}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    finally:
        exporter.close()
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples == {
        ("ronda_host_load1",): 0.5,
        ("ronda_check_up", 'a "b"', "tcp"): 1.0,
        ("ronda_uplink_receive_bytes_total", "eth0"): 1e12,
    }


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Refused, match=f"metrics: {address}: Address already in use"):
            Exporter(address, dict)


def test_without_prometheus_client_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # None in sys.modules is how Python itself marks a module that cannot be imported
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(Refused, match=r"pip install 'ronda\[metrics\]'"):
        Exporter("127.0.0.1:1", dict)
