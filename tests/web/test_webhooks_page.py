"""Webhooks on their page: added once with their secret, tried, switched off, taken away."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from alerts import webhooks
from collector.db import reading, writing
from collector.settings import Settings
from tests.web.conftest import NOW, Visitor
from tests.web.test_pages import text_of

pytestmark = pytest.mark.usefixtures("database_url")

PAGE = "/centre/webhooks"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_targets=("127.0.0.0/8",))


@pytest.fixture
def heard() -> Iterator[tuple[str, list[Any]]]:
    """The far end's address, and what it was sent."""
    told: list[Any] = []

    class Far(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Far)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x", told
    server.shutdown()
    server.server_close()
    thread.join()


def there(store: Engine) -> list[webhooks.Webhook]:
    with reading(store) as connection:
        return webhooks.listing(connection)


def press(admin: Visitor, number: int, do: str) -> Any:
    rev = re.search(r'name="rev" value="(\d+)"', admin.page(PAGE))
    return admin.post(f"{PAGE}/{number}", PAGE, do=do, rev=rev[1] if rev else "")


def test_one_is_added_tried_switched_off_and_removed(
    signed_in: Callable[..., Visitor], store: Engine, heard: tuple[str, list[Any]]
) -> None:
    url, told = heard
    admin = signed_in("admin")
    page = text_of(admin.post(PAGE, PAGE, name="tiket", url=url).get_data(as_text=True))
    secret = re.search(r"ditampilkan sekali ini: (\S+)", page)
    assert secret and len(secret[1]) > 30
    assert secret[1] not in admin.page(PAGE)
    (one,) = there(store)
    assert press(admin, one.id, "try").status_code == 303
    assert [each["event"] for each in told] == ["trial"]
    assert "tiket menerimanya" in text_of(admin.page(PAGE))
    press(admin, one.id, "off")
    assert not there(store)[0].active and "dimatikan" in text_of(admin.page(PAGE))
    press(admin, one.id, "on")
    assert there(store)[0].active
    press(admin, one.id, "remove")
    assert there(store) == [] and "Belum ada webhook" in text_of(admin.page(PAGE))


def test_a_password_in_an_address_is_not_shown(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    admin = signed_in("admin")
    admin.post(PAGE, PAGE, name="tiket", url="https://ronda:rahasia@t.example/x")
    assert there(store)[0].url == "https://ronda:rahasia@t.example/x"
    assert "rahasia" not in admin.page(PAGE) and "https://t.example/x" in admin.page(PAGE)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"name": "", "url": "https://t.example/"}, "1"),
        ({"name": "t", "url": "ftp://t.example/"}, "http"),
        ({"name": "t", "url": "https://t.example/", "areas": "x"}, "x"),
        ({"name": "t", "url": "https://t.example/", "areas": "35.11"}, "di luar wilayah"),
    ],
    ids=["no name", "no address", "no area", "another's area"],
)
def test_what_cannot_be_is_said_beside_its_field(
    signed_in: Callable[..., Visitor], store: Engine, cells: dict[str, str], says: str
) -> None:
    answer = signed_in("admin", ("35.10",)).post(PAGE, PAGE, **cells)
    page = answer.get_data(as_text=True)
    wrong = re.findall(r'class="error"[^>]*>([^<]*)<', page)
    assert answer.status_code == 422 and len(wrong) == 1 and says in wrong[0]
    assert there(store) == []


def test_one_of_other_areas_is_not_there(signed_in: Callable[..., Visitor], store: Engine) -> None:
    limited = signed_in("admin", ("35.10",))
    with writing(store) as connection:
        wanted = webhooks.Wanted("lapor", "https://t.example/", ("35.11",))
        number, _ = webhooks.add(connection, b"k" * 32, wanted, NOW, "dewi")
    assert "lapor" not in limited.page(PAGE)
    for do in ("try", "off", "remove"):
        assert limited.post(f"{PAGE}/{number}", PAGE, do=do, rev="1").status_code == 404
    assert limited.post(f"{PAGE}/{2**63}", PAGE, do="try").status_code == 404
    assert there(store)[0].active


def test_who_was_overtaken_changes_nothing(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    admin = signed_in("admin")
    admin.post(PAGE, PAGE, name="tiket", url="https://t.example/")
    (one,) = there(store)
    admin.post(f"{PAGE}/{one.id}", PAGE, do="remove", rev="7")
    assert "orang lain mengubahnya" in text_of(admin.page(PAGE)) and there(store) == [one]
