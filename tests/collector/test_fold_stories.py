"""What happens in villages, told second by second, and what the centre makes of it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.report import layout_id
from collector import acts, states, stirred
from collector.availability import seconds
from collector.db import meta_get, reading, writing
from collector.fold.events import CLOCK_SERIES, check_series
from collector.intake.wire import MAX_N, Finding, Frame, Report, write
from collector.journal.framing import Kind
from collector.spools import skews
from tests.collector.centre_bench import CUT, FINE, LOSS, NAMES, NOW, UPLINK, WEB, Centre

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    made = Centre(tmp_path, database_url=database_url)
    made.inventory({"code": SITE})
    yield made
    made.close()


def test_a_site_is_unknown_until_its_first_report_then_normal(centre: Centre) -> None:
    centre.run(30)
    assert (centre.state(SITE).state, centre.state(SITE).reason) == ("unknown", "never reported")
    centre.agent(SITE, phase_s=0)
    centre.run(60)
    assert centre.state(SITE).state == "normal"
    times, values = centre.samples(SITE)[UPLINK]
    assert (times.tolist(), values.tolist()) == ([NOW + 60], [1.0])


def test_a_silent_site_is_unknown_since_its_last_contact(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.connected = False
    centre.run(149)
    assert centre.state(SITE).state == "normal"
    centre.run(3)
    state = centre.state(SITE)
    assert (state.state, state.reason, state.since) == ("unknown", "silent", NOW + 600.05)
    assert centre.check(SITE).verdict == "unknown"
    assert centre.check(SITE).reason == "site silent"


def test_a_check_that_is_configured_no_more_is_gone_after_a_while(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    assert centre.check(SITE).verdict == "good"
    without = {name: value for name, value in FINE.items() if name != WEB}
    agent.values = dict(without)
    centre.run(600)
    assert centre.check(SITE).verdict == "good"
    centre.run(600)
    assert listed(centre) == []
    # neither a silence nor its end brings it back
    agent.connected = False
    centre.run(600)
    agent.connected = True
    centre.run(120)
    assert listed(centre) == []
    agent.values = dict(FINE)
    centre.run(120)
    assert centre.check(SITE).verdict == "good"


def listed(centre: Centre) -> list[str]:
    with reading(centre.store) as connection:
        return [check.name for check in states.checks_of(connection, SITE)]


def test_the_kind_of_a_check_is_mended_by_the_first_frame(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=30)
    agent.find(centre.now, "bad", "HTTP 502")
    agent.send(centre.now)
    centre.run(2)
    assert centre.check(SITE).kind == "other"
    agent.values = {**FINE, WEB: 0.0}
    centre.run(60)
    assert (centre.check(SITE).kind, centre.check(SITE).reason) == ("http", "HTTP 502")


def test_a_fiber_cut_of_a_day_is_rewritten_when_the_backlog_comes(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(1200)
    agent.values, agent.connected = dict(CUT), False
    centre.run(86400)
    assert centre.state(SITE).state == "unknown"
    silent_rev = centre.state(SITE).rev
    agent.values, agent.connected = dict(FINE), True
    centre.run(60)
    assert centre.state(SITE).state == "normal"
    assert centre.check(SITE).verdict == "good"
    centre.run(3600)
    line = centre.timeline(SITE)
    spent = seconds(line, NOW + 60, centre.now)
    assert spent == {"normal": pytest.approx(4800, abs=1), "down": pytest.approx(86400, abs=1)}
    down = next(i for i in line if i.state == "down" and i.source == "backlog")
    # its newest frames were sampled just before it came back, so they were live
    assert down.end - down.since >= 86400 - 240
    assert (down.cause, down.reason) == ("fiber", "no uplink works")
    assert down.confidence >= 0.5
    assert down.evidence
    times, values = centre.samples(SITE)[UPLINK]
    assert len(times) == (1200 + 86400 + 3660) / 60
    assert (values == 0).sum() == 86400 / 60
    assert centre.state(SITE).rev > silent_rev


def test_a_power_cut_stays_unknown_and_is_told_by_the_short_uptime(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(1200)
    agent.running = False
    centre.run(7200)
    agent.reboot(centre.now, ahead_s=-centre.now)
    centre.run(300)
    silent, back = centre.timeline(SITE)[-2:]
    assert (silent.state, silent.cause, back.state) == ("unknown", "power", "normal")
    assert silent.since == NOW + 1200.05
    assert "started" in silent.evidence[0]
    assert abs(back.since - (NOW + 8400)) <= 61


def test_on_battery_before_the_silence_is_power_at_once(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.values['ronda_power_on_mains{ups="a"}'] = 0.0
    centre.run(60)
    agent.running = False
    centre.run(200)
    assert centre.state(SITE).cause == "power"
    assert centre.state(SITE).evidence == ("it ran on battery before it fell silent",)


@pytest.mark.parametrize(
    ("isps", "cause"), [(("Telkom", "Icon"), "power"), (("Telkom", "Telkom"), "isp")]
)
def test_neighbours_tell_the_cause(centre: Centre, isps: tuple[str, str], cause: str) -> None:
    codes = [f"35.10.07.20{i:02}" for i in range(6)]
    centre.inventory(*({"code": c, "isp": isps[i % 2]} for i, c in enumerate(codes)))
    agents = [centre.agent(code) for code in codes]
    other = centre.agent(SITE)
    centre.run(600)
    for agent in agents:
        agent.connected = False
    centre.run(300)
    assert {centre.state(code).cause for code in codes} == {cause}
    assert {centre.state(code).reason for code in codes} == {"silent"}
    assert centre.state(other.site).state == "normal"
    assert "5 more sites of the district 35.10.07" in centre.state(codes[0]).evidence[0]


def test_the_centre_off_for_an_hour_makes_nobody_silent(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    centre.ticking, agent.connected = False, False
    centre.run(3600)
    centre.ticking = True
    centre.run(1)
    agent.connected = True
    state = centre.state(SITE)
    assert (state.state, state.reason, state.since) == (
        "unknown",
        "the centre was away",
        NOW + 600.5,
    )
    assert centre.check(SITE).verdict == "good"
    centre.run(600)
    assert centre.state(SITE).state == "normal"
    assert "silent" not in [i.reason for i in centre.timeline(SITE)]
    assert {i.state for i in centre.timeline(SITE, start=NOW + 100)} == {"normal"}


def test_a_site_that_stays_away_after_the_centre_is_silent_from_then_on(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    centre.ticking, agent.connected = False, False
    centre.run(3600)
    centre.ticking = True
    centre.run(149)
    assert centre.state(SITE).reason == "the centre was away"
    centre.run(3)
    assert centre.state(SITE).reason == "silent"
    assert centre.state(SITE).since == pytest.approx(NOW + 4201, abs=1)


def test_an_engine_that_slept_a_minute_calls_nobody_silent(centre: Centre) -> None:
    centre.agent(SITE, phase_s=0)
    centre.run(600)
    before = centre.timeline(SITE)
    centre.run(60, fold=False)
    centre.run(180, fold=False)
    centre.run(1)
    assert centre.timeline(SITE) == before


def test_a_clock_of_the_centre_set_forward_silences_nobody(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    # as NTP does soon after a start without a battery; the village knows nothing of it
    centre.now += 7 * 3600
    agent.ahead_s -= 7 * 3600
    agent.started += 7 * 3600
    agent.find(centre.now, "bad", "HTTP 502")
    agent.send(centre.now)
    centre.run(60)
    assert centre.state(SITE).state == "normal"
    assert (centre.check(SITE).verdict, centre.check(SITE).live) == ("bad", True)
    agent.connected = False
    centre.run(149)
    assert centre.state(SITE).state == "normal"
    centre.run(3)
    assert centre.state(SITE).reason == "silent"
    assert "silent" not in {one.reason for one in centre.timeline(SITE, end=centre.now - 300)}


def test_an_announced_shutdown_is_switched_off(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.sample(centre.now)
    agent.send(centre.now, bye=True)
    agent.running = False
    centre.run(600)
    state = centre.state(SITE)
    assert (state.state, state.reason, state.cause) == ("unknown", "switched off", "")
    assert centre.check(SITE).reason == "site switched off"
    agent.reboot(centre.now)
    centre.run(120)
    assert centre.state(SITE).state == "normal"
    assert centre.check(SITE).verdict == "good"


def test_its_own_word_makes_a_site_down_at_once_and_normal_again(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.values = dict(CUT)
    centre.run(60)
    state = centre.state(SITE)
    assert (state.state, state.since, state.reason) == ("down", NOW + 660, "no uplink works")
    assert state.cause == "fiber"
    agent.values = dict(FINE)
    centre.run(60)
    assert centre.state(SITE).state == "normal"


def test_one_slow_frame_is_no_news_two_are(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.values = {**FINE, LOSS: 0.4}
    centre.run(60)
    assert centre.state(SITE).state == "normal"
    centre.run(60)
    state = centre.state(SITE)
    assert (state.state, state.since, state.reason) == (
        "slow",
        NOW + 660,
        "40% of packets are lost",
    )
    agent.values = dict(FINE)
    centre.run(60)
    assert centre.state(SITE).state == "normal"


def test_a_finding_is_told_at_once_with_its_reason(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(90)
    agent.find(centre.now, "bad", "HTTP 502 from the app")
    centre.run(1)
    check = centre.check(SITE)
    assert (check.verdict, check.reason, check.since, check.live, check.kind) == (
        "bad",
        "HTTP 502 from the app",
        NOW + 90,
        True,
        "http",
    )
    assert centre.state(SITE).state == "normal"
    times, values = centre.samples(SITE)[WEB]
    assert (times.tolist(), values.tolist()) == ([NOW + 60, NOW + 90], [1.0, 0.0])


def test_late_findings_out_of_order_leave_the_newest_verdict(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    for at, verdict in ((50, "bad"), (20, "good"), (70, "good"), (60, "bad")):
        agent.find(centre.now - 120 + at, verdict, f"at {at}")
        centre.run(1)
    assert (centre.check(SITE).verdict, centre.check(SITE).reason) == ("good", "at 70")


def test_a_lost_finding_is_mended_by_the_next_frame(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    agent.values[WEB] = 0.0
    centre.run(60)
    assert (centre.check(SITE).verdict, centre.check(SITE).live) == ("bad", True)


def test_after_a_silence_a_check_is_what_it_was_reported_to_be(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(90)
    agent.find(centre.now, "bad", "HTTP 502 from the app")
    centre.run(60)
    before = centre.check(SITE)
    agent.connected = False
    centre.run(600)
    assert centre.check(SITE).verdict == "unknown"
    agent.connected = True
    centre.run(61)
    after = centre.check(SITE)
    assert (after.verdict, after.reason, after.since) == ("bad", before.reason, before.since)


def test_findings_of_a_backlog_are_not_live(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    agent.connected = False
    centre.run(600)
    agent.find(centre.now, "bad", "it was dead")
    centre.run(600)
    agent.find(centre.now, "good", "it came back")
    centre.run(600)
    agent.connected = True
    centre.run(300)
    check = centre.check(SITE)
    assert (check.verdict, check.since) == ("good", NOW + 1320)


def test_a_clock_of_1970_is_placed_and_its_skew_shown(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    agent.ahead_s = -NOW
    centre.run(600)
    names = [UPLINK, "ronda_host_clock_skew_seconds"]
    found = centre.samples(SITE, names)
    times, _ = found[UPLINK]
    assert len(times) == 10
    assert abs(times - (NOW + 60 * (1 + np.arange(10)))).max() <= 2
    assert found[names[1]][1].tolist() == pytest.approx([-NOW] * 10, abs=2)
    with reading(centre.store) as connection:
        assert skews(connection)[agent.id] == pytest.approx(-NOW, abs=2)


def test_repeats_are_dropped_whatever_the_way_they_come(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.sample(centre.now + 1)
    waiting = list(agent.kept)
    for _ in range(3):
        agent.kept = list(waiting)
        centre.run(1)
    fold = centre.fold()
    assert fold.counts.repeats == 2
    assert len(centre.samples(SITE)[UPLINK][0]) == 11


def test_a_clone_with_its_own_spool_is_no_repeat(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    agent.begin_spool()
    centre.run(120)
    assert len(centre.samples(SITE)[UPLINK][0]) == 4
    assert centre.fold().counts.repeats == 0


def test_a_retired_site_has_no_state_and_is_never_silent(centre: Centre) -> None:
    centre.agent(SITE, phase_s=0)
    centre.run(300)
    centre.inventory({"code": SITE, "lifecycle": "retired"})
    centre.run(1000)
    with reading(centre.store) as connection:
        assert states.current(connection) == []
    last = centre.timeline(SITE)[-1]
    assert (last.state, last.until) == ("normal", NOW + 300)
    centre.inventory({"code": SITE, "lifecycle": "active"})
    centre.run(120)
    assert centre.state(SITE).state == "normal"


def test_people_set_a_cause_right_and_the_backlog_leaves_it(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.values, agent.connected = dict(CUT), False
    centre.run(600)
    with writing(centre.store) as connection:
        body = {"since": centre.now, "cause": "theft", "note": "the ONT is gone"}
        acts.record(connection, centre.now, "Budi", "cause", SITE, body)
    centre.run(1)
    state = centre.state(SITE)
    assert (state.cause, state.confidence, state.source) == ("theft", 1.0, "person")
    agent.values, agent.connected = dict(FINE), True
    centre.run(600)
    silent = next(i for i in centre.timeline(SITE) if i.source == "person")
    assert (silent.cause, silent.evidence[-1]) == ("theft", "Budi says: the ONT is gone")


def test_steps_hear_of_every_change_once(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    read_to = centre.steps[-1][1]
    agent.find(centre.now, "bad", "dead")
    centre.run(5)
    with reading(centre.store) as connection:
        found = stirred.checks_since(connection, read_to, ())
        assert (found.sites, found.more) == ([SITE], False)
        assert found.read_to <= centre.steps[-1][1]
        read_to = centre.steps[-1][1]
        assert stirred.checks_since(connection, read_to, {SITE}) == ([], read_to, False)


def test_a_check_that_no_frame_carries_comes_back_with_its_site(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(90)
    agent.find(centre.now, "bad", "no answer", check="printer")
    centre.run(60)
    agent.connected = False
    centre.run(600)
    assert centre.check(SITE, "printer").verdict == "unknown"
    agent.connected = True
    centre.run(61)
    assert (centre.check(SITE, "printer").verdict, centre.check(SITE, "printer").reason) == (
        "bad",
        "no answer",
    )


def test_two_agents_on_one_token_are_a_bad_check_until_it_ends(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    centre.write(Kind.CLASH, centre.now, agent.id, b'{"spool":"a","newer":"b"}')
    centre.run(60)
    check = centre.check(SITE, "agent")
    assert (check.verdict, check.reason) == ("bad", "two agents report with one token")
    centre.stop_fold()
    centre.run(620)
    assert centre.check(SITE, "agent").verdict == "good"
    # rules ask for it as for every check: bad each minute, then good
    name = check_series("agent", "agent")
    values = list(centre.samples(SITE, [name])[name][1])
    assert values[0] == 0.0 and values[-1] == 1.0 and 10 <= values.count(0.0) <= 12


def test_a_window_lost_with_the_machine_is_filled_from_the_journal(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    agent.ahead_s = -600.0
    centre.run(600)
    agent.find(centre.now, "bad", "dead")
    agent.connected = False
    centre.run(600)
    agent.connected = True
    centre.run(700)
    names = [*NAMES, *CLOCK_SERIES]
    before = {name: samples_of(found) for name, found in centre.samples(SITE, names).items()}
    rows = centre.timeline(SITE)
    centre.stop_fold()
    shutil.rmtree(centre.settings.window)
    centre.fold()
    after = {name: samples_of(found) for name, found in centre.samples(SITE, names).items()}
    assert after == before
    assert centre.timeline(SITE) == rows


def samples_of(found: Sequence[Any]) -> list[tuple[float, float]]:
    times, values = found
    return list(zip(times.tolist(), values.tolist(), strict=True))


def test_the_journal_goes_when_it_is_folded_and_old(tmp_path: Path) -> None:
    centre = Centre(tmp_path, journal_keep_s=60, window_minutes=10)
    centre.inventory({"code": SITE})
    centre.agent(SITE, phase_s=0)
    centre.segment_bytes = 20_000
    for _ in range(60):
        centre.run(60)
    starts = sorted(int(path.stem, 16) for path in tmp_path.glob("journal/*.seg"))
    assert starts[0] > 0
    assert len(centre.samples(SITE)[UPLINK][0]) == 60
    centre.close()


def test_the_fold_says_how_far_it_is(centre: Centre) -> None:
    centre.agent(SITE, phase_s=0)
    centre.run(120)
    with reading(centre.store) as connection:
        told = json.loads(meta_get(connection, "fold_status"))
    assert told["position"] > 0
    assert told["lag_s"] == 0


def test_a_reboot_without_contact_in_1970_is_kept_and_marked(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.connected = False
    centre.run(600)
    agent.reboot(centre.now, ahead_s=-centre.now)
    centre.run(600)
    agent.reboot(centre.now, ahead_s=-centre.now)
    agent.connected = True
    centre.run(900)
    uncertain, times = centre.samples(SITE, CLOCK_SERIES)[CLOCK_SERIES[1]], centre.samples(SITE)
    assert len(uncertain[0]) == 10
    assert len(times[UPLINK][0]) == 2700 / 60
    assert centre.fold().counts.uncertain == 10


@pytest.mark.parametrize("far", [1e18, -1e18, 1.7e308, 2.0**53])
def test_no_number_of_one_agent_stops_the_fold_for_all(centre: Centre, far: float) -> None:
    agent = centre.agent(SITE, phase_s=0)
    layout = layout_id(NAMES)
    for spool, up in (("a", None), ("b", far), ("c", -far)):
        entry = None if up is None else up / 3
        frames = [Frame(n, far, layout, [1.0] * len(NAMES), entry) for n in (1, MAX_N)]
        finding = Finding(5, far, "web", "bad", "why", entry)
        told = Report(1, spool, far, "b", up, {layout: list(NAMES)}, frames, [finding], MAX_N)
        centre.write(Kind.REPORT, centre.now + 0.05, agent.id, write(told))
        centre.run(5)
    agent.told_layout = True
    centre.run(60)
    assert centre.fold().position == centre.fold()._journal.end
    assert len(centre.samples(SITE)[UPLINK][0]) > 0
