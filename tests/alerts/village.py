"""A data folder with one village and its contacts, and what an agent would have told of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from alerts.channels import Channel, NotifyFailed
from alerts.engine import Alerts
from alerts.evaluation.model import Alarm, Change, Why
from alerts.evaluation.status import Status
from alerts.machine import Life, News, Phase
from alerts.notices import Notice
from alerts.rules.rule import Rule
from collector import db, inventory, schema
from collector.db import reading, upsert, writing
from collector.inventory.keeping import put
from collector.promql.plan import Number
from collector.settings import Settings
from tests.stores import migrated

CODE = "35.10.12.2004"
# 09.15 in Benculuk on a Monday
NINE = 1_763_950_500.0


class Inbox:
    """A channel that keeps what it is sent; `answers` are given first, in order."""

    def __init__(self, *answers: NotifyFailed | Exception) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, Mapping[str, Any]]] = []

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        if self.answers:
            raise self.answers.pop(0)
        self.got.append((target, message))
        return "taken"

    @property
    def news(self) -> list[tuple[int, str]]:
        return [(message["incident"], message["news"]) for _, message in self.got]


class Checks:
    """Rules as the pack has them for checks: one that is bad fires, one that is good is over."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        self._firing: dict[tuple[str, str], Change] = {}
        self._sites: set[str] = set()
        # a test ends rounds by hand
        self.ended = 0
        self.labels = RULE

    def wake(self, connection: Connection) -> None:
        self._firing = {}
        for row in connection.execute(select(schema.alarms)):
            labels = json.loads(row.labels)
            change = self._change(labels, Life(Phase(row.phase), row.since, row.active_at))
            self._firing[row.site, labels["check"]] = change
        self._sites = {row.site for row in connection.execute(select(schema.checks.c.site))}

    def wrong(self) -> Set[str]:
        return {site for site, _ in self._firing}

    def found(self, sites: Iterable[str], told: Iterable[str] = ()) -> None:
        self._sites |= {*sites, *told}

    def status(self, now: float) -> Status:
        return Status(now)

    def step(self, now: float) -> list[Change]:
        with reading(self._store) as connection:
            these = schema.checks.c.site.in_(self._sites)
            rows = connection.execute(select(schema.checks).where(these)).all()
            gone = {s.code for s in inventory.sites(connection) if s.lifecycle != "active"}
        self._sites = set()
        over = [key for key in self._firing if key[0] in gone]
        ended = [replace(self._firing.pop(key), news=None, gone=True) for key in over]
        rows = [row for row in rows if row.site not in gone]
        return ended + [change for row in rows if (change := self._look(row, now)) is not None]

    def _look(self, row: Any, now: float) -> Change | None:
        key = (row.site, row.name)
        before = self._firing.get(key)
        if row.verdict == "good" and before is not None:
            del self._firing[key]
            return replace(before, news=News.RESOLVED, gone=True, why=Why.RESOLVED)
        if row.verdict == "bad" and row.live and before is None:
            labels = {"site": row.site, "check": row.name, "kind": row.kind, **self.labels}
            self._firing[key] = self._change(labels, Life(Phase.FIRING, now, row.since, now))
            return self._firing[key]
        if row.verdict == "unknown" and before is not None:
            held = replace(before.alarm, life=replace(before.alarm.life, phase=Phase.HELD))
            self._firing[key] = replace(before, alarm=held, news=None)
            return self._firing[key]
        return None

    @staticmethod
    def _change(labels: Mapping[str, str], life: Life) -> Change:
        rule = Rule("ServiceDown", "", Number(0), "services", "services.yml", 1, labels=RULE)
        series = json.dumps(dict(labels), sort_keys=True)
        alarm = Alarm(rule.name, series, labels["site"], labels, {}, life, 0.0)
        return Change(alarm, rule, News.FIRED)


RULE = {"severity": "critical", "subject": "service"}


class Village:
    """The store and the floor under test."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self.folder, self.store = settings.folder, store
        self.settings = settings
        self.inbox = Inbox()
        self.alerts = self.floor()
        self.rev = 100

    def floor(self, channels: Mapping[str, Channel] | None = None) -> Alerts:
        """The alerts floor as after a start of the engine."""
        served = {"webhook": self.inbox} if channels is None else channels
        self.rules = Checks(self.store)
        self.alerts = Alerts(self.settings, self.store, self.rules, served)
        return self.alerts

    def say(
        self, verdict: str, at: float, reason: str = "", live: bool = True, **more: str
    ) -> None:
        """The fold has folded a verdict."""
        self.rev += 10
        row = {
            "site": more.get("site", CODE),
            "name": more.get("check", "sideka"),
            "kind": more.get("kind", "http"),
            "verdict": verdict,
            "reason": reason,
            "since": at,
            "live": live,
            "rev": self.rev,
        }
        with writing(self.store) as connection:
            upsert(schema.checks, [row], connection)

    def be(self, state: str, at: float, site: str = CODE, **more: Any) -> None:
        """The fold has judged the site."""
        self.rev += 10
        t = schema.states
        with writing(self.store) as connection:
            still = (t.c.site == site, t.c.until.is_(None))
            connection.execute(t.update().where(*still).values(until=at, rev=self.rev))
            row = {"site": site, "since": at, "state": state, "rev": self.rev, **more}
            connection.execute(t.insert().values(row))

    def step(self, now: float) -> None:
        """What the engine does after a commit, then a round of deliveries."""
        self.alerts.step(now, self.rev)
        self.deliver(now)

    def deliver(self, now: float) -> None:
        """Rounds of deliveries until nothing is due."""
        outbox = self.alerts._outbox
        while outbox.send_due(now):
            outbox.wait()

    def notices(self) -> list[Notice]:
        with reading(self.store) as connection:
            rows = connection.execute(select(schema.notices).order_by(schema.notices.c.id))
            return [Notice(**row._mapping) for row in rows]

    def incidents(self) -> list[Any]:
        with reading(self.store) as connection:
            ordered = select(schema.incidents).order_by(schema.incidents.c.id)
            return list(connection.execute(ordered))


def contact(name: str, **more: Any) -> dict[str, Any]:
    row = {"scope": CODE, "name": name, "role": "village", "webhook": f"http://{name}.test/"}
    return {**row, **more}


@contextmanager
def village(
    folder: Path, *contacts: dict[str, Any], database_url: str = "", **more: Any
) -> Iterator[Village]:
    settings = Settings(data=str(folder), database_url=database_url, **more)
    migrated(settings)
    store = db.open_store(settings)
    with writing(store) as connection:
        put(connection, "sites", [{"code": CODE, "name": "Benculuk"}], NINE, "test")
        put(connection, "contacts", contacts or [contact("sari")], NINE, "test")
    try:
        yield Village(settings, store)
    finally:
        store.dispose()
