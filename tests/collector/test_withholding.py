"""What an agent of an earlier release is not given, and what nobody kept a password for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from agent import __version__, knows
from collector import agents, db, passwords, vocabularies
from collector.config import agent_config, etag, told_to
from collector.configured import configured
from collector.inventory import site as site_of
from collector.inventory.binding import Binding
from collector.inventory.importing import bring, parse
from collector.looking import place_of
from collector.settings import Settings
from collector.withholding import TOLD, kinds, plan_known_to, release, unknown_to, vocabulary
from tests.stores import migrated

SITE = "35.10.06.2005"
SECRET = bytes(range(32))
OLD = "*:every_s,kind,uplink;plan:site,checks;ping:name,host,count;snmp:name,host,community"


@pytest.mark.parametrize(
    ("check", "told", "why"),
    [
        pytest.param({"kind": "opensid"}, "", "", id="it never said"),
        pytest.param({"name": "a", "kind": "ping", "every_s": 5}, OLD, "", id="all known"),
        pytest.param(
            {"name": "a", "kind": "opensid"},
            OLD,
            "its agent is too old for checks of kind opensid",
            id="a kind",
        ),
        pytest.param(
            {"name": "a", "kind": "ping", "interval_s": 1.0, "fenced": True},
            OLD,
            "its agent is too old for fenced of checks of kind ping",
            id="a key",
        ),
        pytest.param(
            {"name": "a", "kind": "opensid"},
            f"form:lines;{OLD}",
            "a script does not know checks of kind opensid",
            id="a kind that a script does not know",
        ),
        pytest.param({"name": "a", "kind": "ping"}, "rubbish", "", id="words of nobody"),
        pytest.param({"kind": "opensid"}, "form:lines", "", id="a script that never said"),
    ],
)
def test_what_an_agent_does_not_know(check: dict[str, object], told: str, why: str) -> None:
    assert unknown_to(check, told) == why


def test_the_frame_of_a_configuration_is_cut_too() -> None:
    table = {"site": "a", "beacons": True, "checks": [], "ours": 1}
    assert plan_known_to(table, ["", OLD], ("ours",)) == {"site": "a", "checks": [], "ours": 1}
    assert plan_known_to(table, [""]) == table


def test_a_script_keeps_nothing_from_a_program_beside_it(connection: Connection) -> None:
    def told() -> list[str]:
        return vocabularies.at(connection, SITE)

    for number, said in ((1, "form:lines"), (2, f"{OLD};form:lines")):
        agents.add_agent(connection, SITE, "router", [], "active", 1.0)
        vocabularies.tell(connection, number, said)
    assert told() == ["form:lines", f"{OLD};form:lines"]
    assert vocabularies.askable(connection, SITE) == []
    agents.add_agent(connection, SITE, "mini-pc", [], "active", 2.0)
    assert told() == [""]
    assert vocabularies.askable(connection, SITE) == [3]
    # it was a trial with a program's token
    vocabularies.tell_form(connection, 2, lines=False)
    assert told() == [OLD, ""]
    assert vocabularies.askable(connection, SITE) == [2, 3]


def test_what_our_agents_say_may_be_said() -> None:
    assert TOLD.fullmatch(knows.vocabulary())


def test_a_version_is_no_kind_of_check() -> None:
    told = knows.vocabulary()
    assert release(told) == __version__ and release("ping:host") == release("") == ""
    assert kinds(told) == len(told.split(";")) - 3
    assert unknown_to({"name": "a", "kind": "release"}, OLD)


def test_who_says_something_else_each_time_fills_no_memory() -> None:
    for number in range(1000):
        vocabulary(f"ping:name,key{number}")
    assert vocabulary.cache_info().currsize < 100


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as opened:
        take(opened, "sites", f"code,name\n{SITE},B\n")
        yield opened
    engine.dispose()


def take(connection: Connection, kind: str, text: str) -> None:
    bring(connection, parse(kind, text.encode(), kind), 1.0, "siti")


def withheld(connection: Connection, **settings: Any) -> dict[str, str]:
    site = site_of(connection, SITE)
    assert site is not None
    return {
        one.check["name"]: one.withheld
        for one in told_to(connection, place_of(connection, site), Settings(**settings))
        if one.withheld
    }


def test_the_centre_leaves_out_what_one_of_the_agents_does_not_know(
    connection: Connection,
) -> None:
    take(connection, "services", f"name,site,kind,target\nSID,{SITE},opensid,http://a/\n")
    before = etag(agent_config(connection, SITE, Settings()))
    new, old = (agents.add_agent(connection, SITE, "", [], "active", 0.0) for _ in range(2))
    vocabularies.tell(connection, new, knows.vocabulary())
    assert withheld(connection) == {}
    assert etag(agent_config(connection, SITE, Settings())) == before
    without = ";".join(x for x in knows.vocabulary().split(";") if not x.startswith("opensid:"))
    vocabularies.tell(connection, old, without)
    assert withheld(connection) == {"SID": "its agent is too old for checks of kind opensid"}
    config = agent_config(connection, SITE, Settings())
    assert "SID" not in [check["name"] for check in config["checks"]]
    assert etag(config) != before
    shown = {part.name: part.withheld for part in configured(connection, SITE, Settings()).checks}
    assert shown["SID"] and not shown["gateway"]


def test_a_check_without_its_password_waits_for_it(connection: Connection) -> None:
    row = f"name,site,kind,target,v3,auth_secret\nr,{SITE},snmp,10.0.0.1,ronda,kunci\n"
    take(connection, "services", row)
    assert withheld(connection) == {"r": "the password kunci is not set"}
    passwords.put(connection, SECRET, "kunci", "kata sandi satu", 1.0, "siti", Binding(SITE))
    assert withheld(connection) == {}
    for url in ("https://pusat.desa.id:8090", "http://127.0.0.1:8090", "http://[::1]:8090"):
        assert withheld(connection, ingest_url=url) == {}
    open_line = withheld(connection, ingest_url="http://pusat.desa.id:8090")
    assert open_line == {"r": "its password goes over TLS only"}
    config = agent_config(connection, SITE, Settings(ingest_url="http://pusat.desa.id:8090"))
    assert "r" not in [check["name"] for check in config["checks"]]
