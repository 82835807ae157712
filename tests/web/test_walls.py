"""Links of wall screens: who makes them, what they show, and that a revoked one shows nothing."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agent.strict import Refused
from collector import schema
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.test_pages import text_of
from web import cli, walls


@pytest.fixture
def sites(regency: Any) -> None:
    regency.site(SITE, "Benculuk", "down")
    regency.site(OTHER, "Bayu", "down")
    regency.incident("internet putus", SITE)
    regency.incident("OpenSID mati", OTHER)


def test_a_link_shows_its_areas_without_a_session(
    sites: None, store: Engine, visitor: Callable[[], Any]
) -> None:
    _, path = walls.add(store, "kiri", ["35.10.06"], "id", "dewi", NOW)
    answer = visitor().get(path)
    text = text_of(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Benculuk" in text
    assert "OpenSID mati" not in text
    assert "16.12 WIB" in text


def test_only_a_hash_is_kept(store: Engine) -> None:
    _, path = walls.add(store, "kiri", [], "id", "dewi", NOW)
    token = path.removeprefix("/wall/")
    with store.connect() as connection:
        kept = connection.execute(select(schema.walls)).one()
    assert token not in repr(kept)
    assert len(token) >= 43


def test_a_revoked_link_says_so_and_a_forged_one_too(
    sites: None, store: Engine, visitor: Callable[[], Any]
) -> None:
    number, path = walls.add(store, "kiri", [], "id", "dewi", NOW)
    walls.revoke(store, number, NOW)
    walls.revoke(store, number, NOW + 9)
    gone, forged = visitor().get(path), visitor().get(path + "x")
    assert (gone.status_code, forged.status_code) == (403, 403)
    told = text_of(gone.get_data(as_text=True))
    assert "Layar dinding ini sudah dicabut" in told
    assert "16.12" in told
    assert "tidak pernah dibuat" in forged.get_data(as_text=True)
    assert "Benculuk" not in told


def test_many_incidents_come_in_turns(
    regency: Any, store: Engine, visitor: Callable[[], Any], clock: Any
) -> None:
    regency.site(SITE, "Benculuk", "down")
    for number in range(9):
        regency.incident(f"gangguan {number}", SITE, opened_at=NOW - number, subject="service")
    _, path = walls.add(store, "kiri", [], "en", "dewi", NOW)
    shown = []
    for _ in range(2):
        page = visitor().page(path)
        shown.append(page.count('<li class="incident"'))
        clock.now += 15
    assert sorted(shown) == [3, 6]
    assert 'lang="en"' in page


BAD = [
    pytest.param("", [], "id", "name", id="no name"),
    pytest.param("x" * 61, [], "id", "name", id="a long name"),
    pytest.param("a\nb", [], "id", "name", id="a name of two lines"),
    pytest.param("a", ["35.1"], "id", "area", id="an area that is none"),
    pytest.param("a", [], "fr", "language", id="a language that is not there"),
]


@pytest.mark.parametrize(("name", "areas", "language", "place"), BAD)
def test_it_is_refused(
    name: str, areas: Sequence[str], language: str, place: str, store: Engine
) -> None:
    with pytest.raises(Refused) as refused:
        walls.add(store, name, areas, language, "dewi", NOW)
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("role", "areas", "wanted", "status"),
    [
        ("noc", [], "35.10.06", 200),
        ("admin", [], "", 200),
        ("noc", ["35.10.06"], "", 200),
        ("noc", ["35.10.06"], "35.10", 400),
        ("noc", ["35.10.06"], "35.10.07", 400),
        ("technician", [], "", 403),
        ("viewer", [], "", 403),
    ],
)
def test_nobody_makes_a_link_to_more_than_they_see(
    role: str,
    areas: Sequence[str],
    wanted: str,
    status: int,
    sites: None,
    store: Engine,
    signed_in: Callable[..., Any],
) -> None:
    browser = signed_in(role, areas)
    answer = browser.post("/walls", form_on="/", name="kiri", areas=wanted, language="id")
    assert answer.status_code == status
    made = walls.listing(store)
    assert len(made) == (status == 200)
    if made:
        assert made[0].areas == tuple(wanted.split() or areas)


def test_nobody_revokes_the_link_of_others(
    sites: None, store: Engine, signed_in: Callable[..., Any]
) -> None:
    whole, _ = walls.add(store, "semua", [], "id", "dewi", NOW)
    mine, _ = walls.add(store, "kita", ["35.10.06"], "id", "dewi", NOW)
    browser = signed_in("noc", ["35.10.06"])
    assert browser.post(f"/walls/{whole}/revoke", form_on="/walls").status_code == 404
    assert browser.client.post(f"/walls/{mine}/revoke").status_code == 400, "no form token"
    assert walls.standing(store, [whole, mine]) == {whole, mine}
    assert browser.post(f"/walls/{mine}/revoke", form_on="/walls").status_code == 303
    assert walls.standing(store, [whole, mine]) == {whole}


def test_a_form_sent_twice_makes_one_link(
    sites: None, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")

    def fields() -> dict[str, str]:
        found = re.findall(r'name="form_token" value="([0-9a-f]+)"', browser.page("/walls"))
        return {"form_token": found[-1], "name": "kiri", "areas": "", "language": "id"}

    def link(fields: dict[str, str]) -> str:
        answer = browser.client.post("/walls", data=fields)
        assert answer.status_code == 200
        return str(re.findall(r'href="([^"]+/wall/[^"]+)"', answer.text)[0])

    form = fields()
    assert link(form) == link(form)
    assert link(form) != link(form | {"name": "kanan"}), "another name is another screen"
    assert link(form) != link(fields()), "and so is the same name in a form of its own"
    assert [wall.name for wall in walls.listing(store)] == ["kiri", "kanan", "kiri"]
    walls.revoke(store, 1, NOW)
    answer = browser.client.post("/walls", data=form)
    assert answer.status_code == 400
    assert "sudah dicabut" in answer.text


def test_links_that_hold_are_not_hidden_by_those_revoked(
    sites: None, store: Engine, signed_in: Callable[..., Any]
) -> None:
    walls.add(store, "yang pertama", [], "id", "dewi", NOW)
    many = walls.MOST_REVOKED + 5
    for each in range(many):
        number, _ = walls.add(store, f"lama {each}", [], "id", "dewi", NOW)
        walls.revoke(store, number, NOW + each)
    names = [wall.name for wall in walls.listing(store)]
    assert names[:2] == ["yang pertama", f"lama {many - 1}"]
    assert len(names) == 1 + walls.MOST_REVOKED
    page = text_of(signed_in("noc").page("/walls"))
    assert page.index("yang pertama") < page.index("Baru dicabut")


@pytest.mark.slow
def test_links_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ronda(*words: str) -> Any:
        parser = argparse.ArgumentParser()
        cli.commands(parser.add_subparsers(required=True))
        args = parser.parse_args(["walls", *words, "--data", str(tmp_path), "--json"])
        assert args.run(args) == 0
        return json.loads(capsys.readouterr().out)

    made = ronda("add", "kiri", "--area", "35.10.06", "--by", "dewi")
    assert "/wall/" in made["link"]
    (row,) = ronda("list")
    assert (row["areas"], row["by"], row["revoked_at"]) == (["35.10.06"], "dewi", None)
    assert ronda("revoke", str(made["id"]))["revoked_at"]
    with pytest.raises(Refused, match="there is no wall screen 99"):
        ronda("revoke", "99")
