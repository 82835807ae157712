"""A console over a small regency: Monday 23 November 2026, 16.12 WIB."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argon2 import PasswordHasher
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert

from collector import schema
from collector.db import meta_set, open_store, writing
from collector.series.steps import Steps
from collector.settings import Settings
from web import entrance, people
from web.app import furnish, unfurnished

NOW = 1795425120.0
HOUR = 3600.0
PASSWORD = "kentongan malam"
SITE, OTHER = "35.10.06.2005", "35.10.11.2002"


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Numbers:
    """History by hand: series of one site by name."""

    def __init__(self) -> None:
        self.lines: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
        self.last: dict[int, float] = {}

    def put(self, name: str, times: Sequence[float], values: Sequence[float]) -> None:
        self.lines[name] = (np.array(times, float), np.array(values, float))

    def recent(self, site_row: int) -> Sequence[Any]:
        return ()

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float, recent: object = None
    ) -> Mapping[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        found = {}
        for name in names:
            if site_row == 0 and name in self.lines:
                times, values = self.lines[name]
                inside = (times >= start) & (times < end)
                found[name] = (times[inside], values[inside])
        return found

    def steps(
        self,
        site_row: int,
        names: Sequence[str],
        start: float,
        end: float,
        step_s: int,
        recent: object = None,
    ) -> Mapping[str, Steps]:
        found = {}
        for name, (times, values) in self.range(site_row, names, start, end).items():
            told = ~np.isnan(values)
            starts, at = np.unique(times[told] // step_s * step_s, return_inverse=True)
            places = range(len(starts))
            mean, peak, last = (
                np.array([pick(values[told][at == place]) for place in places])
                for pick in (np.mean, np.max, lambda some: some[-1])
            )
            grown = np.diff(last, prepend=values[told][:1])
            found[name] = Steps(step_s, starts, mean, peak, grown)
        return found

    def latest(self, site_row: int, recent: object = None) -> Mapping[str, tuple[float, float]]:
        lines = self.lines.items() if site_row == 0 else ()
        return {name: (float(t[-1]), float(v[-1])) for name, (t, v) in lines}

    def last_report(self, site_row: int) -> float | None:
        return self.last.get(site_row)

    def newest(self, name: str, start: float, end: float) -> tuple[Any, Any, Any]:
        times, values = self.lines.get(name, (np.zeros(0), np.zeros(0)))
        found = [(0, at, value) for at, value in zip(times, values, strict=True) if at >= start]
        rows, at, value = zip(*found[-1:], strict=True) if found else ((), (), ())
        return np.array(rows, np.int32), np.array(at, float), np.array(value, float)

    def named(self, metric: str) -> list[str]:
        return [name for name in self.lines if name.partition("{")[0] == metric]

    def last_reports(self) -> np.ndarray[Any, Any]:
        return np.array([self.last.get(row, np.nan) for row in range(10)])


class Regency:
    """Writes rows as the fold and the imports would."""

    def __init__(self, store: Engine) -> None:
        self.store = store
        self.rows = 0

    def site(self, code: str, name: str, state: str = "", **more: Any) -> None:
        fields = {"district": "Cluring", "regency": "Banyuwangi", "isp": "Telkom"}
        with writing(self.store) as connection:
            row = fields | {"code": code, "row": self.rows, "name": name} | more
            connection.execute(insert(schema.sites).values(**row))
        self.rows += 1
        if state:
            self.state(code, state, NOW - HOUR)

    def state(self, code: str, state: str, since: float, **more: Any) -> None:
        row = {"site": code, "state": state, "since": since, "rev": 1} | more
        with writing(self.store) as connection:
            connection.execute(insert(schema.states).values(**row))

    def check(self, code: str, name: str, verdict: str, **more: Any) -> None:
        row = {"site": code, "name": name, "kind": "http", "verdict": verdict}
        row |= {"since": NOW - HOUR, "rev": 1} | more
        with writing(self.store) as connection:
            connection.execute(insert(schema.checks).values(**row))

    def incident(self, title: str, site: str = "", sites: Sequence[str] = (), **more: Any) -> int:
        """One incident; `sites`: those that ever joined it."""
        row = {"site": site, "subject": "uplink", "title": title, "severity": "critical"}
        row |= {"state": "open", "down_since": NOW - HOUR, "opened_at": NOW - HOUR, "rev": 1}
        row |= {"members": len(sites) or 1} | more
        with writing(self.store) as connection:
            made = connection.execute(insert(schema.incidents).values(**row))
            number = int(made.inserted_primary_key[0])
            for code in sites or ([site] if site else []):
                joined = {"incident": number, "key": f"uplink:{code}", "site": code}
                joined |= {"bad_at": NOW - HOUR, "joined_at": NOW - HOUR}
                connection.execute(insert(schema.members).values(**joined))
        return number

    def contact(self, scope: str, name: str, role: str, **more: Any) -> None:
        row = {"scope": scope, "name": name, "role": role} | more
        with writing(self.store) as connection:
            connection.execute(insert(schema.contacts).values(**row))

    def fold(self, at: float, lag_s: float = 0.1) -> None:
        with writing(self.store) as connection:
            said = {"position": 1, "lag_s": lag_s, "at": at}
            meta_set(connection, "fold_status", json.dumps(said))


class Visitor:
    """A browser of somebody: follows forms as a person would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def page(self, path: str, **more: Any) -> str:
        answer = self.client.get(path, **more)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        text: str = answer.get_data(as_text=True)
        return text

    def post(self, path: str, form_on: str = "/login", **fields: str) -> Any:
        page = self.client.get(form_on).get_data(as_text=True)
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
        token = found[1] if found else ""
        return self.client.post(path, data={"form_token": token} | fields)

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        return self.post("/login", name=name, password=password)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """On each database in turn where a test, or its file, uses `database_url`."""
    both = "database_url" in request.fixturenames
    url = request.getfixturevalue("database_url") if both else ""
    return Settings(data=str(tmp_path), database_url=url)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("empty")
    engine = open_store(Settings(data=str(folder)))
    schema.metadata.create_all(engine)
    engine.dispose()
    return folder / "ronda.db"


