"""What programs do about places: probe, notes, states, cadence, thresholds, passwords, overview."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from collector import agents, passwords, schema
from collector.db import open_history, reading, writing
from collector.settings import Settings
from tests.web.api import world
from tests.web.api.conftest import Programs
from tests.web.conftest import NOW, OTHER, SITE
from web import context

NOTES = f"/sites/{SITE}/notes"
OVERRIDES = f"/rules/{world.RULE}/overrides"


@pytest.fixture
def store(whole: Engine) -> Engine:
    return whole


def test_an_agent_is_asked_to_probe_once_while_it_is_waited_for(
    asks: Programs, whole: Engine
) -> None:
    program = asks("technician", world.HERE)
    path = f"/sites/{SITE}/probe"
    assert (
        "agen"
        in program.told(program.ask("POST", path, headers={"Accept-Language": "id"}), 409)["detail"]
    )
    with writing(whole) as connection:
        agents.approve(connection, 1, NOW)
    assert program.get(path)["phase"] == "never"
    told = program.post(path)
    assert (told["phase"], told["by"]) == ("waiting", "token:tiket")
    program.post(path, None, 409)
    assert program.get(path)["phase"] == "waiting"


def test_of_two_who_change_a_note_the_second_is_told(asks: Programs) -> None:
    program = asks("village", SITE)
    made = program.ask("POST", NOTES, {"text": "kunci di kades"})
    note = program.told(made, 201)
    assert made.headers["Location"].endswith(f"/notes/{note['id']}")
    path, mark = f"{NOTES}/{note['id']}", made.headers["ETag"]
    first = program.told(program.ask("PATCH", path, {"text": "kunci di carik"}, mark), 200)
    assert [one["text"] for one in first["texts"]] == ["kunci di carik", "kunci di kades"]
    late = program.ask("PATCH", path, {"text": "kunci hilang"}, mark)
    assert program.told(late, 412)["current"]["text"] == "kunci di carik"
    assert program.get(path)["text"] == "kunci di carik"
    program.told(program.ask("POST", NOTES, {"text": " "}), 422)
    assert [one["id"] for one in program.get(NOTES, limit=1)["items"]] == [note["id"]]


def test_states_and_configuration_tell_how_a_site_was_and_what_its_agents_do(
    asks: Programs,
) -> None:
    program = asks("viewer", world.HERE)
    (spell,) = program.get(f"/sites/{SITE}/states")["items"]
    assert (spell["state"], spell["until"]) == ("down", None)
    program.get(f"/sites/{SITE}/states", 422, **{"from": "2026-01-02T00:00Z", "to": "2026-01-01"})
    program.get(f"/sites/{SITE}/states", 422, **{"from": "kemarin"})
    told = program.get(f"/sites/{SITE}/configuration")
    assert "web" in [one["name"] for one in told["checks"]]


def test_an_old_code_leads_to_the_new_one(asks: Programs) -> None:
    program = asks("viewer", world.HERE)
    assert program.get("/aliases")["items"] == [{"old": "35.10.05.2005", "new": SITE}]
    assert program.get("/aliases/35.10.05.2005")["new"] == SITE


def test_cadence_is_set_for_a_place_as_it_was_seen(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    path = f"/cadence/{world.HERE}"
    seen = program.ask("GET", path)
    assert [one["site"] for one in seen.get_json()["items"]] == [SITE, world.FREE]
    mark = seen.headers["ETag"]
    wanted = {"profile": "4g", "bytes_per_day": 5_000_000}
    done = program.told(program.ask("PATCH", path, wanted, mark), 200)
    assert (done["sites"], done["changed"]) == (2, 2)
    program.told(program.ask("PATCH", path, {"profile": "fiber"}, mark), 412)
    mark = program.ask("GET", path).headers["ETag"]
    assert program.get(path)["items"][0]["bytes_per_day"] == 5_000_000
    program.told(program.ask("PATCH", path, {"bytes_per_day": None}, mark), 200)
    assert program.get(path)["items"][0]["bytes_per_day"] is None
    mark = program.ask("GET", path).headers["ETag"]
    for wrong in ({}, {"report_every_s": 4000}, {"profile": "lain"}):
        program.told(program.ask("PATCH", path, wrong, mark), 422)


@pytest.mark.slow
def test_a_threshold_is_set_changed_by_who_saw_it_and_taken_away(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    path = f"{OVERRIDES}/{world.HERE}"
    made = program.ask("POST", OVERRIDES, {"scope": world.HERE, "threshold": 0.5})
    assert program.told(made, 201)["for_s"] is None
    assert program.post(OVERRIDES, {"scope": world.HERE, "off": True}, 409)["current"]
    mark = made.headers["ETag"]
    changed = program.ask("PATCH", path, {"for_s": 120}, mark)
    after = program.told(changed, 200)
    assert (after["threshold"], after["for_s"]) == (0.5, 120)
    assert program.told(program.ask("PATCH", path, {"off": True}, mark), 412)["current"]
    program.told(program.ask("DELETE", path, mark=mark), 412)
    shown = program.get(f"/rules/{world.RULE}")
    assert {one["scope"]: one["mine"] for one in shown["overrides"]} == {
        SITE: True, world.HERE: True,
    }  # fmt: skip
    narrow = asks("noc", SITE)
    assert not narrow.get(path)["mine"], "it holds there, and is of a wider area"
    narrow.told(narrow.ask("DELETE", path, mark=changed.headers["ETag"]), 403)
    program.told(program.ask("DELETE", path, mark=changed.headers["ETag"]), 204)
    program.get(path, 404)


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "elsewhere": ({"scope": OTHER, "threshold": 0.5}, 403, ""),
    "wider than the token": ({"scope": "35", "threshold": 0.5}, 403, ""),
    "no place": ({"scope": world.NONE, "threshold": 0.5}, 422, "scope"),
    "nothing to say": ({"scope": world.HERE}, 422, "threshold"),
    "too long": ({"scope": world.HERE, "for_s": 8 * 86400}, 422, "for_s"),
    "no number": ({"scope": world.HERE, "threshold": "banyak"}, 422, "threshold"),
}


@pytest.mark.parametrize(("body", "status", "where"), WRONG.values(), ids=list(WRONG))
def test_a_threshold_that_cannot_be_is_refused(
    asks: Programs, body: dict[str, Any], status: int, where: str
) -> None:
    for path in (OVERRIDES, f"/rules/{world.RULE}/tries"):
        told = asks("noc", world.HERE).post(path, body, status)
        assert not where or told["errors"][0]["where"] == where


def test_a_threshold_is_tried_before_it_holds(
    asks: Programs, app: Flask, settings: Settings
) -> None:
    history = open_history(settings)
    schema.history.create_all(history)
    history.dispose()
    program = asks("noc", world.HERE)
    wanted = {"scope": SITE, "threshold": 0.5}
    made = program.post(f"/rules/{world.RULE}/tries", wanted, 201)
    context.of(app).tries.wait(made["id"])
    told = program.get(f"/tries/{made['id']}")
    assert (told["over"], told["looked"], told["of"]) == (True, 1, 1)
    assert told["now"] == told["then"] == {"times": 0, "seconds": 0.0}
    assert program.get(f"{OVERRIDES}/{SITE}")["threshold"] is None, "nothing was kept"
    asks("technician").get(f"/tries/{made['id']}", 403)


def test_a_password_is_kept_bound_and_forgotten_and_never_told(
    asks: Programs, whole: Engine
) -> None:
    program = asks("admin", world.HERE)
    sent = {"name": "ap", "password": "kentongan di pos", "area": world.HERE}
    told = program.post("/passwords", {**sent, "targets": ["10.0.0.2", "*.desa.id"]}, 201)
    assert told["targets"] == ["10.0.0.2", "*.desa.id"] and told["readable"]
    program.post("/passwords", sent, 409)
    program.post("/passwords", {**sent, "name": "di-sana"}, 409)
    path = "/passwords/ap"
    changed = program.told(program.ask("PATCH", path, {"targets": []}), 200)
    assert (changed["targets"], changed["area"]) == ([], world.HERE)
    program.told(program.ask("PATCH", path, {"password": "kentongan lain"}), 200)
    program.told(program.ask("PATCH", path, {}), 422)
    for area in (world.THERE, ""):
        wrong = program.told(program.ask("PATCH", path, {"area": area}), 422)
        assert wrong["errors"][0]["where"] == "area"
    everything = program.ask("GET", "/passwords").get_data(as_text=True)
    everything += asks("admin").ask("GET", "/audit").get_data(as_text=True)
    assert "kentongan" not in everything and "di-sana" in everything
    program.told(program.ask("DELETE", path), 204)
    with reading(whole) as connection:
        assert "ap" not in [one.name for one in passwords.kept(connection)]


def test_what_a_check_would_do_is_told_before_it_is_made(asks: Programs) -> None:
    program, path = asks("noc", world.HERE), "/inventory/effects"
    new = {"name": "nama", "site": world.HERE, "kind": "dns", "target": "desa.id"}
    told = program.post(path, {"row": new})
    assert [(one["site"], one["what"]) for one in told["items"]] == [
        (SITE, "added"), (world.FREE, "added"),
    ]  # fmt: skip
    change = {"id": f"web,{SITE}", "row": {"target": "http://10.0.0.3/"}}
    assert [one["what"] for one in program.post(path, change)["items"]] == ["changed"]
    gone = program.post(path, {"id": f"web,{SITE}"})["items"]
    assert [(one["site"], one["what"]) for one in gone] == [(SITE, "removed")]
    program.post(path, {"id": f"web,{OTHER}"}, 404)
    program.post(path, {"row": {**new, "site": world.THERE}}, 403)
    for wrong in ({}, {"row": []}, {"id": 3}, {"rows": {}}, {"row": {**new, "kind": "apa"}}):
        program.post(path, wrong, 422)
    program.get(f"/inventory/services/nama,{world.HERE}", 404)


def test_the_overview_counts_what_the_token_sees(asks: Programs) -> None:
    assert asks("viewer").get("/overview")["total"] == 2
    told = asks("viewer", world.HERE).get("/overview")
    assert (told["total"], told["counts"]["down"]) == (1, 1)
    assert asks("viewer", world.HERE).get("/overview", 404, area=world.THERE)


def test_a_search_finds_only_what_is_inside(asks: Programs) -> None:
    found = asks("viewer").get("/search", q="Sumbersari")
    assert [one["code"] for one in found["sites"]] == [SITE]
    told = asks("viewer", world.THERE).get("/search", q="Sumbersari")
    assert told["sites"] == [] and told["matching"] == 0


def test_reading_writes_nothing(asks: Programs, whole: Engine) -> None:
    program = asks("admin")

    def count() -> int:
        with reading(whole) as connection:
            return int(connection.execute(select(func.count(schema.acts.c.id))).scalar_one())

    before = count()
    for path in (NOTES, OVERRIDES, "/passwords", "/centre", "/channels", "/trial", "/tokens"):
        program.get(path)
    assert count() == before
