"""A data folder with one village and its contacts, and what an agent would have told of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from alerts.channels import NotifyFailed
from alerts.engine import Alerts
from alerts.notices import Notice
from collector import db, schema
from collector.db import reading, upsert, writing
from collector.inventory.keeping import put
from collector.settings import Settings

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


class Village:
    """The store and the floor under test."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self.folder, self.store = settings.folder, store
        self.settings = settings
        self.inbox = Inbox()
        self.alerts = self.floor()
        self.rev = 100

    def floor(self, hold_s: float = 0.0) -> Alerts:
        """The alerts floor as after a start of the engine."""
        self.alerts = Alerts(self.settings, self.store, hold_s, {"webhook": self.inbox})
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

    def be(self, state: str, at: float) -> None:
        """The fold has judged the site."""
        with writing(self.store) as connection:
            connection.execute(schema.states.delete())
            row = {"site": CODE, "since": at, "state": state, "rev": self.rev}
            connection.execute(schema.states.insert().values(row))

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
            return list(connection.execute(select(schema.incidents)))


def contact(name: str, **more: Any) -> dict[str, Any]:
    row = {"scope": CODE, "name": name, "role": "village", "webhook": f"http://{name}.test/"}
    return {**row, **more}


@contextmanager
def village(folder: Path, *contacts: dict[str, Any], database_url: str = "") -> Iterator[Village]:
    settings = Settings(data=str(folder), database_url=database_url)
    db.migrate(settings)
    store = db.open_store(settings)
    with writing(store) as connection:
        put(connection, "sites", [{"code": CODE, "name": "Benculuk"}], NINE, "test")
        put(connection, "contacts", contacts or [contact("sari")], NINE, "test")
    try:
        yield Village(settings, store)
    finally:
        store.dispose()
