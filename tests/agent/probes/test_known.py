"""The known content: the centre itself, an ISP's page in its place, nobody."""

import socket
from pathlib import Path

import pytest

from agent.probes.known import Known
from agent.report import ProbeFailed, Verdict
from agent.strict import Refused, build
from tests.agent.servers import Authority, answers, page, serve

OK = "ronda_uplink_content_ok"
RIGHT = page(b"ronda-known 0a1b2c3d\n")
ISOLIR = page(b"<html><title> Layanan\n diisolir </title>Segera bayar")


@pytest.mark.parametrize(
    ("answer", "content", "verdict", "why"),
    [
        pytest.param(RIGHT, 1, Verdict.GOOD, "", id="right"),
        pytest.param(
            page(b"ronda-known ffffffff"),
            0,
            Verdict.BAD,
            "centre ffffffff answers instead of 0a1b2c3d",
            id="another centre",
        ),
        pytest.param(
            ISOLIR,
            0,
            Verdict.BAD,
            "another page instead of the centre's: Layanan diisolir",
            id="billing page with 200",
        ),
        pytest.param(
            page(b"", "302 Found", "Location: http://isolir.isp.id/bayar\r\n"),
            0,
            Verdict.BAD,
            "sent to http://isolir.isp.id/bayar instead of the centre",
            id="captive redirect",
        ),
        pytest.param(
            page(b"oops", "502 Bad Gateway"),
            None,
            Verdict.UNKNOWN,
            "the centre answers HTTP 502",
            id="centre unwell",
        ),
    ],
)
def test_content_is_judged(
    answer: bytes, content: float | None, verdict: Verdict, why: str
) -> None:
    with serve(answers(answer)) as server:
        probe = Known("known", f"http://127.0.0.1:{server.port}/known", "0a1b2c3d", timeout_s=2)
        reading = probe.measure({})
    assert (reading.values, reading.verdict, reading.reason) == ({OK: content}, verdict, why)


def test_a_centre_that_is_away_says_nothing_about_the_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    reading = Known("known", f"http://127.0.0.1:{port}/known").measure({})
    assert (reading.values, reading.verdict) == ({OK: None}, Verdict.UNKNOWN)
    assert reading.reason.startswith("the centre cannot be reached: ")


def test_a_stranger_on_the_tls_port_of_the_centre_is_wrong_content(tmp_path: Path) -> None:
    ours, theirs = Authority(), Authority()
    for authority, content in ((ours, 1.0), (theirs, 0.0)):
        with serve(answers(RIGHT), context=authority.context(tmp_path)) as server:
            url = f"https://localhost:{server.port}/known"
            assert Known("known", url, ca=ours.pem).measure({}).values == {OK: content}


def test_without_a_collector_there_is_nothing_to_ask() -> None:
    with pytest.raises(ProbeFailed, match="no collector"):
        Known("known").measure({})


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"url": "centre"}, "url: expected http"),
        ({"centre": "xyz"}, "centre: must be 8 hex digits"),
        ({"ca": "x"}, "ca: not a certificate"),
        ({"timeout_s": 0}, "timeout_s: must be"),
    ],
)
def test_bad_settings_are_refused_by_place(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        build(Known, {"name": "known", **table})
