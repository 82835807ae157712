"""Simulated agents behave as real ones: on time, patient, and honest about what they lost."""

from collections import Counter

import numpy as np
import pytest
import uvloop

from collector.simulate.geography import villages
from collector.simulate.scenario import Event, Kind, Scenario
from tests.collector.simulate.centre import QUIET, Centre, Fleet, centre, fleet

START = 1_790_000_123.0
CODE = next(villages(1)).code


def story(*events: Event, first_findings: bool = False) -> Scenario:
    return Scenario(events, first_findings)


def one(kind: Kind, at_s: float, until_s: float | None = None) -> Scenario:
    return story(Event(kind, [CODE], at_s, until_s, period_s=300, hours=5, service="opensid"))


async def live(scenario: Scenario, seconds: float, count: int = 4) -> tuple[Centre, Fleet]:
    async with centre() as there, fleet(there, START, count, scenario=scenario) as here:
        here.live.begin(START)
        await here.drive(START, seconds)
        return there, here


def run(scenario: Scenario, seconds: float, count: int = 4) -> tuple[Centre, Fleet]:
    return uvloop.run(live(scenario, seconds, count))


def rounds(there: Centre, token: str) -> list[float]:
    return sorted(frame["at"] for frame in there.frames_of(token))


def assert_every_minute(times: list[float]) -> None:
    assert np.diff(times) == pytest.approx(60, abs=0.01)


def test_each_site_reports_once_an_interval_spread_evenly() -> None:
    there, here = run(QUIET, 300, count=6)
    assert Counter(token for token, _ in there.reports) == dict.fromkeys(here.tokens, 5)
    firsts = sorted(rounds(there, token)[0] for token in here.tokens)
    assert all(
        b - a == pytest.approx(10, abs=0.01) for a, b in zip(firsts, firsts[1:], strict=False)
    )
    assert here.figures.reports_acked == here.figures.entries_acked == 30


def test_the_layout_goes_out_once() -> None:
    there, here = run(QUIET, 300)
    carried = [token for token, report in there.reports if "layouts" in report]
    assert sorted(carried) == here.tokens


def test_the_first_report_tells_every_check() -> None:
    there, here = run(story(first_findings=True), 130)
    for token in here.tokens:
        told = [(f["check"], f["verdict"]) for f in there.findings_of(token)]
        assert sorted(told) == sorted(
            (c, "good") for c in ("internet", "gateway", "dns", "sideka", "opensid")
        )


@pytest.mark.slow
def test_a_silent_site_keeps_its_frames_and_delivers_all_of_them() -> None:
    there, here = run(one(Kind.SILENCE, 60, 1260), 1800)
    assert len(there.reports) < 4 * 30  # nothing came for twenty minutes
    assert len(rounds(there, here.tokens[0])) == 30
    assert_every_minute(rounds(there, here.tokens[0]))
    assert there.repeats == 0
    back = [r for t, r in there.reports if t == here.tokens[0] and r["sent_at"] > START + 1260]
    assert len(back[0]["frames"]) == 1, "the newest state first"
    assert len(back[1]["frames"]) > 10, "then the backlog"


