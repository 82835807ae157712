"""What ingest knows of sites' configurations: asked for together, forgotten when people act."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from agent.strict import Refused
from collector import db
from collector.alike import kinds_of
from collector.config import agent_config, etag
from collector.intake.configs import Configs
from collector.intake.watch import concerns_agents
from collector.schema import services, sites
from collector.settings import Settings
from tests.stores import migrated

CODES = [f"35.10.06.2{n:03}" for n in range(1, 31)]
POISON = CODES[7]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        rows = [{"code": code, "row": n, "name": code} for n, code in enumerate(CODES)]
        connection.execute(insert(sites), rows)
    yield engine
    engine.dispose()


class Threads:
    """Runs in the loop what would run beside it; counts."""

    def __init__(self) -> None:
        self.ran = 0
        self.meanwhile: Callable[[], None] | None = None

    async def run(self, work: Callable[[], Any]) -> Any:
        self.ran += 1
        await asyncio.sleep(0)
        done = work()
        if self.meanwhile is not None:
            self.meanwhile()
        return done


def test_a_check_is_its_site_and_its_name() -> None:
    checks = [
        {"name": "web", "kind": "web"},
        {"name": "luar web", "kind": "http", "site": "35.10.06.2005"},
        {"name": "luar web", "kind": "tls", "site": "35.10.06.2006"},
    ]
    assert kinds_of({"checks": checks}) == {
        ("", "web"): "web",
        ("35.10.06.2005", "luar web"): "http",
        ("35.10.06.2006", "luar web"): "tls",
    }


def test_sites_that_report_meanwhile_are_asked_for_together(store: Engine) -> None:
    threads = Threads()

    async def main() -> list[str]:
        configs = Configs(store, Settings(), agent_config, threads.run)
        return await asyncio.gather(*(configs.etag(code, "") for code in CODES * 2))

    found = asyncio.run(main())
    assert threads.ran == 1
    with db.reading(store) as connection:
        assert found == [etag(agent_config(connection, code, Settings())) for code in CODES * 2]


def test_a_site_that_nobody_can_read_costs_no_other_its_configuration(store: Engine) -> None:
    def build(connection: Connection, code: str, settings: Settings) -> dict[str, Any]:
        if code == POISON:
            raise ZeroDivisionError
        return agent_config(connection, code, settings)

    with db.writing(store) as connection:
        row = {"name": "web", "site": POISON, "kind": "tcp", "target": "127.0.0.1:80"}
        connection.execute(insert(services).values(**row))

    async def main() -> list[Any]:
        configs = Configs(store, Settings(), build, Threads().run)
        asked = [configs.get(code) for code in [*CODES, "35.10.06.9999"]]
        return await asyncio.gather(*asked, return_exceptions=True)

    *found, gone = asyncio.run(main())
    assert isinstance(gone, Refused) and "not in the inventory" in str(gone)
    assert isinstance(found.pop(CODES.index(POISON)), ZeroDivisionError)
    assert {one.table["site"] for one in found} == set(CODES) - {POISON}


def test_what_was_read_before_an_edit_is_not_kept(store: Engine) -> None:
    threads = Threads()

    async def main() -> None:
        configs = Configs(store, Settings(), agent_config, threads.run)
        threads.meanwhile = lambda: configs.forget(["sites"], lambda _: False)
        assert await configs.etag(CODES[0], "")
        assert configs.known(CODES[0]) is None
        threads.meanwhile = None
        assert await configs.etag(CODES[0], "") == configs.known(CODES[0])
        configs.forget([CODES[1]], lambda _: True)
        assert configs.known(CODES[0])
        configs.forget([CODES[0]], lambda _: True)
        assert configs.known(CODES[0]) is None

    asyncio.run(main())


ACTS = {
    "an edit of sites": ("inventory", "sites", True),
    "a right to speak for others": ("grant", CODES[0], True),
    "what nobody foresaw": ("decree", "35.10", True),
    "an order to agents": ("ask", CODES[0], False),
    "an acknowledgement": ("acknowledge", "incident:12", False),
    "a sign-in": ("session_end", "account:siti", False),
    "a mute of a regency": ("mute", "35.10", False),
    "another telephone": ("inventory", "contacts", False),
}


@pytest.mark.parametrize(("verb", "subject", "concerns"), ACTS.values(), ids=ACTS)
def test_agents_hear_of_what_may_concern_them(verb: str, subject: str, concerns: bool) -> None:
    assert concerns_agents(verb, subject) is concerns