@pytest.fixture(scope="session")
def usual_hash() -> str:
    """What is stored of the usual password: one that is checked as any other, but quickly."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
def store(settings: Settings, empty_store: Path) -> Iterator[Engine]:
    if not settings.database_url:
        shutil.copy(empty_store, settings.folder / "ronda.db")
    engine = open_store(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def regency(store: Engine) -> Regency:
    made = Regency(store)
    made.fold(NOW)
    return made


@pytest.fixture(scope="session")
def bare_console() -> Flask:
    """All pages, without data: they take longer to make than most tests that look at them."""
    return unfurnished()


@pytest.fixture
def app(
    bare_console: Flask, settings: Settings, store: Engine, numbers: Numbers, clock: Clock
) -> Flask:
    furnish(bare_console, settings, store, numbers, clock, lambda: 0)
    return bare_console


@pytest.fixture
def account(store: Engine, usual_hash: str) -> Callable[..., str]:
    """Make an account with the usual password."""

    def make(name: str, role: str, areas: Sequence[str] = ()) -> str:
        row = {"name": name, "role": role, "areas": json.dumps(areas), "created_at": NOW}
        with writing(store) as connection:
            connection.execute(insert(schema.users).values(**row, password_hash=usual_hash))
        return name

    return make


@pytest.fixture
def visitor(app: Flask) -> Callable[[], Visitor]:
    """A new browser each time."""
    return lambda: Visitor(app.test_client())


@pytest.fixture
def signed_in(
    app: Flask,
    store: Engine,
    clock: Clock,
    account: Callable[..., str],
    visitor: Callable[[], Visitor],
) -> Callable[..., Visitor]:
    """A browser of somebody with this role, signed in, pages in Indonesian.

    What the form of /login does once it was read; the form is gone through by `sign_in`.
    """

    def enter(role: str = "noc", areas: Sequence[str] = ()) -> Visitor:
        browser = visitor()
        with app.test_request_context("/login", method="POST"):
            user = people.sign_in(store, account(f"{role}.a", role, areas), PASSWORD, clock())
            assert user and entrance.go_in(user, "/").status_code == 303
            begun = dict(session)
        with browser.client.session_transaction() as kept:
            kept.update(begun)
        return browser

    return enter
