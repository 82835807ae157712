"""A centre and the one above it by a given clock: a day without a line between them."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from agent.clock import Clock
from agent.identity import Home, Identity
from agent.post import Response
from agent.upward import Told, Upward
from agent.wire import WireError
from collector import centres, schema
from collector.availability import seconds
from collector.db import meta_set, open_history, upsert, writing
from collector.intake.wire import read_report
from collector.journal.framing import Kind
from collector.promql.limits import Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre as Numbers
from collector.promql.source import query_source
from collector.series.history import History
from tests.collector.centre_bench import NOW, Centre
from web.upward.looking import Looking
from web.upward.process import source_of

pytestmark = pytest.mark.slow

EVERY_S = 300
HOUR = 3600
REGENCY = "35.10"
VILLAGES = [f"35.10.0{n}.2001" for n in range(1, 6)]


class ByHand(Clock):
    """Its wall clock and its uptime are those of the story."""

    def up(self) -> float:
        return self.wall() - NOW + 5000.0


class Line:
    """What stands for the way between the two: a report goes into the parent's journal, or not."""

    def __init__(self, parent: Centre, agent: int) -> None:
        self.parent, self.agent = parent, agent
        self.cut, self.reports = False, 0
        self.identity = Identity(url="https://above.example", agent=str(agent), token="t")
        self.sent = self.received = self.total_bytes = 0
        self.trusted = True

    def report(self, body: bytes, headers: Mapping[str, str]) -> Response:
        if self.cut:
            raise WireError("no way there")
        payload = gzip.decompress(body)
        told = read_report(payload)
        self.reports += 1
        self.parent.write(Kind.REPORT, self.parent.now, self.agent, payload)
        kept = len(told.frames) + len(told.findings)
        answer = {"kept": kept, "rejected": [], "need_layouts": [], "config": "", "epoch": "e"}
        answer |= {"time": self.parent.now, "do": []}
        return Response(200, {}, json.dumps(answer).encode())

    def elsewhere(self) -> None: ...

    def use_addresses(self, urls: Any) -> None: ...

    def close(self) -> None: ...


