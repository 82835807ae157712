"""What programs do: acts on incidents, quiet, duty, codes, agents, people, imports, webhooks."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, insert

from alerts.citizens import rows
from collector import acts, schema
from collector.db import writing
from collector.settings import DEMO, Settings
from tests.web.api import world
from tests.web.api.conftest import Program, Programs
from tests.web.conftest import NOW, OTHER, SITE
from web import people, tokens


@pytest.fixture
def store(whole: Engine) -> Engine:
    return whole


@pytest.mark.slow
def test_an_incident_is_taken_ticketed_and_handled(asks: Programs) -> None:
    program = asks()
    assert program.post("/incidents/1/take")["acknowledged_by"] == "token:tiket"
    told = program.post("/incidents/1/ticket", {"ticket": "IN4711", "at": "2026-11-23T08:00:00Z"})
    assert (told["ticket"], told["ticket_at"]) == ("IN4711", "2026-11-23T08:00:00Z")
    # somebody wrote another one meanwhile
    program.post("/incidents/1/ticket", {"ticket": "IN4712"}, 409)
    program.post("/incidents/1/ticket", {"ticket": "IN4712", "was": "IN4711"})
    told = program.post("/incidents/1/handled", {"note": "disambung"})
    assert told["state"] == "handled"
    assert ("token:tiket", "handled") in [(line["by"], line["what"]) for line in told["log"]]


def test_a_part_of_a_storm_is_told_without_the_rest(asks: Programs) -> None:
    told = asks("technician", world.HERE).get("/incidents/3")
    assert (told["sites"], told["parts_outside"]) == ([SITE], 1)
    assert "merge" not in told["may"] and "note" in told["may"]


def test_a_mute_and_a_work_are_made_and_ended(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    mute = program.post("/mutes", {"scope": SITE, "why": "menara", "hours": 4}, 201)
    program.told(program.ask("DELETE", f"/mutes/{mute['id']}"), 204)
    program.post("/mutes", {"scope": OTHER, "why": "menara", "hours": 4}, 403)
    asked = {"scope": SITE, "title": "aki", "begins": "2026-11-25T08:00", "minutes": 60}
    work = program.post("/works", asked, 201)
    assert work["next"][0]["begins"] == "2026-11-25T01:00:00Z"
    program.told(program.ask("DELETE", f"/works/{work['id']}"), 204)


def test_somebody_is_on_duty(asks: Programs) -> None:
    shift = asks().post("/duty", {"scope": SITE, "person": "Wayan", "days": [1, 2]}, 201)
    assert shift["days"] == [1, 2]
    wrong = asks().post("/duty", {"scope": SITE, "person": "Made"}, 422)
    assert wrong["errors"][0]["where"] == "person"


def test_codes_are_made_for_sites_without_an_agent(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    made = program.post("/codes", {"sites": [world.FREE], "activate": True}, 201)
    assert [one["site"] for one in made["items"]] == [world.FREE]
    for code in (SITE, OTHER, world.NONE):
        told = program.post("/codes", {"sites": [world.FREE, code]}, 422)
        assert [one["where"] for one in told["errors"]] == ["sites[1]"]


def test_another_box_gets_a_code_where_there_is_an_agent(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    made = program.post("/codes", {"sites": [SITE], "swap": True}, 201)
    assert [one["site"] for one in made["items"]] == [SITE]
    told = program.post("/codes", {"sites": [OTHER], "swap": True}, 422)
    assert [one["where"] for one in told["errors"]] == ["sites[0]"]


def test_an_agent_that_waits_is_let_in_once(asks: Programs) -> None:
    assert asks().post("/agents/1/approve")["state"] == "active"
    asks().post("/agents/1/refuse", None, 409)


def test_somebody_is_invited_to_a_site_of_a_long_code(asks: Programs, whole: Engine) -> None:
    code = f"{SITE}-balai-desa-yang-lama"
    with writing(whole) as connection:
        row = {"code": code, "row": 99, "name": "Balai Desa"}
        connection.execute(insert(schema.sites).values(row))
    wanted = {"name": "agus", "role": "village", "areas": [code]}
    made = asks("admin", world.HERE).post("/people", wanted, 201)
    assert made["person"]["areas"] == [code]


def test_somebody_is_invited_changed_and_locked(asks: Programs, whole: Engine) -> None:
    program = asks("admin", world.HERE)
    told = program.post("/people", {"name": "Wati", "role": "viewer"}, 201)
    assert told["person"]["areas"] == [world.HERE] and "/link/" in told["link"]
    program.post("/people", {"name": "joko", "role": "viewer", "areas": ["35.10"]}, 422)
    mark = f'"{told["person"]["mark"]}"'
    changed = {"role": "village", "areas": [SITE]}
    after = program.told(program.ask("PATCH", "/people/wati", changed, mark), 200)
    stale = program.ask("POST", "/people/wati/lock", mark=mark)
    assert program.told(stale, 412)["current"]["role"] == "village"
    program.told(program.ask("POST", "/people/wati/lock", mark=f'"{after["mark"]}"'), 200)
    found = people.user(whole, "wati")
    assert found is not None and found.state(NOW) == "locked"


def test_an_import_is_shown_taken_and_taken_back(asks: Programs) -> None:
    program = asks()
    text = f"site;name;kind\n{SITE};ap2;ap\n{SITE};ap;radio\n"
    made = program.ask("POST", "/imports", {"files": [{"name": "devices.csv", "text": text}]})
    told = program.told(made, 201)
    (part,) = told["preview"]
    assert (part["kind"], part["new"], part["changed"]) == ("devices", 1, 1)
    path, mark = f"/imports/{told['id']}", made.headers["ETag"]
    program.told(program.ask("POST", f"{path}/apply", mark='"other"'), 412)
    done = program.told(program.ask("POST", f"{path}/apply", mark=mark), 200)
    assert done["state"] == "applied" and done["undoable"]
    program.told(program.ask("POST", f"{path}/apply", mark=mark), 409)
    back = program.ask("GET", f"{path}/undo")
    assert back.get_json()["back"] == 2
    undone = program.told(program.ask("POST", f"{path}/undo", mark=back.headers["ETag"]), 200)
    assert undone["state"] == "undone"
    assert "ap2" not in program.ask("GET", "/exports/devices").get_data(as_text=True)


def test_an_import_that_cannot_be_read_says_why(asks: Programs) -> None:
    sent: Any = {"files": [{"name": "x.csv", "text": "satu,dua\n1,2\n"}]}
    assert asks().post("/imports", sent, 422)["errors"][0]["where"] == "files"
    text = f"site,name\n{SITE},router\n"
    sent = {"files": [{"name": "devices.csv", "text": text}], "kind": "perangkat"}
    assert asks().post("/imports", sent, 422)["errors"][0]["where"] == "kind"


def test_a_webhook_is_kept_within_ones_areas_and_its_secret_told_once(asks: Programs) -> None:
    program = asks("admin", world.HERE)
    sent = {"name": "desa", "url": "https://ronda:rahasia@tiket.example/a"}
    made = program.post("/webhooks", sent, 201)
    hook, path = made["webhook"], f"/webhooks/{made['webhook']['id']}"
    assert (hook["areas"], hook["url"]) == ([world.HERE], "https://tiket.example/a")
    assert len(made["secret"]) >= 32
    assert made["secret"] not in program.ask("GET", path).get_data(as_text=True)
    program.post("/webhooks", {**sent, "name": "lain", "areas": ["35.10"]}, 403)
    program.post("/webhooks", sent, 409)
    mark = program.ask("GET", path).headers["ETag"]
    off = program.told(program.ask("PATCH", path, {"active": False}, mark), 200)
    assert not off["active"]
    program.told(program.ask("DELETE", path, mark=mark), 412)


def test_a_trial_says_what_came_of_it(asks: Programs) -> None:
    told = asks("admin").post("/webhooks/1/test")
    assert not told["taken"] and "allow_targets" in told["said"]


def test_what_a_program_did_stands_in_the_audit(asks: Programs) -> None:
    asks().post("/incidents/1/take")
    told = asks("admin").get("/audit", by="token:tiket", limit=1)
    assert told["items"][0]["subject"] == "incident:1"


def test_a_token_of_one_site_reads_acts_about_that_site_alone(app: Flask, whole: Engine) -> None:
    with writing(whole) as connection:
        for code in (SITE, OTHER):
            acts.record(connection, NOW, "budi", "note", code)
    program = Program(app, tokens.issue(whole, "menara", "admin", "", SITE, NOW))
    subjects = {one["subject"] for one in program.get("/audit")["items"]}
    assert SITE in subjects and all(SITE in each for each in subjects)


def test_a_lesser_token_of_who_took_an_import_reads_nothing_of_rows_elsewhere(
    app: Flask, whole: Engine
) -> None:
    budi = people.user(whole, "budi")
    assert budi is not None
    wide, narrow = (
        Program(app, tokens.give(whole, budi, "x", "noc", area, 7, NOW, text))
        for area, text in (("", "w" * 40), (world.HERE, "n" * 40))
    )
    text = f"site,name,serial\n{SITE},ap2,S-1111\n{OTHER},ap2,S-2222\n"
    made = wide.ask("POST", "/imports", {"files": [{"name": "devices.csv", "text": text}]})
    path = f"/imports/{made.get_json()['id']}"
    wide.told(wide.ask("POST", f"{path}/apply", mark=made.headers["ETag"]), 200)
    shown = narrow.ask("GET", f"{path}/undo").get_data(as_text=True)
    assert "S-1111" in shown and "S-2222" not in shown and OTHER in shown


@pytest.mark.parametrize("host", ["a..example", "a" * 64 + ".example"])
def test_a_trial_to_what_is_no_name_says_so(asks: Programs, host: str) -> None:
    program = asks("admin")
    made = program.post("/webhooks", {"name": "salah", "url": f"http://{host}/"}, 201)
    told = program.post(f"/webhooks/{made['webhook']['id']}/test")
    assert not told["taken"] and "is no name" in told["said"]


def test_a_demo_tries_no_webhook(asks: Programs, settings: Settings) -> None:
    (settings.folder / DEMO).touch()
    assert "LATIHAN" in asks("admin").post("/webhooks/1/test")["said"]


def test_who_does_not_answer_citizens_sees_that_there_is_a_contact_and_not_which(
    asks: Programs, store: Engine
) -> None:
    here = world.REPORTS[0]
    with writing(store) as connection:
        report = rows.find(connection, here)
        assert report is not None
        rows.leave_contact(connection, report.id, "+6281230000001", "", "id", 1.0)
    path = f"/citizens/{here}"
    assert asks("technician").get(path)["contacts"] == ["•••"]
    assert asks("noc").get(path)["contacts"] == ["+6281230000001"]


def test_a_citizens_report_is_answered_joined_and_closed(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    here, there, _ = world.REPORTS
    (one,) = program.get("/citizens")["items"]
    assert (one["number"], one["state"], one["incident"]) == (here, "waiting", None)
    told = program.post(f"/citizens/{here}/answer", {"text": "Besok."})
    assert (told["answer"], told["by"]) == ("Besok.", "token:tiket") and told["handled_at"]
    program.post(f"/citizens/{here}/join", {"incident": 999}, 422)
    assert program.post(f"/citizens/{here}/join", {"incident": 1})["incident"] == 1
    assert program.post(f"/citizens/{here}/show")["shown"]
    assert program.post(f"/citizens/{here}/solve", {})["state"] == "solved"
    program.post(f"/citizens/{here}/spam", None, 409)
    program.post(f"/citizens/{there}/spam", None, 404)
    assert program.get("/citizens", state="solved", incident=1)["items"][0]["number"] == here
