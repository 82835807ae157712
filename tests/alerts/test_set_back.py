"""The centre's clock is set back: what is open can end, what breaks then is told, nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts import ahead, incidents
from alerts.engine import Alerts
from alerts.evaluation import Rounds
from alerts.floor import Current
from alerts.rules.watching import Watch
from collector import schema
from collector.db import meta_get, reading, writing
from collector.fold import Fold
from collector.inventory.keeping import put
from tests.alerts.village import Inbox, contact
from tests.collector.centre_bench import WEB, Centre

pytestmark = pytest.mark.slow

SITE, OTHER = "35.10.06.2005", "35.10.06.2006"
HOUR = 3600.0


class Watched:
    """A centre with the real fold and floor, and somebody who gets every message."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.inbox = centre, Inbox()
        with writing(centre.store) as connection:
            people = [contact(f"it{site[-1]}", scope=site) for site in (SITE, OTHER)]
            put(connection, "contacts", people, centre.now, "test")
        self.begin()

    def begin(self) -> None:
        """The engine starts."""
        settings, store = self.centre.settings, self.centre.store
        rules = Current(Watch(settings.data), lambda: self.centre.now)
        rounds = Rounds(settings, store, rules, slice_s=60.0)
        self.floor = Alerts(settings, store, rounds, {"webhook": self.inbox})
        self.fold = Fold.open(settings, [self.floor.step], clock=lambda: 0.0)

    def end(self) -> None:
        self.fold.close()
        self.floor._outbox.close()

    def run(self, seconds: int, every: int = 5) -> list[tuple[str, str]]:
        """What was told meanwhile, and of which site."""
        before = len(self.inbox.got)
        for _ in range(0, seconds, every):
            self.centre.run(every, fold=False)
            self.centre.write_out()
            while self.fold.run_once():
                pass
            self.fold.commit()
            while self.floor._outbox.send_due(self.centre.now + 1):
                self.floor._outbox.wait()
        return [(m["news"], m["site"]["code"]) for _, m in self.inbox.got[before:]]


@pytest.fixture
def watched(tmp_path: Path, database_url: str) -> Iterator[Watched]:
    centre = Centre(tmp_path, database_url=database_url)
    centre.inventory({"code": SITE}, {"code": OTHER})
    made = Watched(centre)
    yield made
    made.end()
    centre.close()


def test_what_was_sampled_ahead_is_not_believed_when_its_time_comes(watched: Watched) -> None:
    centre = watched.centre
    agent = centre.agent(SITE, phase_s=0)
    watched.run(120, every=30)
    centre.set_clock(180)
    assert watched.run(65) == []
    agent.find(centre.now, "bad", "HTTP 502")
    agent.send(centre.now)
    assert watched.run(10) == [("opened", SITE)]
    agent.find(centre.now, "good")
    agent.send(centre.now)
    assert watched.run(10) == [("resolved", SITE)]
    centre.set_clock(-180)
    agent.find(centre.now, "good")
    agent.send(centre.now)
    assert watched.run(300) == []
    _, values = centre.samples(SITE)[WEB]
    assert 0.0 in list(values)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("restarted", [True, False], ids=["is started again", "goes on"])
@pytest.mark.parametrize("by_s", [7 * HOUR, 180.0], ids=["7 h", "3 min"])
def test_an_open_incident_ends_and_a_village_that_falls_silent_is_told(
    watched: Watched, restarted: bool, by_s: float
) -> None:
    centre = watched.centre
    agent, other = centre.agent(SITE, phase_s=0), centre.agent(OTHER, phase_s=0)
    watched.run(120, every=30)
    centre.set_clock(by_s)
    assert watched.run(65) == []
    agent.find(centre.now, "bad", "HTTP 502")
    agent.send(centre.now)
    assert watched.run(10) == [("opened", SITE)]
    centre.set_clock(-by_s)
    if restarted:
        watched.end()
        watched.begin()
    assert watched.run(10) == []
    agent.find(centre.now, "good")
    agent.send(centre.now)
    assert watched.run(10) == [("resolved", SITE)]
    other.connected = False
    assert watched.run(220, every=10) == [("opened", OTHER)]
    other.connected = True
    assert watched.run(60, every=10) == [("resolved", OTHER)]
    with reading(centre.store) as connection:
        told = incidents.listing(connection, all=True)
        later = schema.incident_log.c.at > centre.now + 1
        assert connection.execute(select(schema.incident_log).where(later)).all() == []
    for one in told:
        assert one.resolved_at is not None
        assert one.down_since <= one.resolved_at <= centre.now
        assert one.opened_at <= centre.now


def test_a_step_back_is_followed_although_more_time_than_it_took_came_with_it(
    watched: Watched,
) -> None:
    centre = watched.centre
    centre.agent(SITE, phase_s=0)
    watched.run(120, every=30)
    centre.set_clock(20)
    watched.run(10)
    centre.set_clock(-20)
    watched.run(60, every=60)
    with reading(centre.store) as connection:
        assert meta_get(connection, ahead.KEY) == "1"
