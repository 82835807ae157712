"""The people of a regency are asked whether messages come, and answer by a link."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from alerts import links
from alerts.links import Maker
from collector import db, schema
from collector.inventory import Contact
from collector.secret import load_secret
from tests.web.conftest import NOW, OTHER, SITE, Clock
from tests.web.inventory.conftest import Importer
from tests.web.test_pages import text_of

pytestmark = pytest.mark.usefixtures("database_url")

PAGE = "/inventory/readiness/trial"


@pytest.fixture
def noc(importer: Callable[..., Importer]) -> Importer:
    someone = importer("noc")
    someone.bring(
        ("sites.csv", f"code,name\n{SITE},Benculuk\n{OTHER},Bayu\n"),
        (
            "contacts.csv",
            f"scope,name,role,webhook\n{SITE},Agus,village,https://a.example/\n"
            f"{OTHER},Rini,village,\n",
        ),
    )
    return someone


def queued(store: Engine) -> list[Any]:
    with db.reading(store) as connection:
        return list(connection.execute(schema.notices.select()))


def key_of(app: Flask, call: int, **more: Any) -> str:
    """The link that Agus was sent."""
    centre = app.extensions["ronda"]
    person = Contact(SITE, "Agus", "village", 1, "id", "", "", "", "", "https://a.example/")
    maker = Maker(load_secret(centre.settings.folder), "http://x")
    return maker.url(call, person, more.get("at", NOW), links.TRIAL).removeprefix("http://x")


def test_one_button_asks_all_and_the_page_says_how_far_it_is(noc: Importer, store: Engine) -> None:
    assert "Belum ada yang ditanya." in text_of(noc.browser.page(PAGE))
    assert noc.browser.post(PAGE, PAGE).status_code == 303
    page = text_of(noc.browser.page(PAGE))
    assert "sedang dikirim ke 2 orang" in page and "tidak ada jalur pesan 1" in page
    assert page.index("Rini") < page.index("Agus") and "Benculuk" in page
    sent = [(row.person, row.news, row.incident) for row in queued(store)]
    assert sent == [("Agus", "trial", 0)]
    assert noc.browser.post(PAGE, PAGE).status_code == 303
    assert "kurang dari sepuluh menit" in text_of(noc.browser.page(PAGE))
    assert len(queued(store)) == 1


@pytest.mark.parametrize(("area", "people"), [("35.10.11", 0), ("35.10.06", 1), ("%", 0)])
def test_one_area_alone(noc: Importer, store: Engine, area: str, people: int) -> None:
    noc.browser.post(PAGE, PAGE, area=area)
    assert len(queued(store)) == people


def test_nobody_asks_people_of_other_areas(
    noc: Importer, importer: Callable[..., Importer], store: Engine
) -> None:
    other = importer("admin", ("35.10.11",))
    other.browser.post(PAGE, PAGE)
    page = text_of(other.browser.page(PAGE))
    assert "Rini" in page and "Agus" not in page and queued(store) == []
    noc.browser.post(PAGE, PAGE, area=SITE[:8])
    assert "Agus" not in text_of(other.browser.page(PAGE))


def test_a_link_answers_without_an_account(noc: Importer, app: Flask, store: Engine) -> None:
    noc.browser.post(PAGE, PAGE)
    with db.reading(store) as connection:
        call = [row.call for row in connection.execute(schema.trials.select())][0]
    link, phone = key_of(app, call), app.test_client()
    assert "Pesannya sampai" in phone.get(link).get_data(as_text=True)
    assert "sudah menjawab 0" in text_of(noc.browser.page(PAGE))
    answer = phone.post(link, follow_redirects=True)
    assert answer.status_code == 200 and "Tercatat" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers and "noindex" in answer.headers["X-Robots-Tag"]
    assert "sudah menjawab 1" in text_of(noc.browser.page(PAGE))
    again = phone.get(link).get_data(as_text=True)
    assert "Tercatat" in again and "<button" not in again, "it has been pressed"


def test_a_link_that_is_old_forged_or_another_persons_opens_nothing(
    noc: Importer, app: Flask, clock: Clock, store: Engine
) -> None:
    noc.browser.post(PAGE, PAGE)
    with db.reading(store) as connection:
        call = [row.call for row in connection.execute(schema.trials.select())][0]
    phone, link = app.test_client(), key_of(app, call)
    assert phone.post(f"{link[:-3]}AAA").status_code == 403
    assert phone.get("/k/x").status_code == 403
    assert phone.post(key_of(app, call + 1)).status_code == 403
    incident = link.replace(links.TRIAL_PATH, links.PATH)
    assert phone.post(incident).status_code == 403
    clock.now += links.GOOD_FOR_S + 7200
    assert phone.post(link).status_code == 410
    with db.reading(store) as connection:
        assert all(r.confirmed_at is None for r in connection.execute(schema.trials.select()))


def test_a_message_of_a_trial_says_who_and_nothing_else(noc: Importer, store: Engine) -> None:
    noc.browser.post(PAGE, PAGE)
    [row] = queued(store)
    told = json.loads(row.body)
    assert row.target == "https://a.example/" and told["person"] == "Agus"
    assert (told["incident"], told["news"], told["severity"]) == (0, "trial", "info")
