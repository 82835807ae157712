"""The page of passwords: kept, replaced and forgotten by who may, shown to nobody."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from collector import passwords
from collector.db import reading
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
