"""The page of passwords: kept, replaced and forgotten by who may, shown to nobody."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from collector import passwords
from collector.db import reading, writing
from collector.inventory.binding import Binding
from collector.secret import load_secret
from collector.settings import Settings
from tests.web.conftest import Visitor

PAGE = "/checks/passwords"
PLAIN = "kata sandi satu"


def names(store: Engine) -> list[str]:
    with reading(store) as connection:
        return [one.name for one in passwords.kept(connection)]


def test_one_is_kept_and_no_page_shows_it(
    signed_in: Callable[..., Visitor], store: Engine, settings: Settings
) -> None:
    admin = signed_in("admin")
    answer = admin.post(PAGE, PAGE, name="snmp-auth", password=PLAIN)
    assert answer.status_code == 303
    page = admin.get(PAGE).get_data(as_text=True)
    assert "snmp-auth" in page and PLAIN not in page
    with reading(store) as connection:
        assert passwords.unreadable(connection, load_secret(settings.folder)) == []
    admin.post(PAGE, PAGE, name="snmp-auth", do="forget")
    assert names(store) == []


def test_what_cannot_be_kept_is_said_by_field(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    admin = signed_in("admin")
    answer = admin.post(PAGE, PAGE, name="snmp-auth", password="pendek")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "harus 8 sampai 255 huruf" in page
    assert "pendek" not in page and names(store) == []
    assert admin.post(PAGE, PAGE, name="x", do="forget").status_code == 422


@pytest.mark.parametrize("role", ["viewer", "village", "technician", "noc"])
def test_nobody_else_comes_near(signed_in: Callable[..., Visitor], role: str) -> None:
    assert signed_in(role).get(PAGE).status_code == 403


def test_who_is_limited_to_areas_keeps_passwords_for_them(
    signed_in: Callable[..., Visitor], store: Engine, settings: Settings
) -> None:
    secret = load_secret(settings.folder)
    with writing(store) as connection:
        for name, area in (("theirs", "35.10.11"), ("everywhere", "")):
            passwords.put(connection, secret, name, PLAIN, 1.0, "siti", Binding(area))
    admin = signed_in("admin", ["35.10.06"])
    saved = admin.post(
        PAGE, PAGE, name="mine", password=PLAIN, area="35.10.06", targets="10.0.0.0/8"
    )
    assert saved.status_code == 303
    page = admin.get(PAGE).get_data(as_text=True)
    assert "10.0.0.0/8" in page and '<th scope="row">theirs' not in page
    wider = {"name": "mine", "area": "35.10"}
    for cells in (wider, {"name": "theirs", "area": "35.10.06"}, {"name": "new"}):
        assert admin.post(PAGE, PAGE, password=PLAIN, **cells).status_code == 422
    assert admin.post(PAGE, PAGE, name="everywhere", do="forget").status_code == 422
    # the password stays, where it may go changes
    assert admin.post(PAGE, PAGE, name="mine", targets="-").status_code == 303
    with reading(store) as connection:
        assert {one.name: one.bound for one in passwords.kept(connection)} == {
            "everywhere": Binding(),
            "mine": Binding("35.10.06"),
            "theirs": Binding("35.10.11"),
        }
