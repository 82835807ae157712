"""The ingest port end to end: real sockets, a real database, a real journal."""

import base64
import gzip
import http.client
import json
import random
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from agent.strict import Refused
from collector import acts, agents, db
from collector.authority import ensure_ca
from collector.evidence.moments import iso
from collector.intake.known import UNUSED_S
from collector.intake.listen import Limits
from collector.intake.orders import ask
from collector.intake.reports import BACKLOG_FRAMES
from collector.intake.wire import read_tick
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.schema import agents as agents_table
from collector.schema import anchors, api_tokens, services, sites, spools

pytestmark = pytest.mark.slow

Make = Callable[..., dict[str, Any]]
# the fixtures' classes live in conftest, which nothing imports
Centre = Any

SITE = "35.10.06.2005"
REPORTS = "/api/v1/reports"


def eventually(true: Callable[[], Any], within_s: float = 5.0) -> Any:
    """The first true answer of `true()`."""
    end = time.monotonic() + within_s
    while not (answer := true()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
    return answer


def test_a_report_is_in_the_journal_before_it_is_answered(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    body = report(findings=[{"n": 2, "at": 1.0, "check": "sideka", "verdict": "bad"}])
    status, answer = running.report(token, body)
    assert status == 200
    assert set(answer) == {"kept", "rejected", "need_layouts", "config", "epoch", "time", "do"}
    assert (answer["kept"], answer["rejected"], answer["need_layouts"]) == (2, [], [])
    assert (len(answer["config"]), len(answer["epoch"])) == (16, 8)
    (record,) = [r for r in running.journal() if r.kind == Kind.REPORT]
    assert (record.agent, record.at) == (1, running.clock.now)
    assert json.loads(record.payload) == body


def test_only_what_is_kept_is_journalled(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    good = report()["frames"][0]
    status, answer = running.report(token, report(frames=[good, {**good, "n": 2, "values": [1]}]))
    assert (status, answer["kept"]) == (200, 1)
    assert answer["rejected"] == [{"n": 2, "reason": "frames[1].values: expected 2 numbers, got 1"}]
    (kept,) = running.reports()
    assert [f.n for f in kept.frames] == [1]


def test_gzip_basic_and_bearer_in_any_case_are_understood(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    packed = gzip.compress(json.dumps(report()).encode())
    basic = base64.b64encode(f"anybody:{token}".encode()).decode()
    for value in (f"bearer {token}", f"Basic {basic}"):
        status, _, _ = running.ask(
            "POST", REPORTS, packed, {"Authorization": value, "Content-Encoding": "gzip"}
        )
        assert status == 200


def test_layouts_are_known_after_a_restart(centre: Centre, report: Make) -> None:
    centre.start()
    token = centre.enrol()["token"]
    assert centre.report(token, report())[0] == 200
    centre.stop()
    centre.start()
    status, answer = centre.report(token, report(layouts={}))
    assert (status, answer["kept"], answer["need_layouts"]) == (200, 1, [])


def test_a_layout_of_another_agent_is_not_known(running: Centre, report: Make) -> None:
    first, second = running.enrol()["token"], running.enrol(nonce="another-one")["token"]
    assert running.report(first, report())[0] == 200
    status, answer = running.report(second, report(layouts={}))
    assert (status, answer["kept"], answer["need_layouts"]) == (200, 0, ["k7Qx81Zp0aBc"])
    assert not running.reports()[1].frames


def test_a_layout_unused_for_a_day_makes_room_for_a_new_one(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]

    def bring(name: str, n: int) -> dict[str, Any]:
        values = {"n": n, "at": 1.0, "layout": name, "values": [1.0]}
        _, answer = running.report(token, report(layouts={name: [f"a{name}"]}, frames=[values]))
        kept: dict[str, Any] = answer
        return kept

    for number in range(64):
        assert bring(f"L{number}", number + 1)["kept"] == 1
    refused = {"n": 0, "reason": "layouts.L64: this agent has 64 layouts already"}
    assert refused in bring("L64", 65)["rejected"]
    running.clock.now += UNUSED_S + 1
    assert bring("L3", 66)["kept"] == 1
    assert [bring(f"M{number}", 67 + number)["kept"] for number in range(63)] == [1] * 63
    assert bring("M63", 200)["kept"] == 0, "L3 and 63 others are in use"
    used, gone = ({"n": 300 + n, "at": 1.0, "layout": f"L{n}", "values": [1.0]} for n in (3, 4))
    _, answer = running.report(token, report(layouts={}, frames=[used, gone]))
    assert (answer["kept"], answer["need_layouts"]) == (1, ["L4"])


def test_a_repeat_is_kept_silently(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    for _ in range(2):
        status, answer = running.report(token, report())
        assert (status, answer["kept"], answer["rejected"]) == (200, 1, [])


def bodies(make: Make) -> dict[str, tuple[bytes, dict[str, str], int, str]]:
    good = json.dumps(make()).encode()
    packed = {"Content-Encoding": "gzip"}
    many = json.dumps(make(layouts={f"L{i}": [] for i in range(200_000)})).encode()
    bomb = gzip.compress(b" " * (9 << 20))
    return {
        "not JSON": (b"{", {}, 400, "not JSON"),
        "envelope": (json.dumps(make(v=7)).encode(), {}, 400, "v: expected 1, got 7"),
        "one byte too much": (b" " * ((1 << 20) + 1), {}, 413, "more than 1 MiB sent"),
        "just enough": (good + b" " * ((1 << 20) - len(good)), {}, 200, ""),
        "gzip bomb": (bomb, packed, 413, "more than 8 MiB inflated"),
        "8 MiB inflated": (gzip.compress(good + b" " * ((8 << 20) - len(good))), packed, 200, ""),
        "no gzip": (good, packed, 400, "not gzip"),
        "half gzip": (gzip.compress(good)[:-9], packed, 400, "not gzip: cut short"),
        "two members": (gzip.compress(good[:40]) + gzip.compress(good[40:]), packed, 200, ""),
        "two reports": (gzip.compress(good) * 2, packed, 400, "not JSON: Extra data"),
        "gzip and more": (gzip.compress(good) + b"more", packed, 400, "not gzip"),
        "many members": (gzip.compress(b"") * 17, packed, 400, "not gzip we read: more than 16"),
        "members of 9 MiB": (gzip.compress(b" " * (3 << 20)) * 3, packed, 413, "more than 8 MiB"),
        "no encoding named": (good, {"Content-Encoding": ""}, 200, ""),
        "200,000 layouts": (gzip.compress(many), packed, 200, ""),
        "brotli": (good, {"Content-Encoding": "br"}, 415, "content-encoding: only gzip"),
    }


@pytest.mark.slow
def test_each_bad_body_has_its_documented_status_and_words(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    for name, (body, headers, expected, words) in bodies(report).items():
        status, answer = running.ask_json("POST", REPORTS, body, headers, token)
        assert status == expected, name
        assert answer.get("error", "").startswith(words), name


def test_chunked_bodies_are_counted_as_they_come(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    good = json.dumps(report()).encode()
    for parts, expected in (([good[:50], good[50:]], b" 200 "), ([b" " * 65536] * 20, b" 413 ")):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as link:
            head = f"POST {REPORTS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            link.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
            link.sendall(b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n")
            assert expected in link.recv(4096)


def test_half_a_body_is_no_report(running: Centre, caplog: pytest.LogCaptureFixture) -> None:
    token = running.enrol()["token"]
    for path in (REPORTS, f"{REPORTS}/flat"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as link:
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            link.sendall(head.encode() + b"Content-Length: 50\r\n\r\nseq=1\nuptime=5\n")
    eventually(lambda: b'path="/api/v1/reports/flat",status="400"' in metrics(running))
    assert caplog.records == []
    assert running.reports() == []


def metrics(running: Centre) -> bytes:
    body: bytes = running.ask("GET", "/metrics")[1]
    return body


@pytest.mark.slow
def test_whatever_comes_over_http_is_answered_as_documented(
    running: Centre, report: Make, caplog: pytest.LogCaptureFixture
) -> None:
    token = running.enrol()["token"]
    rng = random.Random(11)
    good = json.dumps(report()).encode()
    seen = set()
    for _ in range(400):
        body = bytearray(good)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(body))
            body[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        path = rng.choice([REPORTS, f"{REPORTS}/flat", "/api/v1/enrol", "/api/v1/rotate"])
        headers = rng.choice([{}, {"Content-Encoding": "gzip"}])
        status, answer, _ = running.ask("POST", path, bytes(body), headers, token)
        seen.add(status)
        assert answer
    assert seen <= {200, 400, 403, 429}
    assert {200, 400} <= seen
    assert caplog.records == []


def test_strangers_and_the_revoked_are_401(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    assert running.report(token, report())[0] == 200
    for wrong in (None, "x", token[:-1], token + "x"):
        status, answer = running.ask_json("POST", REPORTS, report(), token=wrong)
        assert status == 401
        assert answer["error"] in ("a token is needed", "unknown or revoked token")
    with db.writing(running.engine) as connection:
        assert agents.revoke(connection, 1)
    eventually(lambda: running.report(token, report())[0] == 401)


def test_an_agent_enrolled_by_another_process_is_known_at_once(
    running: Centre, report: Make
) -> None:
    with db.writing(running.engine) as connection:
        agent = agents.add_agent(connection, SITE, "by hand", [], "active", 0.0)
        agents.set_token(connection, agent, "a-token-made-elsewhere")
    eventually(lambda: running.report("a-token-made-elsewhere", report())[0] == 200)


def test_two_live_agents_on_one_token_are_told_and_the_newer_keeps_its_entries(
    running: Centre, report: Make
) -> None:
    token = running.enrol()["token"]

    def says(spool: str, boot: str, n: int, up: float) -> int:
        entry = {**report()["frames"][0], "n": n, "up": up - 1}
        status, _ = running.report(token, report(spool=spool, boot=boot, up=up, frames=[entry]))
        assert isinstance(status, int)
        return status

    assert says("old", "boot-a", 1, 1000.0) == 200
    running.clock.now += 60
    assert says("new", "boot-b", 1, 5.0) == 200
    running.clock.now += 60
    assert says("old", "boot-a", 2, 1120.0) == 409
    assert says("new", "boot-b", 2, 65.0) == 200
    # what the older one sampled before stays welcome
    assert says("old", "boot-a", 3, 1001.0) == 409
    late = {**report()["frames"][0], "n": 4, "up": 1000.0}
    body = report(spool="old", boot="boot-a", up=1120.0, frames=[late])
    assert running.report(token, body)[0] == 200
    (clash,) = [r for r in running.journal() if r.kind == Kind.CLASH]
    assert json.loads(clash.payload) == {"spool": "old", "newer": "new"}


def test_who_began_last_is_known_after_a_restart(centre: Centre, report: Make) -> None:
    centre.start()
    token = centre.enrol()["token"]
    centre.stop()
    now = centre.clock.now
    rows = [
        {"spool": "old", "boot": "a", "began": now - 900, "began_up": 100.0},
        {"spool": "new", "boot": "b", "began": now - 300, "began_up": 5.0},
        # placed by a wrong clock: its boot never spoke to us
        {"spool": "odd", "boot": "c", "began": now - 60, "began_up": 9.0},
    ]
    with db.writing(centre.engine) as connection:
        for row in rows:
            connection.execute(insert(spools).values(agent=1, first_seen=now, **row))
            if row["boot"] != "c":
                anchor = {"agent": 1, "boot": row["boot"], "up": 1.0, "base": 0.0}
                connection.execute(insert(anchors).values(**anchor))
    centre.start()

    def says(spool: str, boot: str, up: float) -> Any:
        entry = {**report()["frames"][0], "up": up - 1}
        return centre.report(token, report(spool=spool, boot=boot, up=up, frames=[entry]))[0]

    assert says("old", "a", 1000.0) == 409
    assert says("new", "b", 305.0) == 200


def test_a_restarted_agent_delivers_what_its_last_run_left(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    fresh = {**report()["frames"][0], "up": 2000.0}
    left = {**report()["frames"][0], "up": 1900.0}
    assert running.report(token, report(spool="second", up=2001.0, frames=[fresh]))[0] == 200
    assert running.report(token, report(spool="first", up=2002.0, frames=[left]))[0] == 200
    fresh = {**fresh, "n": 2, "up": 2060.0}
    assert running.report(token, report(spool="second", up=2061.0, frames=[fresh]))[0] == 200
    # an earlier boot: no `up` in the report
    old = {**left, "up": 9e9}
    body = report(spool="zero", boot="earlier", up=None, frames=[old])
    assert running.report(token, body)[0] == 200


def test_the_past_waits_while_the_fold_is_behind(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    now = running.clock.now
    with db.writing(running.engine) as connection:
        status = json.dumps({"position": 0, "lag_s": 9.0, "at": now})
        db.meta_set(connection, "fold_status", status)
    past = report(frames=[{**report()["frames"][0], "up": 86_000.0}])
    eventually(lambda: running.report(token, past)[0] == 429)
    answer = running.ask("POST", REPORTS, past, token=token)
    assert (answer[0], answer[2]["retry-after"]) == (429, "9")
    assert running.report(token, report())[0] == 200
    assert running.ask("GET", "/healthz")[0] == 200
    running.clock.now += 40
    status, answer = running.ask_json("GET", "/healthz")
    assert (status, answer["why"]) == (503, ["the fold is 49 s behind"])


def test_no_more_of_the_past_is_let_in_than_a_moment_can_fold(
    running: Centre, report: Make
) -> None:
    token = running.enrol()["token"]

    def fold_tells(at: float) -> None:
        with db.writing(running.engine) as connection:
            told = json.dumps({"position": 0, "lag_s": 0.1, "at": at})
            db.meta_set(connection, "fold_status", told)

    frame = report()["frames"][0]
    past = report(frames=[{**frame, "n": n, "up": 86_000.0} for n in range(1, 401)])
    fold_tells(running.clock.now)
    taken = 0
    while (answer := running.ask("POST", REPORTS, past, token=token))[0] == 200:
        taken += 400
        assert taken < 100 * BACKLOG_FRAMES
    assert answer[0] == 429 and answer[2]["retry-after"] == "2" and taken >= BACKLOG_FRAMES
    assert running.report(token, report())[0] == 200
    fold_tells(running.clock.now + 1)
    eventually(lambda: running.report(token, past)[0] == 200)


def test_what_people_ask_is_said_once(running: Centre, report: Make) -> None:
    enrolled = running.enrol()
    with db.writing(running.engine) as connection:
        ask(connection, enrolled["agent"], ["probe_now", "rotate_token"], 1.0, "siti")

    def said() -> Any:
        return running.report(enrolled["token"], report())[1]["do"]

    assert eventually(said) == ["probe_now", "rotate_token"]
    assert said() == []


@pytest.mark.parametrize(
    ("agent", "do", "why"),
    [(99, ["probe_now"], "no active agent 99"), (1, ["reboot"], "'reboot' is not one of")],
)
def test_what_cannot_be_asked_is_refused(
    running: Centre, agent: int, do: list[str], why: str
) -> None:
    running.enrol()
    with db.writing(running.engine) as connection, pytest.raises(Refused, match=why):
        ask(connection, agent, do, 1.0, "siti")


def test_a_goodbye_is_written_into_the_report(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    running.ask("POST", REPORTS, report(), {"X-Ronda-Shutdown": "1"}, token)
    assert [r.bye for r in running.reports()] == [True]


def test_ticks_tell_each_second_that_the_centre_takes_reports(running: Centre) -> None:
    def ticks() -> list[Any]:
        return [r for r in running.journal() if r.kind == Kind.TICK]

    eventually(lambda: len(ticks()) >= 2)
    tick = read_tick(ticks()[0].payload)
    assert (tick.accepting, tick.uplink, ticks()[0].at) == (True, None, running.clock.now)


def test_a_locked_database_does_not_stop_reports(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    with running.engine.connect() as connection:
        connection.execution_options(ronda_begin="BEGIN EXCLUSIVE")
        connection.execute(text("SELECT 1"))
        assert running.report(token, report())[0] == 200
        assert running.ask("GET", "/known")[0] == 200


def test_a_database_that_is_gone_does_not_stop_reports(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    path = running.settings.folder / "ronda.db"
    with running.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE agents RENAME TO elsewhere")
    eventually(lambda: running.ask("GET", "/healthz")[0] == 503)
    assert "agents" in running.ask_json("GET", "/healthz")[1]["database"]
    assert running.report(token, report())[0] == 200
    assert running.report("unknown", report())[0] == 401
    with running.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO agents")
    eventually(lambda: running.ask("GET", "/healthz")[0] == 200)
    assert path.exists()


def test_a_database_that_is_not_there_yet_is_waited_for(centre: Centre, report: Make) -> None:
    token = "a-token-made-elsewhere"
    with db.writing(centre.engine) as connection:
        agent = agents.add_agent(connection, SITE, "by hand", [], "active", 0.0)
        agents.set_token(connection, agent, token)
        connection.exec_driver_sql("ALTER TABLE agents RENAME TO elsewhere")
    centre.start()
    status, body, headers = centre.ask("POST", REPORTS, report(), token=token)
    assert (status, headers["retry-after"]) == (503, "5")
    assert json.loads(body)["error"] == "the database cannot be read yet"
    assert centre.ask("GET", "/known")[0] == 503
    with db.writing(centre.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO agents")
    eventually(lambda: centre.report(token, report())[0] == 200)
    ticks = [read_tick(r.payload) for r in centre.journal() if r.kind == Kind.TICK]
    assert not ticks[0].accepting


def test_a_changed_report_interval_is_followed(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    with db.writing(running.engine) as connection:
        told = json.dumps({"position": 0, "lag_s": 9.0, "at": running.clock.now})
        db.meta_set(connection, "fold_status", told)
        connection.execute(update(sites).values(report_every_s=900))
        acts.record(connection, running.clock.now, "tester", "inventory", "sites")
    past = report(frames=[{**report()["frames"][0], "up": 86_000.0}], up=86_400.0)
    running.report(token, past)
    eventually(lambda: running.report(token, past)[0] == 200)
    past["up"] += 3600
    eventually(lambda: running.report(token, past)[0] == 429)


def test_the_configuration_has_a_tag_and_follows_an_edit(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    status, body, headers = running.ask("GET", "/api/v1/config", token=token)
    tag = headers["etag"]
    assert (status, json.loads(body)["site"]) == (200, SITE)
    held = {"If-None-Match": tag}
    assert running.ask("GET", "/api/v1/config", None, held, token)[:2] == (304, b"")
    assert running.report(token, report())[1]["config"] == tag.strip('"')
    with db.writing(running.engine) as connection:
        row = {"name": "web", "site": SITE, "kind": "tcp", "target": "127.0.0.1:80"}
        connection.execute(insert(services).values(**row))
        acts.record(connection, running.clock.now, "tester", "inventory", SITE)
    eventually(lambda: running.report(token, report())[1]["config"] != tag.strip('"'))
    assert running.ask("GET", "/api/v1/config", None, held, token)[0] == 200


def test_what_an_agent_says_of_its_configuration_is_remembered(running: Centre) -> None:
    token = running.enrol()["token"]
    said = {
        "X-Ronda-Config": '"abc"',
        "X-Ronda-Config-Error": "checks[0].host: missing" + "x" * 900,
    }
    assert running.ask("GET", "/api/v1/config", None, said, token)[0] == 200

    def row() -> Any:
        with db.reading(running.engine) as connection:
            return connection.execute(agents_table.select()).one()

    eventually(lambda: row().config_etag == "abc")
    assert row().config_error.startswith("checks[0].host: missing")
    assert len(row().config_error) == 500


def test_known_content_health_and_addresses(running: Centre) -> None:
    status, body, _ = running.ask("GET", "/known")
    assert status == 200
    assert body.startswith(b"ronda-known ")
    assert len(body) == len("ronda-known ") + 8
    status, answer = running.ask_json("GET", "/healthz")
    assert (status, answer["status"], answer["database"]) == (200, "ok", "ok")
    assert running.ask("GET", "/nothing")[0] == 404
    status, _, headers = running.ask("GET", REPORTS)
    assert (status, headers["allow"]) == (405, "POST")
    assert running.ask("HEAD", "/healthz")[:2] == (200, b"")
    assert running.ask("HEAD", REPORTS)[0] == 405


def test_metrics_are_open_on_this_machine_only(running: Centre, report: Make) -> None:
    token = running.enrol()["token"]
    running.report(token, report())
    status, body, _ = running.ask("GET", "/metrics")
    assert status == 200
    assert b"ronda_ingest_entries_kept_total 1.0" in body
    assert b'ronda_ingest_requests_total{path="/api/v1/reports",status="200"} 1.0' in body
    far = {"X-Forwarded-For": "203.0.113.9"}
    assert running.ask("GET", "/metrics", None, far)[0] == 401
    with db.writing(running.engine) as connection:
        row = {"token_hash": agents.digest("t"), "name": "p", "role": "viewer", "created_at": 0.0}
        connection.execute(insert(api_tokens).values(**row))
    assert running.ask("GET", "/metrics", None, far, "t")[0] == 200
    with db.writing(running.engine) as connection:
        connection.execute(update(api_tokens).values(revoked_at=1.0))
    assert running.ask("GET", "/metrics", None, far, "t")[0] == 401


def test_a_full_disk_is_503_and_forgiven_without_a_restart(centre: Centre, report: Make) -> None:
    centre.start()
    token = centre.enrol()["token"]
    assert centre.report(token, report())[0] == 200
    centre.free_bytes = 1000
    eventually(lambda: centre.report(token, report())[0] == 503)
    status, body, headers = centre.ask("POST", REPORTS, report(), token=token)
    assert (status, headers["retry-after"]) == (503, "30")
    assert json.loads(body)["error"] == "journal: the disk is nearly full"
    assert "disk full" in centre.ask_json("GET", "/healthz")[1]["why"]
    centre.free_bytes = 1 << 30
    eventually(lambda: centre.report(token, report())[0] == 200)
    accepting = [read_tick(r.payload).accepting for r in centre.journal() if r.kind == Kind.TICK]
    assert False in accepting


def test_a_clock_that_was_set_back_is_said_and_nothing_waits_for_it(
    running: Centre, report: Make
) -> None:
    token = running.enrol()["token"]
    assert running.report(token, report())[0] == 200
    running.clock.now -= 3600
    back = running.clock.now
    words = f"was set back by 3600 s at {iso(back)}"
    eventually(lambda: running.ask_json("GET", "/healthz")[1]["clock"] == words)
    assert running.ask_json("GET", "/healthz")[1]["status"] == "ok"
    # its machine starts again: that is no second agent, now or when the clock is where it was
    for n, up in enumerate((60.0, 3700.0), 1):
        running.clock.now = now = back + up
        frame = {"n": n, "at": now, "up": up, "layout": "k7Qx81Zp0aBc", "values": [0.0021, None]}
        later = report(spool="0badc10c", boot="later", sent_at=now, up=up, frames=[frame])
        assert running.report(token, later)[0] == 200
    running.clock.now = back + 86401
    assert running.ask_json("GET", "/healthz")[1]["clock"] == "ok"


def test_reports_come_in_over_tls_as_old_routers_speak_it(centre: Centre, report: Make) -> None:
    made = ensure_ca(centre.settings.folder / "tls", ["127.0.0.1"], time.time())
    centre.settings = replace(centre.settings, cert=str(made.cert), key=str(made.key))
    centre.start()
    context = ssl.create_default_context(cadata=made.ca_pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    code = centre.code()
    link = http.client.HTTPSConnection("127.0.0.1", centre.port, timeout=10, context=context)
    link.request("POST", "/api/v1/enrol", json.dumps({"code": code, "nonce": "nonce-of-8"}))
    enrolled = json.loads(link.getresponse().read())
    assert enrolled["ca"] == made.ca_pem
    headers = {"Authorization": f"Bearer {enrolled['token']}"}
    for _ in range(2):
        link.request("POST", REPORTS, json.dumps(report()), headers)
        answer = link.getresponse()
        assert (answer.status, json.loads(answer.read())["kept"]) == (200, 1)
    link.close()


def test_a_taken_port_is_refused_by_name(centre: Centre) -> None:
    words = f"ingest: 127.0.0.1:{centre.port}: Address already in use"
    with socket.create_server(("127.0.0.1", centre.port)), pytest.raises(Refused, match=words):
        centre.start()
    centre.start()
    assert centre.ask("GET", "/known")[0] == 200


def test_a_second_ingest_on_the_same_data_is_refused(centre: Centre) -> None:
    writer = FileWriter(centre.settings.journal_folder)
    with pytest.raises(Refused, match="data: .*another process writes this journal"):
        centre.start()
    writer.close()
    centre.start()


@pytest.mark.slow
def test_slow_clients_are_let_go_and_hinder_nobody(centre: Centre, report: Make) -> None:
    centre.limits = Limits(idle_s=1.0, body_s=1.0)
    centre.start()
    token = centre.enrol()["token"]
    slow = [socket.create_connection(("127.0.0.1", centre.port), timeout=10) for _ in range(300)]
    for number, link in enumerate(slow):
        if number % 2:
            link.sendall(b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\n")
        else:
            head = f"POST {REPORTS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            link.sendall(head.encode() + b"Content-Length: 500\r\n\r\n{")
    began = time.monotonic()
    assert centre.report(token, report())[0] == 200
    assert time.monotonic() - began < 1.0
    for number, link in enumerate(slow):
        answer = link.recv(4096)
        assert answer == b"" or number % 2 == 0 or b" 408 " in answer
        if number % 2 == 0:
            assert b" 408 " in answer
            assert link.recv(4096) == b""
        link.close()
    assert centre.report(token, report())[0] == 200
