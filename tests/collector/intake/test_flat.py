"""Scripts of routers say the same in lines; what they get wrong is told by its key."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.report import Verdict
from agent.strict import Refused
from collector.agents import find_agent
from collector.db import reading, writing
from collector.intake import orders
from collector.intake.flat import Check, Lines, parse_duration, read
from collector.intake.scripts import Script, Translated, translate
from collector.withholding import is_script
from tests import amounts
from tests.collector.intake.test_server import eventually
from tests.each import for_each

# the fixtures' classes live in conftest, which nothing imports
Centre = Any

FLAT = "/api/v1/reports/flat"

DURATIONS = {
    "0": 0.0,
    "86413.5": 86413.5,
    "00:00:07": 7.0,
    "03:04:05": 11045.0,
    "2d03:04:05": 183845.0,
    "1w2d03:04:05": 788645.0,
    "1w2d3h4m5s": 788645.0,
    "2d": 172800.0,
    "1w00:00:00": 604800.0,
    "100w6d23:59:59": 61084799.0,
}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items(), ids=DURATIONS)
def test_uptimes_of_both_kinds_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "-1", "nan", "inf", "1:2:3", "x", "1_000", "3h1w"])
def test_other_uptimes_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


def test_lines_become_checks_and_series() -> None:
    lines = read(
        "seq=7\r\nuptime=1w2d03:04:05\nspool=s1\nboot=b1\nat=1790000000.5\n\n"
        "check.sideka=bad:HTTP 502 from x=y\ncheck.siskeudes = good\ncheck.a.b=unknown:no tool\n"
        'ronda_uplink_rtt_seconds{target="gate=way"}=0.0021\n'
        "ronda_uplink_loss_ratio.target.8.8.8.8=0\n"
        "ronda_wifi_clients.ssid.Balai Desa.ap.kantor=12\n"
        "ronda_host_load1=null\n"
    )
    assert lines == Lines(
        7,
        788645.0,
        "s1",
        "b1",
        1790000000.5,
        [
            Check("sideka", Verdict.BAD, "HTTP 502 from x=y"),
            Check("siskeudes", Verdict.GOOD, ""),
            Check("a.b", Verdict.UNKNOWN, "no tool"),
        ],
        {
            'ronda_uplink_rtt_seconds{target="gate=way"}': 0.0021,
            'ronda_uplink_loss_ratio{target="8.8.8.8"}': 0.0,
            'ronda_wifi_clients{ap="kantor",ssid="Balai Desa"}': 12.0,
            "ronda_host_load1": None,
        },
    )


BAD_KEYS = {
    "cpu=1": ("cpu", "unknown key"),
    "ronda_no_such=1": ("ronda_no_such", "unknown key"),
    "just words": ("just words", "expected key=value"),
    "=5": ("=5", "expected key=value"),
    "ronda_host_load1=high": ("ronda_host_load1", "expected a number, got 'high'"),
    "ronda_host_load1=1e999": ("ronda_host_load1", "expected a number, got '1e999'"),
    "ronda_host_load1=nan": ("ronda_host_load1", "expected a number, got 'nan'"),
    "ronda_host_load1=1_0": ("ronda_host_load1", "expected a number, got '1_0'"),
    "ronda_wifi_up.color.red=1": (
        "ronda_wifi_up.color.red",
        "unknown label color; known are ap, ssid",
    ),
    "ronda_wifi_up.ap=1": ("ronda_wifi_up.ap", "label ap has no value"),
    'ronda_wifi_up{isp="x"}=1': ('ronda_wifi_up{isp="x"}', "unknown label isp; known are ap, ssid"),
    'ronda_wifi_up{ap="x"=1': ('ronda_wifi_up{ap="x"=1', "expected key=value"),
    "check.web=up": ("check.web", "'up' is not one of good, bad, unknown"),
    "check.=good": ("check.", "expected 1 to 100 printable characters after check."),
}


@for_each(("line", "problem"), BAD_KEYS.items(), ids=BAD_KEYS)
def test_a_bad_line_is_named_and_the_others_kept(line: str, problem: tuple[str, str]) -> None:
    lines = read(f"seq=1\nuptime=5\n{line}\nronda_host_cpu_ratio=0.5\n")
    assert lines.problems == [problem]
    assert lines.values == {"ronda_host_cpu_ratio": 0.5}


def test_the_name_of_a_check_may_hold_any_sign() -> None:
    rows = "check.a=b=good\ncheck.c{d=bad:x=good\ncheck.{e}= unknown\n"
    lines = read(f"seq=1\nuptime=2\n{rows}")
    assert [(c.name, str(c.verdict), c.reason) for c in lines.checks] == [
        ("a=b", "good", ""), ("c{d", "bad", "x=good"), ("{e}", "unknown", ""),
    ]  # fmt: skip
    assert lines.problems == []


def test_a_key_that_stands_twice_keeps_its_first_value() -> None:
    lines = read("seq=1\nuptime=5\nronda_wifi_up.ap.a=1\nronda_wifi_up.ap.a=0\n")
    assert lines.values == {'ronda_wifi_up{ap="a"}': 1.0}
    assert lines.problems == [("ronda_wifi_up.ap.a", "stands twice; the first is kept")]


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\x0b", "\x1c"], ids=ascii)
def test_a_name_heard_on_the_air_brings_no_line_of_its_own(sign: str) -> None:
    lines = read(f"\ufeffseq=1\r\nuptime=5\rcheck.wifi=bad:saw x{sign}check.door=bad\n")
    assert [check.name for check in lines.checks] == ["wifi"]


REFUSED = {
    "uptime=5": "seq: missing",
    "seq=5": "uptime: missing",
    "seq=-1\nuptime=5": "seq: expected a whole number, got '-1'",
    "seq=99999999999999999\nuptime=5": "seq: expected a whole number",
    "seq=1\nuptime=yes": "uptime: expected seconds or 1w2d03:04:05, got 'yes'",
    "seq=1\nuptime=5\nat=noon": "at: expected a number, got 'noon'",
    "seq=1\nuptime=5\nboot=" + "x" * 65: "boot: expected up to 64 printable characters",
    "": "seq: missing",
    "x\n" * 5000: "lines: 5000; 4000 are the most",
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.items(), ids=range(len(REFUSED)))
def test_without_seq_and_uptime_nothing_is_kept(text: str, problem: str) -> None:
    with pytest.raises(Refused) as caught:
        read(text)
    assert str(caught.value).startswith(problem)


@pytest.mark.slow
@settings(max_examples=amounts.times(100), deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        lines = read("seq=1\nuptime=2\n" + text)
    except Refused as refused:
        assert "\n" not in str(refused)
        return
    assert all("\n" not in field + reason for field, reason in lines.problems)


def tell(before: Script | None, text: str, now: float = 100.0) -> Translated:
    return translate(read(text), before, lambda name: "http", now)


def test_frames_are_numbered_by_seq_and_findings_only_tell_changes() -> None:
    first = tell(None, "seq=0\nuptime=50\nspool=s\nboot=b\ncheck.web=good\nronda_host_load1=1\n")
    assert (first.frames.spool, first.frames.boot, first.frames.up) == ("s", "b", 50.0)
    (frame,) = first.frames.frames
    assert (frame.n, frame.at, frame.up, frame.values) == (1, 100.0, 50.0, [1.0, 1.0])
    assert first.frames.layouts[frame.layout] == [
        'ronda_check_up{check="web",kind="http"}',
        "ronda_host_load1",
    ]
    assert first.findings is not None
    assert [(f.n, f.check, f.verdict) for f in first.findings.findings] == [(1, "web", "good")]
    assert first.findings.spool != "s"
    second = tell(first.script, "seq=1\nuptime=110\nspool=s\nboot=b\ncheck.web=good\n")
    assert second.findings is None
    third = tell(second.script, "seq=2\nuptime=170\nspool=s\nboot=b\ncheck.web=bad:502\n")
    assert third.findings is not None
    assert [(f.n, f.verdict, f.reason) for f in third.findings.findings] == [(2, "bad", "502")]
    assert third.findings.spool == first.findings.spool


def test_a_repeat_has_the_same_number_in_the_same_spool() -> None:
    first = tell(None, "seq=3\nuptime=50\nronda_host_load1=1\n")
    again = tell(first.script, "seq=3\nuptime=50\nronda_host_load1=1\n")
    assert (again.frames.spool, again.frames.frames[0].n) == (first.frames.spool, 4)


BACKWARDS = {
    "seq": ("seq=2\nuptime=60\n", True),
    "uptime": ("seq=4\nuptime=10\n", False),
    "both": ("seq=0\nuptime=10\n", False),
}


@pytest.mark.parametrize(("text", "same_boot"), BACKWARDS.values(), ids=BACKWARDS)
def test_going_backwards_begins_a_new_spool(text: str, same_boot: bool) -> None:
    before = tell(None, "seq=3\nuptime=50\n").script
    after = tell(before, text).script
    assert after.spool != before.spool
    assert (after.boot == before.boot) is same_boot
    named = tell(None, "spool=s\nseq=3\nuptime=50\n").script
    assert tell(named, "spool=s\n" + text).script.spool not in ("s", named.spool)
    assert tell(named, "spool=t\n" + text).script.spool == "t"


def test_a_report_that_had_to_wait_is_told_of_its_own_time() -> None:
    live = tell(None, "spool=s\nboot=b\nseq=9\nuptime=900\ncheck.web=good\n", 1000.0)
    late = "spool=s\nboot=b\nseq=3\nuptime=300\nsent=901\ncheck.web=bad:502\n"
    first = tell(live.script, late, 1001.0)
    assert (first.frames.spool, first.frames.sent_at, first.frames.up) == ("s", 1001.0, 901.0)
    (frame,) = first.frames.frames
    assert (frame.n, frame.at, frame.up) == (4, 400.0, 300.0)
    assert first.findings is not None and first.findings.spool == live.script.findings_spool
    (finding,) = first.findings.findings
    assert (finding.n, finding.at, finding.up, finding.verdict) == (2, 400.0, 300.0, "bad")
    again = tell(first.script, late.replace("seq=3", "seq=4"), 1002.0)
    assert again.findings is None
    after = tell(again.script, "spool=s\nboot=b\nseq=10\nuptime=960\ncheck.web=good\n", 1060.0)
    assert after.findings is None
    assert after.frames.spool == "s"


def test_a_clock_of_its_own_is_kept_beside_when_it_was_sent() -> None:
    made = tell(None, "seq=3\nuptime=300\nsent=00:05:30\nat=77\nronda_host_load1=1\n")
    assert (made.frames.sent_at, made.frames.up) == (107.0, 330.0)
    assert (made.frames.frames[0].at, made.frames.frames[0].up) == (77.0, 300.0)


def test_what_waited_over_a_reboot_begins_a_new_spool() -> None:
    live = tell(None, "spool=s\nboot=b\nseq=9\nuptime=900\n").script
    other = tell(live, "spool=s\nboot=c\nseq=3\nuptime=300\nsent=901\n").script
    assert other.spool != "s"
    assert tell(live, "spool=s\nseq=3\nuptime=3\nsent=5\n").script.spool != "s"


def test_a_script_says_how_often_it_reports() -> None:
    assert tell(None, "seq=1\nuptime=2\nevery_s=300\n").frames.every_s == 300.0
    lines = read("seq=1\nuptime=2\nevery_s=soon\n")
    assert (lines.every_s, lines.problems) == (
        None,
        [("every_s", "expected 1 to 3600 seconds, got 'soon'")],
    )


@pytest.mark.parametrize(
    ("text", "why"), [("1", "sent: is before uptime"), ("x", "sent: expected seconds or")]
)
def test_a_time_of_sending_that_cannot_be_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read(f"seq=1\nuptime=2\nsent={text}\n")


def test_a_flat_report_comes_in_whole(running: Centre) -> None:
    token = running.enrol()["token"]
    text = "seq=5\nuptime=00:01:00\ncheck.web=bad:no answer\ncpu=3\nronda_host_load1=0.5\n"
    status, body, headers = running.ask("POST", FLAT, text, token=token)
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    ok, error, time, config = body.decode().splitlines()
    assert (ok, error) == ("ok 5", "error cpu: unknown key")
    assert time == f"time {running.clock.now:.0f}"
    assert config.startswith("config ")
    findings, frames = running.reports()
    assert [f.reason for f in findings.findings] == ["no answer"]
    assert [f.n for f in frames.frames] == [6]
    assert frames.layouts
    running.ask("POST", FLAT, text.replace("seq=5", "seq=6"), token=token)
    assert not running.reports()[2].layouts


def test_a_body_in_pieces_is_taken_when_it_says_where_it_ends(running: Centre) -> None:
    """As uclient-fetch sends every body."""
    token = running.enrol()["token"]
    pieces = iter([b"seq=5\nuptime=5\nronda_host", b"_load1=1\nend=5\n"])
    assert running.ask("POST", FLAT, pieces, token=token)[0] == 200
    assert running.reports()[0].frames[0].values == [1.0]
    for cut in (b"seq=6\nuptime=6\nronda_host_load1=1\nen", b"end=6\nseq=6\nuptime=6\n"):
        status, body, _ = running.ask("POST", FLAT, iter([cut]), token=token)
        assert (status, body.splitlines()[0]) == (
            411,
            b"error content-length: missing, and no end= is the last line",
        )


def test_a_script_that_cannot_send_a_header_shows_its_token_in_a_line(running: Centre) -> None:
    token = running.enrol()["token"]
    text = f"seq=5\nuptime=5\ntoken={token}\nronda_host_load1=1\n"
    status, body, _ = running.ask("POST", FLAT, text)
    assert (status, body.splitlines()[0]) == (200, b"ok 5")
    assert b"error" not in body
    assert running.ask("POST", FLAT, text.replace("token=", "token=x"))[0] == 401
    assert running.ask("POST", FLAT, text, token="x")[0] == 401
    status, _, headers = running.ask("POST", FLAT, "seq=5\nuptime=5\n")
    assert (status, headers["www-authenticate"]) == (401, 'Basic realm="ronda"')
    for told in ({"Content-Encoding": "gzip"}, {}):
        status, _, _ = running.ask("POST", FLAT, text + " " * (0 if told else 100_000), told)
        assert status == 401


def test_a_script_announces_that_it_is_switched_off(running: Centre) -> None:
    token = running.enrol()["token"]
    for seq, headers in ((1, {}), (2, {"X-Ronda-Shutdown": "1"})):
        text = f"seq={seq}\nuptime={seq}\nronda_host_load1=1\n"
        assert running.ask("POST", FLAT, text, headers, token=token)[0] == 200
    assert [report.bye for report in running.reports()] == [False, True]


@pytest.mark.slow
def test_nothing_is_asked_of_a_script_nor_used_up_by_it(
    running: Centre, report: Callable[..., dict[str, Any]]
) -> None:
    token = running.enrol()["token"]

    def asked() -> None:
        with writing(running.engine) as connection:
            orders.ask(connection, 1, ["probe_now"], running.clock.now, "siti")

    def turned(script: bool) -> bool:
        with reading(running.engine) as connection:
            row = find_agent(connection, 1)
        return row is not None and is_script(row.knows) is script

    asked()
    assert running.ask("POST", FLAT, "seq=5\nuptime=5\n", token=token)[0] == 200
    eventually(lambda: turned(True))
    with pytest.raises(Refused, match="1 is a script: it takes no orders"):
        asked()
    # asked before it was known for one, and not used up
    assert running.report(token, report())[1]["do"] == ["probe_now"]
    eventually(lambda: turned(False))
    asked()


def test_refusals_of_the_flat_form_are_text(running: Centre) -> None:
    token = running.enrol()["token"]
    status, body, _ = running.ask("POST", FLAT, "uptime=5", token=token)
    assert (status, body.splitlines()[0]) == (400, b"error seq: missing")
    time, config = body.decode().splitlines()[1:]
    assert time == f"time {running.clock.now:.0f}" and config.startswith("config ")
    status, body, _ = running.ask("POST", FLAT, "seq=5\nuptime=5")
    stranger = f"error authorization: a token is needed\n{time}\n"
    assert (status, body.decode()) == (401, stranger)
    chunked = iter([b"seq=5\nuptime=5"])
    status, body, _ = running.ask("POST", FLAT, chunked, token=token)
    assert (status, body.splitlines()[0]) == (
        411,
        b"error content-length: missing, and no end= is the last line",
    )
    status, body, _ = running.ask("POST", FLAT, "x" * ((1 << 20) + 1), token=token)
    assert (status, body.splitlines()[0]) == (413, b"error body: more than 1 MiB sent")
    status, body, _ = running.ask("POST", FLAT, b"\xff\xfe\nseq=1\nuptime=2", token=token)
    assert status == 200
