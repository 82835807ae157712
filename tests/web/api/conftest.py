"""The API over a small regency, as programs with tokens ask it."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from collector.db import open_store
from collector.secret import load_secret
from collector.settings import Settings
from tests.web.api import world
from tests.web.cases import Cases
from tests.web.conftest import (
    NOW,
    OTHER,
    SITE,
    Regency,
    account,
    app,
    clock,
    empty_store,
    numbers,
    regency,
    settings,
    store,
    usual_hash,
)
from web import tokens

__all__ = [
    "account", "app", "clock", "empty_store", "numbers", "regency", "settings", "store",
    "usual_hash",
]  # fmt: skip

V1 = "/api/v1"
AREA = "35.10.06"


class Program:
    """Asks with a token, and reads JSON."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self._client, self._token = app.test_client(), token

    def ask(self, method: str, path: str, body: Any = None, mark: str = "", **more: Any) -> Any:
        headers = dict(more.pop("headers", {}))
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if mark:
            headers["If-Match"] = mark
        sent = {} if body is None else {"json": body}
        return self._client.open(V1 + path, method=method, headers=headers, **sent, **more)

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self.told(self.ask("GET", path, query_string=query), status)

    def post(self, path: str, body: Any = None, status: int = 200, mark: str = "") -> Any:
        return self.told(self.ask("POST", path, body, mark), status)

    def told(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json() if answer.get_data() else None


@pytest.fixture(scope="session")
def whole_regency(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    """A database with something of everything, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(empty_store, folder / "ronda.db")
    engine = open_store(Settings(data=str(folder)))
    regency = Regency(engine)
    regency.fold(NOW)
    world.build(engine, regency, load_secret(folder))
    engine.dispose()
    return folder


@pytest.fixture
def whole(settings: Settings, whole_regency: Path) -> Iterator[Engine]:
    """A regency in which there is something of everything."""
    for name in ("ronda.db", "secret.key"):
        shutil.copy(whole_regency / name, settings.folder / name)
    engine = open_store(settings)
    yield engine
    engine.dispose()


Programs = Callable[..., Program]


@pytest.fixture
def program(app: Flask, store: Engine) -> Programs:
    """A program with a token of this role; of the centre's own."""

    def make(role: str = "noc", area: str = "", site: str = "") -> Program:
        return Program(app, tokens.issue(store, "tiket", role, area, site, NOW))

    return make


@pytest.fixture
def asks(program: Programs) -> Programs:
    """The same of a program whose words are what matters."""
    return program


@pytest.fixture
def cases(store: Engine) -> Cases:
    return Cases(store)


@pytest.fixture
def villages(regency: Regency) -> Mapping[str, str]:
    """Two villages in two districts, one of them down."""
    regency.site(
        SITE,
        "Sumbersari",
        "down",
    )
    regency.site(OTHER, "Cluring", "normal", district="Genteng", isp="Biznet")
    regency.check(SITE, "web", "bad", reason="no answer")
    return {"mine": SITE, "other": OTHER}
