"""Real journal, real fold: rounds after each second, as the engine has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.evaluation import Change, Rounds
from tests.alerts.evaluation.scene import groups, rule
from tests.collector.centre_bench import CUT, FINE, LOSS, NOW, WEB, Centre

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"
RULES = groups(
    rule("Dead", "ronda_check_up == 0"),
    rule("Down", "ronda_site_up == 0"),
    rule("Lossy", "ronda_uplink_loss_ratio > 0.5", for_s=30.0),
    rule("Was", "max_over_time(ronda_uplink_loss_ratio[10m]) > 0.5"),
    rule("Long", "ronda_uplink_loss_ratio > 0.5", for_s=600.0),
)


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    made = Centre(tmp_path, database_url=database_url)
    made.inventory({"code": SITE})
    yield made
    made.close()


class Told:
    """What the rounds said: rule, news or where the alarm went, when."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.rounds = Rounds(centre.settings, centre.store, lambda: RULES, slice_s=1e9)
        self.news: list[tuple[str, str, float]] = []

    def run(self, seconds: int, every: int = 5) -> list[tuple[str, str, float]]:
        """Let the time pass; what was told meanwhile."""
        before = len(self.news)
        for _ in range(0, seconds, every):
            self.centre.run(every)
            now = self.centre.now
            self.news += [(c.alarm.rule, word(c), now - NOW) for c in self.rounds.step(now)]
        return self.news[before:]


def word(change: Change) -> str:
    return str(change.news or change.why or change.alarm.life.phase)


def test_an_outage_that_only_the_backlog_tells_pages_nobody(centre: Centre) -> None:
    agent, told = centre.agent(SITE, phase_s=0), Told(centre)
    told.run(300)
    assert told.news == []
    agent.values, agent.connected = dict(CUT), False
    assert told.run(600) == []
    agent.values, agent.connected = dict(FINE), True
    # the newest first, then what had been kept
    agent.sample(centre.now + 1)
    agent.send(centre.now + 1)
    assert told.run(600) == []


def test_its_own_word_fires_and_a_silence_holds(centre: Centre) -> None:
    agent, told = centre.agent(SITE, phase_s=0), Told(centre)
    told.run(300)
    agent.values = {**FINE, LOSS: 1.0, WEB: 0.0}
    news = told.run(120)
    assert {(name, what) for name, what, _ in news} == {
        ("Dead", "fired"),
        ("Was", "fired"),
        ("Lossy", "pending"),
        ("Lossy", "fired"),
        ("Long", "pending"),
    }
    agent.connected = False
    held = told.run(300)
    assert {(name, what) for name, what, _ in held} == {
        ("Dead", "held"),
        ("Was", "held"),
        ("Lossy", "held"),
        ("Long", "passed"),
    }
    agent.values, agent.connected = dict(FINE), True
    agent.kept.clear()
    over = told.run(120)
    assert {(name, what) for name, what, _ in over} >= {("Dead", "resolved"), ("Lossy", "resolved")}


def test_the_centre_that_was_away_starts_the_timers_again(centre: Centre) -> None:
    agent, told = centre.agent(SITE, phase_s=0), Told(centre)
    told.run(300)
    agent.values = {**FINE, LOSS: 1.0}
    told.run(65)
    began = [at for name, what, at in told.news if (name, what) == ("Long", "pending")]
    centre.ticking = False
    agent.connected = False
    centre.run(120)
    centre.ticking, agent.connected = True, True
    agent.kept.clear()
    told.run(680)
    fired = [at for name, what, at in told.news if (name, what) == ("Long", "fired")]
    assert fired[0] >= 300 + 65 + 120 + 600 > began[0] + 600
