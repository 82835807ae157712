"""Strangers send no byte of a photo; who may send has few on the way and leaves room for others."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine, insert

from alerts import links
from collector import schema
from collector.db import writing
from collector.inventory import Contact
from collector.settings import Settings
from tests.web.conftest import NOW, OTHER, SITE, Regency, Visitor
from tests.web.phones import Phone, all_at_once, cookie_of
from web.photo_door import PhotoDoor
from web.tongue import LANGUAGES, speaking

NAMES = ("Sari", "Budi", "Ketut")


@pytest.fixture(autouse=True)
def as_at_the_start() -> Iterator[None]:
    # a test before may have asked in English, and its thread is ours
    with speaking(LANGUAGES[0]):
        yield


@pytest.fixture
def link(settings: Settings, regency: Regency, store: Engine) -> Callable[..., str]:
    """Addresses for photos of incident 1, made for people who were told of it."""
    regency.site(SITE, "Tembokrejo", "down")
    number = regency.incident("Internet putus", SITE)
    for name in (*NAMES, "Wira"):
        regency.contact(SITE, name, "village", webhook=f"http://{name}/")
    with writing(store) as connection:
        for name in NAMES:
            row = {"incident": number, "news": "opened", "person": name, "body": "{}"}
            row |= {"channel": "webhook", "target": f"http://{name}/", "state": "sent"}
            connection.execute(insert(schema.notices).values(**row, next_try=NOW, created_at=NOW))
    maker = links.maker(replace(settings, public_url="https://noc.id"))

    def path(name: str = "Sari", at: float = NOW) -> str:
        whom = Contact(SITE, name, "village", 1, "id", "", "", "", "", f"http://{name}/")
        return maker.url(number, whom, at).removeprefix("https://noc.id") + "/photo"

    return path


def test_a_forged_link_sends_no_byte(app: Flask, link: Callable[..., str]) -> None:
    phone = Phone("/t/B5zST5AdSMsA5QnLMwI/photo")
    all_at_once(PhotoDoor(app), [phone])
    assert (phone.status, phone.asked_for_body) == (403, False)
    assert "tidak utuh" in phone.said
    assert (b"referrer-policy", b"no-referrer") in phone.sent[0]["headers"]


@pytest.mark.parametrize(
    ("name", "at", "status"),
    [("Sari", NOW - 9 * 86400, 410), ("Wira", NOW, 403)],
    ids=["too old", "never told"],
)
def test_a_link_that_opens_nothing_sends_no_byte(
    app: Flask, link: Callable[..., str], name: str, at: float, status: int
) -> None:
    phone = Phone(link(name, at))
    all_at_once(PhotoDoor(app), [phone])
    assert (phone.status, phone.asked_for_body) == (status, False)


@pytest.mark.parametrize(
    ("role", "areas", "number", "status", "says"),
    [
        ("", (), 1, 401, "Sesi Anda"),
        ("viewer", (), 1, 403, ""),
        ("noc", (), 99, 404, ""),
        ("village", (OTHER,), 1, 404, ""),
    ],
    ids=["a stranger", "a viewer", "no such incident", "another area"],
)
def test_who_may_not_sends_no_byte(
    app: Flask,
    link: Callable[..., str],
    signed_in: Callable[..., Visitor],
    role: str,
    areas: Sequence[str],
    number: int,
    status: int,
    says: str,
) -> None:
    cookie = cookie_of(signed_in(role, areas)) if role else ""
    phone = Phone(f"/incidents/{number}/photo", cookie)
    all_at_once(PhotoDoor(app), [phone])
    assert (phone.status, phone.asked_for_body) == (status, False)
    assert says in phone.said


def test_who_may_gets_as_far_as_the_form(
    app: Flask, link: Callable[..., str], signed_in: Callable[..., Visitor]
) -> None:
    phones = [Phone(link()), Phone("/incidents/1/photo", cookie_of(signed_in("technician")))]
    all_at_once(PhotoDoor(app), phones)
    # what was sent is no form: it is for no incident, and carries no token
    assert [(phone.status, phone.asked_for_body) for phone in phones] == [(403, True), (400, True)]


def test_strangers_do_not_take_the_places_of_a_village(
    app: Flask, link: Callable[..., str]
) -> None:
    strangers = [Phone("/t/B5zST5AdSMsA5QnLMwI/photo") for _ in range(3)]
    village = Phone(link())
    all_at_once(PhotoDoor(app, most=1), [*strangers, village])
    assert village.asked_for_body


def test_one_person_does_not_take_the_places_of_all(app: Flask, link: Callable[..., str]) -> None:
    mine, theirs = [Phone(link()) for _ in range(3)], Phone(link("Budi"))
    all_at_once(PhotoDoor(app, most=3, most_each=2), [*mine, theirs])
    assert [phone.asked_for_body for phone in mine] == [True, True, False]
    assert mine[-1].status == 429
    assert "masih" in mine[-1].said
    assert theirs.asked_for_body


def test_more_than_so_many_at_a_time_are_sent_away_with_words(
    app: Flask, link: Callable[..., str]
) -> None:
    phones = [Phone(link(name)) for name in NAMES]
    all_at_once(PhotoDoor(app, most=2), phones)
    assert [phone.asked_for_body for phone in phones] == [True, True, False]
    assert phones[-1].status == 503
    assert "Coba lagi" in phones[-1].said


def test_a_place_is_free_again_when_the_photo_is_there(
    app: Flask, link: Callable[..., str]
) -> None:
    async def story() -> Sequence[Phone]:
        door, phones = PhotoDoor(app, most=1), [Phone(link()) for _ in range(2)]
        for phone in phones:
            phone.go.set()
            await door(phone.scope, phone.receive, phone.send)
        await door.close(1)
        return phones

    assert [phone.asked_for_body for phone in asyncio.run(story())] == [True, True]