class Story:
    """Both centres, and what the one below was asked to tell."""

    def __init__(self, folder: Path) -> None:
        self.parent = Centre(folder / "above")
        with writing(self.parent.store) as connection:
            given = ("Banyuwangi", "https://bwi.example", EVERY_S, 1.0, NOW, "test")
            self.site, _ = centres.add(connection, REGENCY, *given)
        self.parent.fold()
        agent = self.parent.agent(self.site, every_s=1e9)
        self.line = Line(self.parent, agent.id)
        self.parent.agents.clear()
        self.child = Centre(folder / "below")
        self.child.inventory(*({"code": code} for code in VILLAGES))
        self.child.fold()
        self.be("normal", *VILLAGES)
        self.told: list[tuple[float, dict[str, float | None]]] = []
        self._history = open_history(self.child.settings)
        past = History(self.child.settings, self._history)
        looking = Looking(self.child.settings, self.child.store, past)
        self.way = self._begin(folder / "below" / centres.FOLDER, looking)

    def _begin(self, folder: Path, looking: Looking) -> Upward:
        Home(str(folder)).make()
        Home(str(folder)).keep_identity(self.line.identity)
        source: Callable[[Mapping[str, Any]], Told] = source_of(looking, Told, lambda: self.now)

        def noted(notes: Mapping[str, Any]) -> Told:
            told = source(notes)
            assert not told.reason
            self.told.append((self.now, dict(told.values)))
            return told

        clock = ByHand(wall=lambda: self.now)
        post: Any = lambda home, identity, clock: self.line  # noqa: E731
        way = Upward(str(folder), noted, clock, lambda: self.now, lambda: 0.5, post)
        way.pace.report_every_s = EVERY_S
        return way

    @property
    def now(self) -> float:
        return self.parent.now

    def be(self, state: str, *codes: str) -> None:
        """The child's fold has judged villages."""
        with writing(self.child.store) as connection:
            t = schema.states.c
            for code in codes:
                mine = (t.site == code, t.until.is_(None))
                connection.execute(update(schema.states).where(*mine).values(until=self.now))
                row = {"site": code, "since": self.now, "state": state, "rev": int(self.now)}
                upsert(schema.states, [{**row, "until": None}], connection)

    def pass_(self, seconds: float) -> None:
        """Time passes in steps of five seconds at both ends."""
        for _ in range(int(seconds // 5)):
            self.parent.now += 5
            if self.now % 60 == 0:
                with writing(self.child.store) as connection:
                    said = {"position": 1, "lag_s": 0.0, "at": self.now}
                    meta_set(connection, "fold_status", json.dumps(said))
                self.way.round()
            while self.way.sender.step() <= self.now:
                pass
            self.parent.tick()
        self.parent.fold()

    def asked(self, query: str) -> Any:
        """An instant query at the parent, by the labels of each series but the site's own."""
        source = query_source(Numbers(self.parent.settings, self.parent.store))
        at = int(self.now * 1000)
        found = ask(Ask(query, at, at), source, Limits(), source.words)
        return found.value

    def close(self) -> None:
        self.way.close()
        self._history.dispose()
        self.child.close()
        self.parent.close()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.close()


def series(state: str) -> str:
    return f'{centres.STATES_OF}{{area="{REGENCY}",state="{state}"}}'


def test_a_days_cut_loses_nothing_and_is_unknown_above_meanwhile(story: Story) -> None:
    story.pass_(2 * HOUR)
    assert story.parent.state(story.site).state == "normal"
    assert len(story.asked("ronda_centre_sites")) == 5
    cut_at, before = story.now, story.line.reports
    story.line.cut = True
    for hours, down in ((6, 2), (6, 0), (12, 3)):
        story.be("down", *VILLAGES[:down])
        story.be("normal", *VILLAGES[down:])
        story.pass_(hours * HOUR)
        above = story.parent.state(story.site)
        assert (above.state, above.reason) == ("unknown", "silent")
        assert len(story.asked("ronda_centre_sites")) == 0, "silent is not zero"
    assert story.line.reports == before
    assert story.way.spool.entries >= 24 * HOUR / EVERY_S - 1
    story.line.cut = False
    story.pass_(HOUR)
    assert (story.way.spool.entries, story.way.spool.dropped_total) == (0, 0)
    assert story.parent.state(story.site).state == "normal"
    # every frame that was made below stands above, at its time and as it was
    found = story.parent.samples(story.site, [series("down"), series("normal")])
    for state in ("down", "normal"):
        times, values = found[series(state)]
        made = [(at, told[series(state)]) for at, told in story.told]
        assert np.allclose(times, [at for at, _ in made], atol=0.02)
        assert values.tolist() == [value for _, value in made]
    assert {2.0, 3.0} <= set(found[series("down")][1].tolist())
    # the hours, too: each was told, none left out
    hours = f'{centres.HOUR}{{area="{REGENCY}"}}'
    told = sorted(set(story.parent.samples(story.site, [hours])[hours][1].tolist()))
    assert told == [float(told[0] + n * HOUR) for n in range(len(told))]
    assert told[-1] >= story.now - 2 * HOUR - 300
    # nobody was down above: what was unknown is what it was
    spent = seconds(story.parent.timeline(story.site), cut_at, story.now)
    assert spent.get("down", 0.0) == 0.0
    assert spent["normal"] > 23 * HOUR


def test_a_child_without_its_parent_goes_on_and_begins_again_where_it_was(story: Story) -> None:
    story.line.cut = True
    story.pass_(HOUR)
    waiting = story.way.spool.entries
    story.way.spool.flush(story.now)
    notes = dict(story.way.spool.notes["source"])
    assert waiting >= HOUR / EVERY_S
    fresh = type(story.way.spool)(story.way.spool.folder, "another boot")
    assert fresh.entries == waiting
    assert fresh.notes["source"] == notes


def test_a_fold_that_stands_still_is_told_as_unknown_and_ends_the_series(story: Story) -> None:
    story.pass_(HOUR)
    said = SimpleNamespace(values={}, reason="the engine of the centre does not fold", notes={})
    source: Any = lambda notes: said  # noqa: E731
    story.way._source = source
    story.pass_(2 * EVERY_S)
    assert len(story.asked("ronda_centre_sites")) == 0
    check = story.parent.check(story.site, "centre")
    assert (check.verdict, check.reason) == ("unknown", said.reason)
