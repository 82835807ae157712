"""Which verdicts are news."""

import pytest

from alerts.watch import Action, Scene, Why, decide
from collector.states import CheckState


def check(verdict: str, live: bool = True, since: float = 1000.0) -> CheckState:
    return CheckState("35.10.12.2004", "sideka", "http", verdict, "", since, live, 7)


CALM = Scene("active", "normal", open=False)
TOLD = Scene("active", "normal", open=True)


@pytest.mark.parametrize(
    ("given", "scene", "action", "why"),
    [
        pytest.param(check("bad"), CALM, Action.OPEN, Why.BAD, id="bad opens"),
        pytest.param(check("good"), CALM, Action.NOTHING, Why.QUIET, id="good is no news"),
        pytest.param(check("unknown"), CALM, Action.NOTHING, Why.UNKNOWN, id="unknown never"),
        pytest.param(check("bad"), TOLD, Action.NOTHING, Why.TOLD, id="told once"),
        pytest.param(check("unknown"), TOLD, Action.NOTHING, Why.UNKNOWN, id="unknown holds"),
        pytest.param(check("good"), TOLD, Action.RESOLVE, Why.GOOD, id="good resolves"),
        pytest.param(check("bad", live=False), CALM, Action.NOTHING, Why.PAST, id="past is past"),
        pytest.param(check("good", live=False), TOLD, Action.CLOSE, Why.GOOD, id="past recovery"),
    ],
)
def test_a_verdict_is_news_or_not(
    given: CheckState, scene: Scene, action: Action, why: Why
) -> None:
    decision = decide(given, scene, now=1000.0)
    assert (decision.action, decision.why) == (action, why)


@pytest.mark.parametrize("state", ["down", "unknown", "maintenance"])
def test_a_service_of_a_dark_site_is_explained(state: str) -> None:
    decision = decide(check("bad"), Scene("active", state, open=False), now=1000.0)
    assert (decision.action, decision.why) == (Action.WAIT, Why.EXPLAINED)


def test_a_slow_site_explains_nothing() -> None:
    assert decide(check("bad"), Scene("active", "slow", False), 1000.0).action is Action.OPEN


@pytest.mark.parametrize("lifecycle", ["planned", "retired"])
def test_only_active_sites_alert(lifecycle: str) -> None:
    assert decide(check("bad"), Scene(lifecycle, "normal", False), 1000.0).why is Why.NOT_ACTIVE
    assert decide(check("bad"), Scene(lifecycle, "normal", True), 1000.0).action is Action.CLOSE


@pytest.mark.parametrize(
    ("age_s", "action"), [(0, Action.WAIT), (29.9, Action.WAIT), (30, Action.OPEN)]
)
def test_bad_must_last(age_s: float, action: Action) -> None:
    assert decide(check("bad"), CALM, 1000.0 + age_s, hold_s=30).action is action