def test_a_backlog_goes_in_batches_of_one_hour() -> None:
    there, here = run(one(Kind.BACKLOG, 120), 600)
    frames = there.frames_of(here.tokens[0])
    assert len(frames) == pytest.approx(5 * 60 + 10, abs=1)
    assert_every_minute(rounds(there, here.tokens[0]))
    for token, report in there.reports:
        hours = {frame["at"] // 3600 for frame in report["frames"]}
        assert len(hours) <= 1, token
        assert len(report["frames"]) <= 60
    assert sorted(f["n"] for f in frames) == list(range(1, len(frames) + 1))


def test_a_cut_fiber_is_seen_by_its_own_agent_and_told_afterwards() -> None:
    there, here = run(one(Kind.FIBER_CUT, 100, 700), 1000)
    names = next(iter(there.layouts.values()))
    up, rx = names.index('ronda_uplink_up{uplink="main"}'), 55
    rtt = names.index('ronda_uplink_rtt_seconds{target="internet"}')
    assert names[rx].startswith("ronda_uplink_optical_rx_dbm")
    for frame in there.frames_of(here.tokens[0]):
        cut = START + 100 <= frame["at"] < START + 700
        assert frame["values"][up] == (0 if cut else 1)
        assert (frame["values"][rtt] is None) == cut
        assert (frame["values"][rx] == -40) == cut
    told = sorted((f["at"], f["check"], f["verdict"]) for f in there.findings_of(here.tokens[0]))
    assert [t[2] for t in told] == ["bad", "bad", "good", "good"]
    assert START + 102 <= told[0][0] < START + 115
    assert len(rounds(there, here.tokens[0])) == 16 or len(rounds(there, here.tokens[0])) == 17


def test_a_dead_service_is_told_at_once_and_shown_in_every_frame() -> None:
    there, here = run(one(Kind.SERVICE_DOWN, 100, 400), 600)
    told = [f for f in there.findings_of(here.tokens[0])]
    assert [(f["check"], f["verdict"]) for f in told] == [("opensid", "bad"), ("opensid", "good")]
    assert told[0]["reason"] == "HTTP 502 instead of 200"
    carrying = next(r for _, r in there.reports if r["findings"])
    assert carrying["frames"] == [] and carrying["sent_at"] - told[0]["at"] <= 1.0
    at = next(iter(there.layouts.values())).index('ronda_check_up{check="opensid",kind="http"}')
    for frame in there.frames_of(here.tokens[0]):
        bad = told[0]["at"] <= frame["at"] < told[1]["at"]
        assert frame["values"][at] == (0 if bad else 1), "frames say what the check has found"
    assert START + 102 <= told[0]["at"] < START + 114 and START + 400 <= told[1]["at"] < START + 412
    assert not there.findings_of(here.tokens[1])


def test_a_power_cut_begins_a_new_spool_in_1970() -> None:
    there, here = run(one(Kind.POWER_CUT, 300, 600), 1200)
    mine = [report for token, report in there.reports if token == here.tokens[0]]
    before = [r for r in mine if r["sent_at"] > 1e9 and r["sent_at"] < START + 300]
    after = [r for r in mine if r not in before]
    assert {r["spool"] for r in before} & {r["spool"] for r in after} == set()
    assert {r["boot"] for r in before} & {r["boot"] for r in after} == set()
    assert after[0]["sent_at"] < 200_000 and after[0]["frames"][0]["at"] < 200_000
    assert after[1]["sent_at"] > START, "the answer told the time"
    assert after[0]["frames"][0]["n"] == 1
    assert after[0]["up"] < 61
    dark = [f for r in mine for f in r["frames"] if START + 300 <= f["at"] < START + 600]
    assert not dark, "nothing is measured without power"


@pytest.mark.parametrize(
    ("kind", "error_s"), [(Kind.CLOCK_SLOW, -600.0), (Kind.CLOCK_1970, None)], ids=str
)
def test_a_wrong_clock_is_wrong_in_frames_and_at_sending(kind: Kind, error_s: float | None) -> None:
    there, here = run(one(kind, 100, 400), 600)
    for token, report in there.reports:
        for frame in report["frames"]:
            true = here.agents.boots[int(token[-1])] + frame["up"]
            inside = token == here.tokens[0] and START + 100 <= true < START + 400
            expected = error_s if error_s is not None else 86_400 - (START + 100)
            assert frame["at"] - true == pytest.approx(expected if inside else 0, abs=0.01)
            assert report["sent_at"] - frame["at"] == pytest.approx(
                report["up"] - frame["up"], abs=0.01
            )


@pytest.mark.slow
def test_flapping_comes_and_goes_and_loses_nothing() -> None:
    scenario = one(Kind.FLAPPING, 60, 900)
    there, here = run(scenario, 1500)
    assert len(rounds(there, here.tokens[0])) == 25
    assert_every_minute(rounds(there, here.tokens[0]))
    assert len([f for f in there.findings_of(here.tokens[0]) if f["verdict"] == "bad"]) == 6


def test_refused_reports_come_again_and_only_a_200_counts() -> None:
    async def story() -> tuple[Centre, Fleet]:
        async with centre() as there, fleet(there, START, 3) as here:
            there.refuse = [(503, "Retry-After: 2\r\n"), (429, "Retry-After: 3\r\n"), (500, "")]
            here.live.begin(START)
            await here.drive(START, 300)
            return there, here

    there, here = uvloop.run(story())
    assert len(there.frames) == 15
    assert here.figures.entries_acked == 15
    assert here.figures.failures == {"503": 1, "429": 1, "500": 1}
    assert here.figures.reports_sent == here.figures.reports_acked + 3


def test_a_centre_that_forgot_the_layout_gets_it_again() -> None:
    async def story() -> tuple[Centre, Fleet]:
        async with centre() as there, fleet(there, START, 2) as here:
            here.live.begin(START)
            now = await here.drive(START, 120)
            there.layouts.clear()
            await here.drive(now, 180)
            return there, here

    there, here = uvloop.run(story())
    assert len(there.frames) == 10
    assert here.figures.entries_acked == 10


def test_an_unknown_token_is_counted_and_nothing_is_called_kept() -> None:
    async def story() -> Fleet:
        async with centre() as there, fleet(there, START, 2) as here:
            there.wanted_auth = lambda token: token != "token-0"
            here.live.begin(START)
            await here.drive(START, 120)
            return here

    here = uvloop.run(story())
    assert here.figures.failures["401"] >= 2
    assert here.figures.entries_acked == 2


def test_nobody_there_is_counted_and_the_frames_are_kept() -> None:
    async def story() -> Fleet:
        async with fleet(Centre(port=1), START, 2) as here:
            here.live.begin(START)
            await here.drive(START, 180)
            return here

    here = uvloop.run(story())
    assert here.figures.reports_acked == 0
    assert sum(here.figures.failures.values()) >= 6
    assert here.agents.spools[0].frames == 3
