"""What a month of reports costs is counted by connections, bodies and looks beyond the village."""

from typing import Any

import pytest

from collector.micro import traffic
from collector.micro.traffic import cost

EACH = traffic.PACKETS_BYTES + traffic.TALK_BYTES
CLOSED = EACH + traffic.HANDSHAKE_BYTES
CHAINS = {
    "plain": (False, 0, EACH),
    "plain, whatever the file holds": (False, 900, EACH),
    "own authority": (True, 900, CLOSED + 900),
    "a proxy's": (True, 0, CLOSED + traffic.USUAL_CHAIN_BYTES),
}


@pytest.mark.parametrize(("closed", "chain", "bytes"), CHAINS.values(), ids=CHAINS)
def test_each_report_is_a_connection(closed: bool, chain: int, bytes: int) -> None:
    found = cost("x" * 100, closed, chain, (), 300)
    assert (found.report, found.reports, found.looks) == (bytes + 100, 8640, 0)
    assert found.month == 8640 * (bytes + 100)


LOOKS: dict[str, tuple[dict[str, Any], int]] = {
    "gateway": ({"kind": "ping", "host": "gateway"}, 0),
    "in the village": ({"kind": "ping", "host": "192.168.1.5"}, 0),
    "a name of the village": ({"kind": "tcp", "host": "printer", "port": 1}, 0),
    "a page of the village": ({"kind": "http", "url": "http://10.0.0.1:8080/a"}, 0),
    "beyond": ({"kind": "ping", "host": "1.1.1.1"}, 588 * 43200),
    "beyond, seldom": ({"kind": "ping", "host": "1.1.1.1", "every_s": 300}, 588 * 8640),
    "a page beyond": ({"kind": "http", "url": "https://a.go.id/x"}, 2500 * 43200),
    "a page beyond, by address": (
        {"kind": "http", "url": "https://[2606:4700::1]:8/x"},
        108_000_000,
    ),
    "the centre": ({"kind": "known", "every_s": 1800}, EACH * 1440),
    "the machine": ({"kind": "host"}, 0),
}


@pytest.mark.parametrize(("check", "bytes"), LOOKS.values(), ids=LOOKS)
def test_looks_count_that_leave_the_village(check: dict[str, Any], bytes: int) -> None:
    assert cost("", False, 0, [{"name": "a", **check}], 300, 60).looks == bytes


def test_a_script_that_looks_with_each_report_looks_as_often() -> None:
    check = {"name": "a", "kind": "ping", "host": "1.1.1.1"}
    assert cost("", False, 0, [check], 300).looks == 588 * 8640


def test_a_file_without_certificates_holds_none() -> None:
    assert traffic.chain_bytes("nothing") == 0
