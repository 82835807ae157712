"""What a rule would have said in the past."""

import numpy as np
import pytest

from agent.strict import Refused
from alerts import rehearsal
from alerts.overrides import Override
from alerts.rehearsal import Both, Told, episodes
from alerts.rules import reading
from alerts.rules.rule import Rule
from alerts.rules.stage import Stage
from alerts.rules.thresholds import threshold_of

MINUTE = 60.0
SITE = "35.10.06.2005"

STORIES = [
    pytest.param("0000", 0, 0, [], id="never bad"),
    pytest.param("0110", 0, 0, [(1, 3)], id="at once, until it is good again"),
    pytest.param("0110", 120, 0, [], id="not for long enough"),
    pytest.param("011100", 120, 0, [(3, 4)], id="as long as it must last"),
    pytest.param("010100", 0, 60, [(1, 5)], id="kept firing over a gap"),
    pytest.param("0100100", 0, 60, [(1, 3), (4, 6)], id="two, where the gap is longer"),
    pytest.param("0111", 0, 0, [(1, 4)], id="still bad at the end"),
    pytest.param("1100", 60, 0, [(1, 2)], id="bad from the start"),
]


@pytest.mark.parametrize(("bad", "for_s", "keep_s", "told"), STORIES)
def test_episodes(bad: str, for_s: float, keep_s: float, told: list[tuple[int, int]]) -> None:
    times = np.arange(len(bad)) * MINUTE
    found = episodes(times, np.array([c == "1" for c in bad]), for_s, keep_s)
    assert [(one.fired_at / MINUTE, one.ended_at / MINUTE) for one in found] == told


def rule(expr: str, hold: str = "0s") -> Rule:
    text = f"groups: [{{name: g, rules: [{{alert: Slow, expr: '{expr}', for: {hold}}}]}}]"
    page = reading.read(text.encode(), "slow.yml")
    assert not page.problems
    return page.rules[0]


def history(values: dict[int, float], site: str = SITE) -> Stage:
    """Numbers by minute before the end; good ones where nothing is said."""
    stage = Stage()
    stage.until_ms = rehearsal.DAYS * 86_400_000
    last = stage.until_ms // 60_000
    labels = {"__name__": "rtt", "site": site}
    for back in range(300, -1, -1):
        stage.add(labels, (last - back) * 60_000, values.get(back, 0.1))
    return stage


END = rehearsal.DAYS * 86400.0
SLOW = {20: 0.5, 19: 0.5, 18: 0.5, 100: 0.9}


@pytest.mark.parametrize(
    ("override", "times"),
    [
        pytest.param(None, 2, id="as the file says"),
        pytest.param(Override("Slow", SITE, threshold=0.6), 1, id="a higher threshold"),
        pytest.param(Override("Slow", SITE, threshold=2.0), 0, id="one that nothing reaches"),
        pytest.param(Override("Slow", SITE, for_s=120), 1, id="it must last longer"),
        pytest.param(Override("Slow", SITE, off=True), 0, id="switched off"),
    ],
)
def test_a_threshold_over_history(override: Override | None, times: int) -> None:
    tried = rehearsal.tuned(rule("rtt > 0.3"), override)
    found = rehearsal.at_site(history(SLOW), tried, SITE, END, lambda: 0.0)
    assert found.times == times


def test_only_the_site_that_is_asked_for_is_looked_at() -> None:
    elsewhere = history(SLOW, "35.10.11.2002")
    assert rehearsal.at_site(elsewhere, rule("rtt > 0.3"), SITE, END, lambda: 0.0) == Told()


def test_what_takes_too_long_is_refused() -> None:
    seconds = iter(range(0, 100_000, 60))
    with pytest.raises(Refused, match="timed out"):
        rehearsal.at_site(history(SLOW), rule("rtt > 0.3"), SITE, END, lambda: next(seconds))


def test_a_rule_without_a_number_keeps_its_question() -> None:
    plain = rule("rtt == 0")
    assert threshold_of(plain) is None
    assert rehearsal.tuned(plain, Override("Slow", SITE, threshold=5.0)) == plain


def test_sums_over_sites() -> None:
    both = Both({"a": Told(2, 60), "b": Told()}, {"a": Told(1, 30), "b": Told(1, 5)})
    assert both.total("now") == Told(2, 60)
    assert both.total("wanted") == Told(2, 35)
    assert (both.sites("now"), both.sites("wanted")) == (1, 2)
