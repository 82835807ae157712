"""Pages of runs hear of what happens to them, and of nothing else."""

import asyncio
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from playbooks.states import HostState
from tests.web.conftest import OTHER, SITE
from tests.web.playbooks.conftest import Field
from tests.web.test_live import changes, settled
from web import people
from web.facts import Facts
from web.live import Client, Live
from web.people import User
from web.seats import Seats


@pytest.fixture
def live(store: Engine, field: Field, clock: Any, numbers: Any) -> Live:
    return Live(store, Facts(store, numbers), clock, ZoneInfo("Asia/Jakarta"), Seats())


@pytest.fixture
def reader(store: Engine, account: Callable[..., str]) -> Callable[..., User]:
    def make(name: str, areas: tuple[str, ...] = ()) -> User:
        found = people.user(store, account(name, "noc", areas))
        assert found
        return found

    return make


def joined(live: Live, user: User, run: int) -> Client:
    client = live.join(user, "", None, run)
    assert isinstance(client, Client)
    return client


def begun(field: Field, number: int) -> None:
    field.begin(number)


def stepped(field: Field, number: int) -> None:
    field.begin(number)
    field.step(field.hosts(number)[0], 1, "do", "ping")


def ended(field: Field, number: int) -> None:
    field.begin(number)
    field.end(number, HostState.DONE)


@pytest.mark.parametrize("happens", [begun, stepped, ended], ids=lambda f: f.__name__)
def test_a_page_hears_of_its_run(
    happens: Callable[[Field, int], None], live: Live, field: Field, reader: Callable[..., User]
) -> None:
    first, second = field.run(SITE), field.run(SITE)

    async def story() -> list[int]:
        user = reader("dewi")
        clients = [joined(live, user, number) for number in (first, second, 0)]
        await settled(live, *clients)
        happens(field, first)
        await live.look()
        return [changes(client) for client in clients]

    assert asyncio.run(story()) == [1, 0, 1]


def test_each_step_is_news(live: Live, field: Field, reader: Callable[..., User]) -> None:
    number = field.run(SITE)
    field.begin(number)

    async def story() -> list[int]:
        client = joined(live, reader("dewi"), number)
        await settled(live, client)
        heard = []
        for n in (1, 2):
            field.step(field.hosts(number)[0], n, "do", "ping")
            await live.look()
            heard.append(changes(client))
        await live.look()
        return [*heard, changes(client)]

    assert asyncio.run(story()) == [1, 1, 0]


def test_the_list_hears_of_runs_in_the_readers_areas(
    live: Live, field: Field, reader: Callable[..., User]
) -> None:
    async def story() -> list[int]:
        near, far = reader("near", ("35.10.06",)), reader("far", ("35.10.11",))
        clients = [joined(live, near, 0), joined(live, far, 0)]
        await settled(live, *clients)
        field.run(SITE)
        await live.look()
        return [changes(client) for client in clients]

    assert asyncio.run(story()) == [1, 0]


def test_a_run_that_began_and_ended_between_two_looks_is_news(
    live: Live, field: Field, reader: Callable[..., User]
) -> None:
    async def story() -> int:
        client = joined(live, reader("dewi"), 0)
        await settled(live, client)
        ended(field, field.run(OTHER))
        await live.look()
        return changes(client)

    assert asyncio.run(story()) == 1


def test_other_pages_hear_nothing_of_runs(
    live: Live, field: Field, regency: Any, reader: Callable[..., User]
) -> None:
    async def story() -> list[int]:
        user = reader("dewi")
        plain, mine = live.join(user, ""), joined(live, user, 0)
        assert isinstance(plain, Client)
        await settled(live, plain, mine)
        field.run(SITE)
        await live.look()
        heard = [changes(plain), changes(mine)]
        regency.check(SITE, "opensid", "bad", rev=2)
        await live.look()
        return [*heard, changes(plain), changes(mine)]

    assert asyncio.run(story()) == [0, 1, 1, 0]
