"""Strangers send no byte of a table; who may send has few on the way."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.conftest import Visitor
from tests.web.phones import Phone, all_at_once, cookie_of
from web.inventory import uploading
from web.inventory.table_door import TableDoor

People = Callable[..., Visitor]


@pytest.mark.parametrize(
    ("role", "status"), [("", 401), ("viewer", 403), ("village", 403)], ids=lambda each: str(each)
)
def test_who_may_not_sends_no_byte(app: Flask, signed_in: People, role: str, status: int) -> None:
    phone = Phone(uploading.PATH, cookie_of(signed_in(role)) if role else "")
    all_at_once(TableDoor(app), [phone])
    assert (phone.status, phone.asked_for_body) == (status, False)


def test_strangers_do_not_take_the_places_of_an_editor(app: Flask, signed_in: People) -> None:
    editor = Phone(uploading.PATH, cookie_of(signed_in("noc")))
    all_at_once(TableDoor(app, most=1), [*(Phone(uploading.PATH) for _ in range(3)), editor])
    # what was sent is no form and carries no token
    assert (editor.status, editor.asked_for_body) == (400, True)


def test_one_editor_does_not_take_the_places_of_all(app: Flask, signed_in: People) -> None:
    cookie = cookie_of(signed_in("noc"))
    mine = [Phone(uploading.PATH, cookie) for _ in range(3)]
    theirs = Phone(uploading.PATH, cookie_of(signed_in("admin")))
    all_at_once(TableDoor(app, most=3, most_each=2), [*mine, theirs])
    assert [phone.asked_for_body for phone in mine] == [True, True, False]
    assert mine[-1].status == 429
    assert "masih" in mine[-1].said
    assert theirs.asked_for_body


def test_a_look_is_no_upload(app: Flask, signed_in: People) -> None:
    phone = Phone(f"{uploading.PATH}/1", cookie_of(signed_in("noc")))
    all_at_once(TableDoor(app, most=0), [phone])
    assert (phone.status, phone.asked_for_body) == (400, True)
