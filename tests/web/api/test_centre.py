"""What programs do about the centre and its people: agents, trials, walls, tokens, photos, ISPs."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import Engine, insert

from collector import schema
from collector.db import writing
from collector.inventory import keeping
from collector.settings import Settings
from tests.web.api import world
from tests.web.api.conftest import Program, Programs
from tests.web.conftest import NOW, OTHER, SITE, Clock
from web import people, tokens, walls

FILE = '[channels.uji]\nkind = "webhook"\n'


@pytest.fixture
def store(whole: Engine) -> Engine:
    return whole


def test_a_wall_is_hung_within_ones_areas_and_goes_dark(asks: Programs, whole: Engine) -> None:
    program = asks("noc", world.HERE)
    made = program.post("/walls", {"name": "pos ronda"}, 201)
    assert made["wall"]["areas"] == [world.HERE]
    token = made["link"].rpartition("/")[2]
    assert walls.find(whole, token) and token not in str(program.get("/walls"))
    for areas in (["35.10"], [world.THERE]):
        program.post("/walls", {"name": "x", "areas": areas}, 422)
    program.told(program.ask("DELETE", f"/walls/{made['wall']['id']}"), 204)
    wall = walls.find(whole, token)
    assert wall and wall.revoked_at
    assert [one["name"] for one in program.get("/walls")["items"]] == ["pos ronda", "di-sini"]


def test_people_are_asked_whether_messages_come_and_not_twice(asks: Programs, clock: Clock) -> None:
    program = asks("noc", world.HERE)
    assert program.get("/trial")["asked"] == 1
    told = program.post("/trial", {}, 201)
    assert (told["asked"], told["by"]) == (1, "token:tiket")
    assert [one["person"] for one in program.get("/trial/people")["items"]] == ["Wayan"]
    program.post("/trial", {}, 409)
    clock.now += 3600
    program.post("/trial", {"area": world.THERE}, 409)
    program.post("/trial", {"area": SITE}, 201)


def test_nobody_was_asked_yet_is_said(asks: Programs, whole: Engine) -> None:
    with writing(whole) as connection:
        row = {"code": "35.11", "name": "Bondowoso", "level": "regency"}
        connection.execute(insert(schema.areas).values(row))
    asks("noc", "35.11").get("/trial", 404)


def test_an_agent_is_asked_granted_and_sent_away(asks: Programs) -> None:
    program = asks("admin", world.HERE)
    program.post("/agents/1/ask", {"do": ["probe_now"]}, 409)
    program.post("/agents/1/approve")
    program.post("/agents/1/ask", {"do": ["probe_now", "rotate_token"]})
    program.post("/agents/1/ask", {"do": ["dance"]}, 422)
    grant = "/agents/1/grants"
    told = program.told(program.ask("PUT", grant, {"scopes": [world.FREE]}), 200)
    assert told["grants"] == [world.FREE]
    for scopes in (["*"], [OTHER], ["pos"]):
        program.told(program.ask("PUT", grant, {"scopes": scopes}), 403)
    wide = asks("admin")
    wide.told(wide.ask("PUT", grant, {"scopes": ["pos"]}), 422)
    assert wide.told(wide.ask("PUT", grant, {"scopes": ["*"]}), 200)["grants"] == ["*"]
    assert program.post("/agents/1/revoke")["state"] == "revoked"
    program.told(program.ask("PUT", grant, {"scopes": []}), 409)
    asks("noc").post("/agents/1/revoke", None, 403)


def test_quiet_hours_are_set_and_lifted(asks: Programs) -> None:
    program = asks("noc", world.HERE)
    row = {"scope": SITE, "person": "Wayan", "begins": "21:00", "ends": "04:00"}
    told = program.told(program.ask("PUT", "/quiet-hours", row), 200)
    assert (told["id"], told["spares"]) == (f"{SITE},Wayan", "critical")
    assert len(program.get("/quiet-hours")["items"]) == 1
    for wrong, status in (
        ({"ends": "21:00"}, 422),
        ({"person": "X"}, 422),
        ({"scope": OTHER}, 403),
    ):
        program.told(program.ask("PUT", "/quiet-hours", {**row, **wrong}), status)
    program.told(program.ask("DELETE", f"/quiet-hours/{told['id']}"), 204)
    program.get(f"/quiet-hours/{told['id']}", 404)


def test_the_handover_is_for_who_sees_everything(asks: Programs) -> None:
    told = asks("technician").get("/duty/handover", hours=12)
    assert told["open_in_all"] == 3 and told["hours"] == 12
    asks("technician", world.HERE).get("/duty/handover", 403)
    asks("technician").get("/duty/handover", 422, hours=9)


def test_the_centre_says_what_is_not_in_order(asks: Programs) -> None:
    told = asks("admin").get("/centre")
    assert told["wrong"] == sum(bool(one["do"]) for one in told["findings"]) > 0
    assert told["disk_free_bytes"] > 0
    for path in ("/centre", "/channels"):
        asks("admin", world.HERE).get(path, 403)


def test_a_channel_is_tried_and_the_answer_told(asks: Programs, settings: Settings) -> None:
    (settings.folder / "channels.toml").write_text(FILE)
    program = asks("admin")
    (one,) = program.get("/channels")["items"]
    assert (one["name"], one["fine"]) == ("uji", None)
    told = program.post("/channels/uji/test", {"target": "x"})
    assert not told["taken"] and told["answer"]
    assert program.get("/audit", kind="channel_tested")["items"][0]["by"] == "token:tiket"
    program.post("/channels/lain/test", {"target": "x"}, 404)


def test_a_person_is_tried_by_each_way(asks: Programs, settings: Settings, whole: Engine) -> None:
    program, path = asks("noc", world.HERE), f"/inventory/contacts/{SITE},Wayan/test"
    program.post(path, None, 409)
    (settings.folder / "channels.toml").write_text(FILE)
    row = {"scope": SITE, "name": "Wayan", "role": "village", "webhook": "http://127.0.0.1:9/"}
    with writing(whole) as connection:
        keeping.put(connection, "contacts", [row], NOW, "budi")
    (one,) = program.post(path)["items"]
    assert (one["channel"], one["taken"]) == ("uji", False)


def test_tokens_are_seen_and_ended_by_who_may(asks: Programs, whole: Engine) -> None:
    program = asks("admin", world.HERE)
    items = program.get("/tokens")["items"]
    assert {(one["owner"], one["area"]) for one in items} == {
        ("sari", world.HERE), ("", world.HERE),
    }  # fmt: skip
    (sari,) = program.get("/tokens", owner="sari")["items"]
    assert program.get("/people/sari")["tokens"] == 1
    program.told(program.ask("DELETE", f"/tokens/{sari['id']}"), 204)
    program.told(program.ask("DELETE", f"/tokens/{sari['id']}"), 404)
    assert program.get("/people/sari")["tokens"] == 0
    asks("noc").get("/tokens", 403)


def test_a_token_says_until_when_it_holds(asks: Programs, app: Flask, whole: Engine) -> None:
    assert asks("viewer").get("/me")["expires_at"] is None
    budi = people.user(whole, "budi")
    assert budi is not None
    own = Program(app, tokens.give(whole, budi, "grafana", "viewer", "", 7, NOW, "g" * 43))
    told = own.get("/me")
    assert (told["name"], told["token"]) == ("budi", "grafana") and told["expires_at"]


TOKENS: Mapping[str, tuple[str, dict[str, str], int]] = {
    "a reset ends them": ("reset", {}, 0),
    "a reset keeps them where that is said": ("reset", {"tokens": "keep"}, 1),
    "a lock keeps them, but they open nothing": ("lock", {}, 1),
    "a lock ends them where that is said": ("lock", {"tokens": "revoke"}, 0),
    "signing out everywhere ends them": ("sign-out", {}, 0),
}


@pytest.mark.parametrize(("verb", "query", "left"), TOKENS.values(), ids=list(TOKENS))
def test_what_is_done_to_an_account_says_what_becomes_of_its_tokens(
    asks: Programs, verb: str, query: dict[str, str], left: int
) -> None:
    program = asks("admin", world.HERE)
    mark = program.ask("GET", "/people/sari").headers["ETag"]
    answer = program.ask("POST", f"/people/sari/{verb}", mark=mark, query_string=query)
    told = program.told(answer, 200)
    assert told.get("person", told)["tokens"] == left


def test_a_provider_and_the_second_step_of_an_account(asks: Programs, whole: Engine) -> None:
    program = asks("admin")
    mark = program.ask("GET", "/people/sari").headers["ETag"]
    wanted = {"email": "Sari@x.id", "local": True}
    told = program.told(program.ask("POST", "/people/sari/identify", wanted, mark), 200)
    assert (told["email"], told["local"], told["second_step"]) == ("sari@x.id", True, False)
    mark = f'"{told["mark"]}"'
    # nobody else says who she is: a password must
    body = {"email": "sari@x.id", "local": False}
    wrong = program.told(program.ask("POST", "/people/sari/identify", body, mark), 422)
    assert wrong["errors"][0]["where"] == "local"
    program.told(program.ask("POST", "/people/sari/remove-step", mark=mark), 200)
    user = people.user(whole, "sari")
    assert user and user.email == "sari@x.id"


@pytest.mark.slow
def test_a_person_is_found_given_planned_and_erased(asks: Programs, whole: Engine) -> None:
    row = {"scope": SITE, "name": "Wayan", "role": "village", "sms": "+6281234567890"}
    with writing(whole) as connection:
        keeping.put(connection, "contacts", [row], NOW, "budi")
    program = asks("admin", world.HERE)
    asked: dict[str, Any] = {"account": "sari", "addresses": ["0812 3456 7890"]}
    found = program.post("/persons/find", asked)
    assert [one["key"] for one in found["contacts"]] == [f"{SITE}/Wayan"]
    asked["contacts"] = [f"{SITE}/Wayan"]
    told = program.post("/persons/file", asked)
    assert told["held"]["users"]["total"] == 1 and "hash" not in str(told)
    plan = program.post("/persons/plan", asked)
    assert plan["confirm"] == "sari" and plan["goes"]["contacts"] == 1
    assert people.user(whole, "sari"), "so far nothing was done"
    program.post("/persons/erase", {**asked, "confirm": "Sari"}, 422)
    done = program.post("/persons/erase", {**asked, "confirm": "sari"})
    assert done["pseudonym"].startswith("erased-") and people.user(whole, "sari") is None
    program.post("/persons/find", {"account": "sari"}, 422)


@pytest.mark.parametrize(
    "asked",
    [{"account": "made"}, {"account": "nobody"}, {"addresses": ["+62811"]}, {}],
    ids=["elsewhere", "nowhere", "a number of no contact of one's own", "nothing asked"],
)
def test_nobody_of_elsewhere_is_found(asks: Programs, asked: dict[str, Any]) -> None:
    program = asks("admin", world.HERE)
    program.post("/persons/find", asked, 422)
    program.post("/persons/erase", {**asked, "contacts": [], "confirm": "made"}, 422)
    program.post("/persons/plan", {**asked, "contacts": [f"{OTHER}/Made"]}, 422)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def test_a_photo_comes_as_it_is_and_goes_back(asks: Programs) -> None:
    program = asks("village", SITE)
    sent: dict[str, Any] = {"data": jpeg(), "content_type": "image/jpeg"}
    told = program.told(program.ask("POST", "/incidents/1/photo", **sent), 200)
    photo = told["photos"][-1]
    assert (photo["by"], photo["width"]) == ("token:tiket", 40)
    body = program.ask("GET", f"/incidents/1/photos/{photo['id']}")
    assert body.mimetype == "image/jpeg" and body.get_data().startswith(b"\xff\xd8\xff")
    gif = (b"GIF89a", "image/jpeg", 422)
    for data, kind, status in (gif, (jpeg(), "image/gif", 415), (b"{}", "application/json", 415)):
        sent = {"data": data, "content_type": kind}
        program.told(program.ask("POST", "/incidents/1/photo", **sent), status)
    program.told(program.ask("POST", "/incidents/2/photo", **sent | {"data": jpeg()}), 415)


def test_a_storm_is_snoozed_and_a_site_of_it_split_off(asks: Programs) -> None:
    program = asks()
    told = program.post("/incidents/3/snooze", {"hours": 4})
    assert told["snoozed_until"]
    told = program.post("/incidents/3/split", {"site": SITE})
    assert SITE not in told["sites"]
    program.post("/incidents/3/split", {"site": SITE}, 422)
    asks("technician").post("/incidents/3/snooze", {"hours": 4}, 403)


def test_the_provider_is_told_where_there_is_somebody_to_tell(
    asks: Programs, whole: Engine
) -> None:
    program, path = asks(), "/incidents/1/isp-letter"
    told = program.get(path, language="en")
    assert told["sent"] == 0 and told["text"] and "service_no" in told["lacks"]
    program.post(path, None, 409)
    row = {"scope": "isp:Telkom", "name": "NOC Telkom", "role": "isp"}
    row["webhook"] = "http://127.0.0.1:9/"
    with writing(whole) as connection:
        keeping.put(connection, "contacts", [row], NOW, "budi")
    assert program.post(path)["sent"] == 1
    program.get("/incidents/3/isp-letter", 409)


@pytest.mark.slow
def test_the_record_of_an_incident_is_a_file(asks: Programs) -> None:
    answer = asks("viewer").ask("GET", "/incidents/1/berita-acara.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.get_data().startswith(b"%PDF")


PAGED = (
    *("/mutes", "/works", "/duty", "/quiet-hours", "/rules", "/sites", "/aliases", "/agents"),
    *("/walls", "/passwords", "/people", "/tokens", "/trial/people", "/imports", "/webhooks"),
)


@pytest.mark.parametrize("path", PAGED)
def test_a_list_comes_in_pages_that_miss_nothing(asks: Programs, path: str) -> None:
    program = asks("admin")
    whole = program.get(path, limit=200)
    found: list[Any] = []
    query: dict[str, Any] = {"limit": 1}
    while True:
        page = program.get(path, **query)
        found += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == whole["items"] != []
    program.get(path, 422, cursor="e30")
