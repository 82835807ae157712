"""A lost answer burns nothing: enrolments and rotations can be asked for again."""

from typing import Any

import pytest
from sqlalchemy import select

from agent.strict import Refused
from collector import agents, db
from collector.authority import ensure_ca
from collector.intake.body import Problem
from collector.intake.gate import FAILURES, Gate
from collector.schema import agents as agents_table
from collector.schema import codes

# the fixtures' classes live in conftest, which nothing imports
Centre = Any

DAY = 86400.0
ENROL = "/api/v1/enrol"
ROTATE = "/api/v1/rotate"


@pytest.fixture
def its_database(database_url: str) -> str:
    return database_url


def wish(code: str, nonce: str = "nonce-of-8", **more: Any) -> dict[str, Any]:
    return {"code": code, "nonce": nonce, "name": "kantor", "boot": "b", "host_keys": [], **more}


def rows(centre: Centre) -> int:
    with db.reading(centre.engine) as connection:
        return len(connection.execute(select(agents_table.c.id)).all())


def test_a_code_is_eighty_bits_in_four_groups(centre: Centre) -> None:
    code = centre.code()
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-")
    with db.reading(centre.engine) as connection:
        stored = connection.execute(select(codes)).one()
        found = agents.find_code(connection, code.lower().replace("-", "") + ".AB12")
    assert code.replace("-", "") not in str(stored)
    assert found is not None
    assert found.site == stored.site


def test_a_site_that_is_not_there_gets_no_code(centre: Centre) -> None:
    with db.writing(centre.engine) as connection, pytest.raises(Refused, match="not in the inv"):
        agents.issue_code(connection, "99.99", 0.0, 30)


def test_enrolling_answers_all_that_an_agent_needs(running: Centre) -> None:
    made = ensure_ca(running.settings.folder / "tls", ["127.0.0.1"], running.clock.now)
    code = running.code()
    status, answer = running.ask_json("POST", ENROL, wish(code, host_keys=["ssh-ed25519 AAA"]))
    assert status == 200
    assert set(answer) == {"agent", "token", "key", "site", "config", "ca", "ssh_host_key"}
    assert (answer["agent"], answer["site"], answer["ca"]) == (1, "35.10.06.2005", made.ca_pem)
    assert answer["config"]["site"] == answer["site"]
    assert (len(answer["token"]), len(answer["key"])) == (43, 64)
    with db.reading(running.engine) as connection:
        row = connection.execute(select(agents_table)).one()
    assert row.token_hash == agents.digest(answer["token"])
    assert answer["token"] not in str(row)
    assert row.host_keys == '["ssh-ed25519 AAA"]'


def test_a_lost_answer_burns_nothing(running: Centre) -> None:
    code = running.code()
    first = running.ask_json("POST", ENROL, wish(code))
    running.clock.now += 6 * DAY
    assert running.ask_json("POST", ENROL, wish(code.lower().replace("-", ""))) == first
    assert rows(running) == 1
    running.clock.now += 2 * DAY
    assert running.ask_json("POST", ENROL, wish(code)) == (403, {"reason": "used"})


def test_codes_that_do_not_let_in_say_why(running: Centre) -> None:
    code, old = running.code(), running.code(days=1)
    assert running.ask_json("POST", ENROL, wish(code))[0] == 200
    assert running.ask_json("POST", ENROL, wish(code, "other-nonce")) == (403, {"reason": "used"})
    assert running.ask_json("POST", ENROL, wish("AAAA")) == (403, {"reason": "unknown"})
    running.clock.now += 1.1 * DAY
    assert running.ask_json("POST", ENROL, wish(old)) == (403, {"reason": "expired"})
    with db.writing(running.engine) as connection:
        agents.revoke(connection, 1)
    assert running.ask_json("POST", ENROL, wish(code)) == (403, {"reason": "used"})


def test_approval_is_waited_for_and_asked_again(running: Centre) -> None:
    code = running.code(approval=True)
    for _ in range(2):
        assert running.ask_json("POST", ENROL, wish(code)) == (202, {"state": "waiting"})
    running.clock.now += 9 * DAY
    with db.writing(running.engine) as connection:
        assert agents.approve(connection, 1, running.clock.now)
        assert not agents.approve(connection, 1, running.clock.now)
    status, answer = running.ask_json("POST", ENROL, wish(code))
    assert status == 200
    assert running.ask("GET", "/api/v1/config", token=answer["token"])[0] == 200
    assert rows(running) == 1


