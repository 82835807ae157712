"""What many sites are told at once is what each is told by itself."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from collector import agents, db, passwords, vocabularies
from collector.alike import Alike, Shared, Told, World, kinds_of
from collector.config import agent_config, etag
from collector.inventory.applying import OWN_SITE
from collector.inventory.importing import bring, parse
from collector.schema import hosts
from collector.settings import Settings
from tests.stores import migrated

JAVA = [f"35.10.06.20{n:02}" for n in range(1, 9)]
NEXT, PAPUA, CENTRE = "35.10.07.2001", "91.03.01.2001", "00.00.00.0001"
OWN_ROW, LOOKS, TUNNEL, SCRIPT, OLD, CONTRACT, QUICK, LTE = JAVA
EVERYBODY = [*JAVA, NEXT, PAPUA, CENTRE]
SETTINGS = Settings(
    ingest="10.0.0.1:8090", tunnel_ssh="ronda@10.0.0.1:22", capacity_mbps=100.0, allow_targets=()
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as opened:
        profiles = dict.fromkeys(EVERYBODY, "fiber") | {LTE: "4g"}
        rows = "".join(f"{code},Desa {code},{profiles[code]},X|Y\n" for code in EVERYBODY)
        take(opened, "sites", f"code,name,profile,isp\n{rows}")
        take(opened, "sites", f"code,name,check_every_s\n{QUICK},Q,30\n")
        take(opened, "areas", "code,name\n35.10.07,Genteng\n")
        for code in EVERYBODY:
            agents.add_agent(opened, code, "mini", [], "active", 1.0)
        yield opened
    engine.dispose()


def take(connection: Connection, kind: str, text: str) -> None:
    bring(connection, parse(kind, text.encode(), kind), 1.0, "siti")


def told(connection: Connection, settings: Settings = SETTINGS) -> dict[str, Told]:
    return dict(Alike(settings, agent_config).tell(connection, [*EVERYBODY, "no site"], World()))


def hold(connection: Connection, settings: Settings = SETTINGS) -> dict[str, Told]:
    """Each as by itself; the answer."""
    found = told(connection, settings)
    assert sorted(found) == sorted(EVERYBODY)
    for code, one in found.items():
        alone = agent_config(connection, code, settings)
        assert (one.etag(code), one.kinds) == (etag(alone), kinds_of(alone)), code
        if isinstance(one, Shared):
            assert json.dumps(one.table_of(code)) == json.dumps(alone)
    return found


def test_villages_without_anything_of_their_own_share_what_they_are_told(
    connection: Connection,
) -> None:
    found = hold(connection)
    shared = {id(one) for one in found.values()}
    # fiber, the quick one, the one on 4g, another zone
    assert len(shared) == 4 and all(isinstance(one, Shared) for one in found.values())
    assert len({one.etag(code) for code, one in found.items()}) == len(EVERYBODY)


def test_whatever_is_of_one_village_alone_is_told_to_it_alone(connection: Connection) -> None:
    db.meta_set(connection, OWN_SITE, CENTRE)
    take(
        connection,
        "services",
        "name,site,scope,kind,target,public,vantage\n"
        f"app,{OWN_ROW},desa,http,http://a/,http://b/,\n"
        f"web,,desa,web,http://all/,,\nsurat,35.10.07,desa,http,http://s/,,\n"
        f"portal,isp:Y,desa,http,http://p/,,\npaket,profile:4g,desa,http,http://q/,,\n"
        f"SIAK,,pusat,http,http://siak/,,{LOOKS}\nSPSE,,pusat,http,http://spse/,,\n",
    )
    take(connection, "uplinks", f"site,name,isp,mbps\n{CONTRACT},main,X,20\n{NEXT},main,X,20\n")
    put_host(connection, TUNNEL)
    tell(connection, OLD, "ping:name,kind,host;http:name,kind,url;release:0.1")
    tell(connection, SCRIPT, "ping:name,kind,host;form:lines")
    settings = replace(SETTINGS, capacity_hours="01:00-04:00")
    found = hold(connection, settings)
    alone = {code for code, one in found.items() if not isinstance(one, Shared)}
    assert alone == {OWN_ROW, LOOKS, TUNNEL, CENTRE}


def test_a_password_that_may_go_to_some_villages_only_is_weighed_for_each(
    connection: Connection,
) -> None:
    settings = replace(SETTINGS, ingest_url="https://pusat.desa.id:8090")
    rows = "name,kind,target,community_secret\nrouter,snmp,10.0.0.1,snmp\n"
    take(connection, "services", rows)
    passwords.put(connection, b"k" * 32, "snmp", "rahasia-desa", 2.0, "siti")
    assert not any(isinstance(one, Shared) for one in hold(connection, settings).values())


def test_what_is_shared_is_bounded(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.alike._MOST_SHARED", 1)
    world = World()
    found = dict(Alike(SETTINGS, agent_config).tell(connection, EVERYBODY, world))
    assert len(world.shared) == 1
    tags = {code: etag(agent_config(connection, code, SETTINGS)) for code in EVERYBODY}
    assert {code: one.etag(code) for code, one in found.items()} == tags


def tell(connection: Connection, site: str, words: str) -> None:
    agent = agents.list_agents(connection, site)[0]["id"]
    vocabularies.tell(connection, agent, words)


def put_host(connection: Connection, site: str) -> None:
    row: dict[str, Any] = {
        "site": site,
        "device": "router",
        "platform": "routeros",
        "address": "10.0.0.1",
    }
    row |= {"user": "ronda", "box": b"", "way": "tunnel", "set_at": 1.0, "by": "siti"}
    connection.execute(insert(hosts).values(row))
