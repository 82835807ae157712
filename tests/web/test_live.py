"""Live pages: who hears of what, slow listeners, ended sessions, a bound on all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from alerts import chronicle
from collector import doctor_console
from collector.db import writing
from web import accounts, people
from web.accounts import RONDA
from web.facts import Facts
from web.live import NOTE_EVERY_S, Client, Live
from web.people import User
from web.seats import Full, Seats
from web.walls import Wall

NOW = 1795425120.0
SITE, OTHER = "35.10.06.2005", "35.10.11.2002"
CHANGED = "event: changed\ndata: {}\n\n"


@pytest.fixture
def live(store: Engine, regency: Any, clock: Any, numbers: Any) -> Live:
    regency.site(SITE, "Benculuk", "normal")
    regency.site(OTHER, "Bayu", "normal")
    return Live(store, Facts(store, numbers), clock, ZoneInfo("Asia/Jakarta"), Seats(most=3))


@pytest.fixture
def reader(store: Engine, account: Callable[..., str]) -> Callable[..., User]:
    def make(name: str, areas: tuple[str, ...] = ()) -> User:
        found = people.user(store, account(name, "noc", areas))
        assert found
        return found

    return make


def waiting(client: Client) -> list[str | None]:
    found = []
    while not client.queue.empty():
        found.append(client.queue.get_nowait())
    return found


def changes(client: Client) -> int:
    return waiting(client).count(CHANGED)


async def settled(live: Live, *clients: Client) -> None:
    """The first look only learns where things stand."""
    await live.look()
    for client in clients:
        waiting(client)


def test_a_change_reaches_those_it_concerns(
    live: Live, reader: Callable[..., User], regency: Any
) -> None:
    async def story() -> list[int]:
        pages = [(reader("all"), ""), (reader("other", ("35.10.11",)), ""), (reader("one"), OTHER)]
        clients = [live.join(user, site) for user, site in pages]
        assert all(clients)
        heard = [client for client in clients if client]
        await settled(live, *heard)
        regency.check(SITE, "opensid", "bad", rev=2)
        await live.look()
        return [changes(client) for client in heard]

    assert asyncio.run(story()) == [1, 0, 0]


def test_nothing_is_told_twice_and_nothing_of_the_past(
    live: Live, reader: Callable[..., User], regency: Any
) -> None:
    async def story() -> list[int]:
        client = live.join(reader("all"), "")
        assert client
        told: list[int] = []
        for rev in (None, 2, None, 2, 3):
            if rev:
                regency.check(SITE, f"check {len(told)}", "bad", rev=rev)
            await live.look()
            told.append(changes(client))
        return told

    assert asyncio.run(story()) == [0, 1, 0, 1, 1]


def test_a_restored_database_makes_all_pages_look_again(
    live: Live, reader: Callable[..., User], regency: Any, store: Engine
) -> None:
    async def story() -> int:
        client = live.join(reader("other", ("35.10.11",)), "")
        assert client
        regency.check(SITE, "opensid", "bad", rev=9)
        await settled(live, client)
        with store.begin() as connection:
            connection.exec_driver_sql("DELETE FROM checks")
        await live.look()
        return changes(client)

    assert asyncio.run(story()) == 1


def test_a_page_of_incidents_hears_of_those_it_shows(
    live: Live, reader: Callable[..., User], regency: Any, store: Engine
) -> None:
    async def story() -> list[list[int]]:
        here = regency.incident("here", SITE, rev=1)
        there = regency.incident("there", OTHER, rev=2)
        everybody, elsewhere = reader("all"), reader("other", ("35.10.11",))
        clients = [
            live.join(everybody, "", 0) or Client(everybody),
            live.join(elsewhere, "", 0) or Client(elsewhere),
            live.join(everybody, "", here) or Client(everybody),
        ]
        await settled(live, *clients)
        told = []
        with store.begin() as connection:
            connection.exec_driver_sql(f"UPDATE incidents SET rev = 3 WHERE id = {here}")
        await live.look()
        told.append([changes(client) for client in clients])
        with writing(store) as connection:
            chronicle.note(connection, there, NOW, "note", "on the way")
        await live.look()
        told.append([changes(client) for client in clients])
        regency.check(SITE, "opensid", "bad", rev=9)
        await live.look()
        told.append([changes(client) for client in clients])
        return told

    assert asyncio.run(story()) == [[1, 0, 1], [1, 1, 0], [0, 0, 0]]


def test_a_page_of_an_incident_elsewhere_hears_nothing(
    live: Live, reader: Callable[..., User], regency: Any, store: Engine
) -> None:
    async def story() -> int:
        here = regency.incident("here", SITE, rev=1)
        client = live.join(reader("other", ("35.10.11",)), "", here)
        assert client
        await settled(live, client)
        with store.begin() as connection:
            connection.exec_driver_sql("UPDATE incidents SET rev = 3")
        await live.look()
        return changes(client)

    assert asyncio.run(story()) == 0


def test_who_falls_behind_is_told_to_look_again(reader: Callable[..., User]) -> None:
    client = Client(reader("all"))
    for number in range(100):
        client.tell(f"news {number}")
    left = waiting(client)
    assert len(left) <= 16
    assert CHANGED in left


def test_there_is_room_for_so_many_and_no_more(live: Live, reader: Callable[..., User]) -> None:
    readers = [reader(name) for name in "abcd"]
    joined = [live.join(user, "") for user in readers]
    assert [isinstance(each, Client) for each in joined] == [True, True, True, False]
    assert joined[-1] is Full.ALL


def test_who_has_many_gives_the_oldest_to_who_has_none(
    live: Live, reader: Callable[..., User]
) -> None:
    many, few = reader("many"), reader("few")
    mine = [live.join(many, "") for _ in range(3)]
    theirs = live.join(few, "")
    assert list(live.clients) == [mine[1], mine[2], theirs]
    assert isinstance(mine[0], Client)
    assert waiting(mine[0]) == [None], "it is told that it is over"
    assert live.join(few, "") is Full.ALL, "two and two: nobody takes from the other"


def test_one_account_has_so_many_and_no_more(
    live: Live, reader: Callable[..., User], store: Engine, clock: Any
) -> None:
    live.seats = Seats(most=9, most_each=2)
    user, wall = reader("all"), Wall(1, "kiri", (), "id", "dewi", NOW)
    assert [isinstance(live.join(user, ""), Client) for _ in range(3)] == [True, True, False]
    assert live.join(user, "") is Full.OWN
    assert isinstance(live.join(wall, ""), Client)
    asyncio.run(live.note())
    (found,) = doctor_console.live(store)
    assert (
        found.says
        == "3 of 9 open, 2 of one reader; 2 refused since it began: a reader has 2 at most"
    )
    assert "accounts of their own" in found.do


def test_doctor_has_nothing_to_say_where_all_found_room(
    live: Live, reader: Callable[..., User], store: Engine, clock: Any
) -> None:
    assert not list(doctor_console.live(store))
    live.join(reader("all"), "")
    asyncio.run(live.note())
    assert [(each.says, each.fine) for each in doctor_console.live(store)] == [
        ("1 of 3 open, 1 of one reader", True)
    ]
    live.join(reader("another"), "")
    asyncio.run(live.note())
    assert "1 of 3" in next(doctor_console.live(store)).says, "once a minute"
    clock.now += NOTE_EVERY_S
    asyncio.run(live.note())
    assert "2 of 3" in next(doctor_console.live(store)).says


@pytest.mark.parametrize("ending", ["end_sessions", "reset"])
def test_an_ended_session_hears_nothing_more(
    live: Live, reader: Callable[..., User], store: Engine, clock: Any, ending: str
) -> None:
    async def story() -> list[str | None]:
        gone, stays = live.join(reader("gone"), ""), live.join(reader("stays"), "")
        assert gone and stays
        await settled(live, gone, stays)
        if ending == "reset":
            accounts.reset(store, RONDA, "gone", NOW)
        else:
            accounts.sign_out(store, RONDA, "gone", NOW)
        clock.now += 6
        await live.look()
        assert None not in waiting(stays)
        return waiting(gone)

    assert asyncio.run(story()) == [None]


def test_a_database_that_went_away_is_waited_for(
    live: Live, reader: Callable[..., User], store: Engine, regency: Any
) -> None:
    async def story() -> int:
        client = live.join(reader("all"), "")
        assert client
        await settled(live, client)
        with store.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE checks RENAME TO away")
        await live.look()
        with store.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO checks")
        regency.check(SITE, "opensid", "bad", rev=2)
        await live.look()
        return changes(client)

    assert asyncio.run(story()) == 1


def test_a_page_hears_where_things_stand_and_how_fresh(
    live: Live, reader: Callable[..., User]
) -> None:
    async def story() -> list[str]:
        client = live.join(reader("all"), "")
        assert client
        heard: AsyncIterator[str] = live.listen(client)
        return [await anext(heard), await anext(heard)]

    hello, tick = asyncio.run(story())
    assert hello == 'event: hello\ndata: {"rev":"1.2.0"}\n\n'
    assert tick == 'event: tick\ndata: {"time":"16.11.59","late":false}\n\n'


def test_what_changes_before_the_first_look_is_told(
    live: Live, reader: Callable[..., User], regency: Any
) -> None:
    async def story() -> str | None:
        client = live.join(reader("a"), "")
        assert client
        messages = live.listen(client)
        assert "hello" in await anext(messages)
        regency.check(SITE, "opensid", "bad", rev=2)
        await live.look()
        return CHANGED if CHANGED in waiting(client) else None

    assert asyncio.run(story()) == CHANGED