BAD_WISHES: dict[str, dict[str, Any] | bytes] = {
    "no code": {"nonce": "nonce-of-8"},
    "no nonce": wish("AAAA", ""),
    "long nonce": wish("AAAA", "x" * 201),
    "long name": wish("AAAA", name="x" * 201),
    "many keys": wish("AAAA", host_keys=["k"] * 17),
    "number": wish("AAAA", name=5),
    "not JSON": b"{",
}


def test_bad_wishes_are_400(running: Centre) -> None:
    for name, body in BAD_WISHES.items():
        status, answer = running.ask_json("POST", ENROL, body)
        assert status == 400, name
        assert answer["error"]


def test_guessing_is_slowed_but_a_good_code_passes_from_the_same_address(running: Centre) -> None:
    statuses = [running.ask("POST", ENROL, wish(f"WRONG{i}"))[0] for i in range(FAILURES + 2)]
    assert statuses == [403] * FAILURES + [429] * 2
    assert running.ask_json("POST", ENROL, wish(running.code()))[0] == 200


def test_the_gate_forgets_and_stays_small() -> None:
    gate = Gate()
    for i in range(20_000):
        gate.failed(f"10.0.{i // 256}.{i % 256}", 0.0)
    for _ in range(FAILURES):
        gate.failed("a", 0.0)
    with pytest.raises(Problem):
        gate.failed("a", 1.0)
    gate.failed("a", 3600.0)


def rotate(centre: Centre, token: str, nonce: str = "rotation-1") -> tuple[int, Any]:
    status, answer = centre.ask_json("POST", ROTATE, {"nonce": nonce}, token=token)
    return status, answer


def works(centre: Centre, token: str) -> bool:
    status: int = centre.ask("GET", "/api/v1/config", token=token)[0]
    assert status in (200, 401)
    return status == 200


def test_a_rotation_keeps_the_old_token_for_thirty_days_after_the_first_use(
    running: Centre,
) -> None:
    enrolled = running.enrol()
    old = enrolled["token"]
    status, answer = rotate(running, old)
    assert (status, answer["agent"]) == (200, 1)
    assert answer["key"] != enrolled["key"]
    running.clock.now += 90 * DAY
    assert works(running, old)
    assert works(running, answer["token"])
    running.clock.now += 29 * DAY
    assert works(running, old)
    running.clock.now += 2 * DAY
    assert not works(running, old)
    assert works(running, answer["token"])


def test_a_lost_rotation_burns_nothing(running: Centre) -> None:
    old = running.enrol()["token"]
    first = rotate(running, old)
    assert rotate(running, old) == first
    # even the nonce was lost: the token nobody ever had is replaced
    status, answer = rotate(running, old, "rotation-2")
    assert status == 200
    assert answer["token"] != first[1]["token"]
    assert not works(running, first[1]["token"])
    assert works(running, answer["token"])
    assert works(running, old)


def test_a_restored_agent_cannot_push_out_the_living_one(running: Centre) -> None:
    old = running.enrol()["token"]
    new = rotate(running, old)[1]["token"]
    assert works(running, new)
    assert rotate(running, old)[1]["token"] == new
    status, answer = rotate(running, old, "of-the-restored")
    assert (status, answer["error"]) == (
        403,
        "this token was replaced, and its successor is in use",
    )
    newer = rotate(running, new, "rotation-3")[1]["token"]
    assert not works(running, old)
    assert works(running, new)
    assert works(running, newer)


@pytest.mark.slow
def test_grants_reach_the_port(running: Centre, report: Any) -> None:
    token = running.enrol()["token"]
    finding = {"n": 2, "at": 1.0, "check": "c", "verdict": "bad", "site": "35.10.06.2006"}
    assert running.report(token, report(findings=[finding]))[1]["kept"] == 1
    with db.writing(running.engine) as connection:
        assert agents.grant(connection, 1, ["35.10.06.2006"])
        (shown,) = agents.list_agents(connection)
    assert "token_hash" not in shown
    kept = 0
    while kept != 2:
        kept = running.report(token, report(findings=[finding]))[1]["kept"]
