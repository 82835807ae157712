"""What Windows prints and what its kernel says, read whatever its language."""

from typing import Any

import pytest

from agent.kernel32 import Kernel
from agent.probes import windows
from agent.probes.system import Output
from agent.report import ProbeFailed
from tests.agent.windows.as_windows import Kernel32

ENGLISH = """
Pinging dns.google [8.8.8.8] with 32 bytes of data:
Reply from 8.8.8.8: bytes=32 time=18ms TTL=117
Reply from 8.8.8.8: bytes=32 time=1234ms TTL=117
Request timed out.

Ping statistics for 8.8.8.8:
    Packets: Sent = 3, Received = 2, Lost = 1 (33% loss),
Approximate round trip times in milli-seconds:
    Minimum = 18ms, Maximum = 1234ms, Average = 626ms
"""
INDONESIAN = """
Melakukan ping ke 192.168.1.1 dengan 32 byte data:
Balasan dari 192.168.1.1: byte=32 waktu<1md TTL=64
Balasan dari 192.168.1.1: byte=32 waktu=2md TTL=64

Statistik ping untuk 192.168.1.1:
    Paket: Terkirim = 2, Diterima = 2, Hilang = 0 (0% hilang),
"""
FRENCH_SPACES = """
Réponse de 10.0.0.1 : octets=32 temps=3 ms TTL=255
    Paquets : envoyés = 1, reçus = 1, perdus = 0 (perte 0%),
"""
SIX = """
Pinging ::1 with 32 bytes of data:
Reply from ::1: time<1ms
Reply from fe80::1%11: time=4ms
    Packets: Sent = 2, Received = 2, Lost = 0 (0% loss),
"""
UNREACHABLE = """
Reply from 192.168.1.20: Destination host unreachable.
Reply from 10.1.1.1: TTL expired in transit.
    Packets: Sent = 2, Received = 2, Lost = 0 (0% loss),
"""


@pytest.mark.parametrize(
    ("text", "sent", "times"),
    [
        pytest.param(ENGLISH, 3, [0.018, 1.234], id="English, one lost"),
        pytest.param(INDONESIAN, 2, [0.0005, 0.002], id="Indonesian, below a millisecond"),
        pytest.param(FRENCH_SPACES, 1, [0.003], id="spaces between number and unit"),
        pytest.param(SIX, 2, [0.0005, 0.004], id="IPv6 says no TTL"),
        pytest.param(UNREACHABLE, 2, [], id="a router's word is no answer"),
    ],
)
def test_answers_are_counted_in_any_language(text: str, sent: int, times: list[float]) -> None:
    for out in (text, text.replace("\n", "\r\n")):
        assert windows.read_ping(Output(0, out, "")) == (sent, times)


def test_a_ping_that_sent_nothing_is_no_bad_news() -> None:
    said = "PING: transmit failed. General failure.\r\n"
    with pytest.raises(ProbeFailed, match="ping sent nothing: PING: transmit failed"):
        windows.read_ping(Output(1, said, ""))
    assert windows.read_ping(Output(-1, "Pinging\r\n", "", late=True)) == (0, [])


TABLE = """
IPv4 Route Table
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0      192.168.1.1    192.168.1.20     35
{more}
Persistent Routes:
  Network Address          Netmask  Gateway Address  Metric
          0.0.0.0          0.0.0.0         10.9.9.9       1
"""


@pytest.mark.parametrize(
    ("more", "way"),
    [
        ("", "192.168.1.1"),
        ("          0.0.0.0          0.0.0.0        10.0.0.1      10.0.0.20     25", "10.0.0.1"),
        ("          0.0.0.0        128.0.0.0        10.0.0.1      10.0.0.20      5", "192.168.1.1"),
    ],
    ids=["one", "the cheaper one", "half the world is no default"],
)
def test_the_gateway_is_the_cheapest_default_route(more: str, way: str) -> None:
    assert windows.read_gateway(TABLE.format(more=more)) == way


def test_a_line_without_a_gateway_is_not_pinged() -> None:
    line = "          0.0.0.0          0.0.0.0  Pada tautan     100.64.3.2     20"
    with pytest.raises(ProbeFailed, match="no gateway address"):
        windows.read_gateway(TABLE.format(more=line))
    assert windows.read_gateway("Tidak Ada\r\n") is None


def test_figures_are_those_of_the_kernel() -> None:
    memory: dict[str, Any] = {}
    kernel = Kernel(Kernel32())
    first = windows.figures(memory, 1_000_000.0, kernel)
    assert first["ronda_host_cpu_ratio"] is None
    second = windows.figures(memory, 1_000_001.0, kernel)
    assert second == {
        "ronda_host_cpu_ratio": 0.25,
        "ronda_host_memory_used_ratio": 0.75,
        "ronda_host_boot_timestamp_seconds": 956_800.0,
        'ronda_host_disk_used_ratio{mount="C:"}': 0.75,
    }


def test_a_disk_that_does_not_answer_is_unknown_and_costs_no_others() -> None:
    library = Kernel32()
    library.GetDriveTypeW = lambda root: 3
    library.GetDiskFreeSpaceExW = lambda *words: 0
    values = windows.figures({}, 0.0, Kernel(library))
    assert {k: v for k, v in values.items() if "disk" in k} == {
        'ronda_host_disk_used_ratio{mount="C:"}': None,
        'ronda_host_disk_used_ratio{mount="D:"}': None,
    }
    assert values["ronda_host_memory_used_ratio"] == 0.75
