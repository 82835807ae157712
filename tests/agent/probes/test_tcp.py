"""Ports that accept, greet, keep silent and refuse."""

import socket

import pytest

from agent.probes.tcp import Tcp
from agent.report import Verdict
from agent.strict import Refused, build
from tests.agent.servers import Line, serve


def says(text: bytes) -> Line:
    def line(connection: socket.socket) -> None:
        connection.sendall(text)
        connection.recv(1)

    return line


@pytest.mark.parametrize(
    ("greeting", "banner", "verdict", "why"),
    [
        pytest.param(b"", "", Verdict.GOOD, "", id="accepting is enough"),
        pytest.param(b"220 mail.desa.id ESMTP\r\n", "220 ", Verdict.GOOD, "", id="right greeting"),
        pytest.param(
            b"SSH-2.0-x\r\n",
            "220 ",
            Verdict.BAD,
            "greets with 'SSH-2.0-x', not '220 '",
            id="another greeting",
        ),
        pytest.param(b"", "220 ", Verdict.BAD, "accepts but says nothing", id="silence"),
        pytest.param(b"x" * 9000, "220 ", Verdict.BAD, "greets with", id="too much"),
    ],
)
def test_a_port_is_judged_by_its_greeting(
    greeting: bytes, banner: str, verdict: Verdict, why: str
) -> None:
    with serve(says(greeting)) as server:
        reading = Tcp("t", "127.0.0.1", server.port, banner, timeout_s=0.3).measure({})
    assert reading.verdict is verdict
    assert why in reading.reason


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    reading = Tcp("t", "127.0.0.1", port).measure({})
    assert reading.verdict is Verdict.BAD
    assert reading.reason == f"127.0.0.1:{port} refuses the connection"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"host": "", "port": 1}, "host: not a host"),
        ({"host": "a", "port": 0}, "port: must be 1 to 65535"),
        ({"host": "a", "port": True}, "port: expected a whole number"),
        ({"host": "a", "port": 1, "timeout_s": 0}, "timeout_s: must be 0.1 to 30"),
        ({"host": "a", "port": 1, "banner": "x" * 201}, "banner: must be 200"),
    ],
)
def test_bad_settings_are_refused_by_place(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        build(Tcp, {"name": "t", **table})
