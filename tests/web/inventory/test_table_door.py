"""Strangers send no byte of a table; who may send has few on the way."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import Visitor
from tests.web.test_photo_door import Phone, cookie_of
from web.inventory import uploading
from web.inventory.table_door import TableDoor

People = Callable[..., Visitor]


def all_at_once(app: Flask, phones: Sequence[Phone], **bounds: Any) -> None:
    """They begin one after the other; none goes on before all have begun."""

    async def story() -> None:
        door, waiting = TableDoor(app, **bounds), []
        for phone in phones:
            waiting.append(asyncio.create_task(door(phone.scope, phone.receive, phone.send)))
            while not (phone.asked_for_body or phone.sent):
                await asyncio.sleep(0.001)
        for phone in phones:
            phone.go.set()
        await asyncio.gather(*waiting)
        await door.close(1)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("role", "status"), [("", 401), ("viewer", 403), ("village", 403)], ids=lambda each: str(each)
)
def test_who_may_not_sends_no_byte(app: Flask, signed_in: People, role: str, status: int) -> None:
    phone = Phone(uploading.PATH, cookie_of(signed_in(role)) if role else "")
    all_at_once(app, [phone])
    assert (phone.status, phone.asked_for_body) == (status, False)


def test_strangers_do_not_take_the_places_of_an_editor(app: Flask, signed_in: People) -> None:
    editor = Phone(uploading.PATH, cookie_of(signed_in("noc")))
    all_at_once(app, [*(Phone(uploading.PATH) for _ in range(3)), editor], most=1)
    # what was sent is no form and carries no token
    assert (editor.status, editor.asked_for_body) == (400, True)


def test_one_editor_does_not_take_the_places_of_all(app: Flask, signed_in: People) -> None:
    cookie = cookie_of(signed_in("noc"))
    mine = [Phone(uploading.PATH, cookie) for _ in range(3)]
    theirs = Phone(uploading.PATH, cookie_of(signed_in("admin")))
    all_at_once(app, [*mine, theirs], most=3, most_each=2)
    assert [phone.asked_for_body for phone in mine] == [True, True, False]
    assert mine[-1].status == 429
    assert "masih" in mine[-1].said
    assert theirs.asked_for_body


def test_a_look_is_no_upload(app: Flask, signed_in: People) -> None:
    phone = Phone(f"{uploading.PATH}/1", cookie_of(signed_in("noc")))
    all_at_once(app, [phone], most=0)
    assert (phone.status, phone.asked_for_body) == (400, True)
