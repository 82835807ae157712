"""What each parameter is on a device, and which sites a code means."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert

import ronda
from agent.strict import Refused
from collector import db, schema
from collector.settings import Settings
from playbooks import asking, cli_hosts, host_rows, run_rows, run_search
from playbooks.asking import MOST_OF_ONE, Asked
from playbooks.hosts import Host, Login
from playbooks.model import Command, Kind, Level, Parameter, Platform, Playbook, Recipe
from tests.stores import migrated

PARAMS = (Parameter("uplink", Kind.INTERFACE, {}), Parameter("sandi", Kind.SECRET, {}))
RECIPE = Recipe(do=(Command("up @{uplink} @{sandi}", 1),))
PLAYBOOK = Playbook("coba", {}, Level.GREEN, "f", {Platform.DEBIAN: RECIPE}, PARAMS)
LOGIN = Login("root", "pw")
HOST = Host("35.10.01.2001", "pc", Platform.DEBIAN, "192.0.2.1", 22, LOGIN, ())


def test_a_secret_is_never_taken_from_what_is_kept_of_a_device() -> None:
    host = replace(HOST, values={"uplink": "eth0", "sandi": "for everybody to see"})
    given = asking.parameters(PLAYBOOK, host, {"sandi": "typed"})
    assert given == {"uplink": "eth0", "sandi": "typed"}
    with pytest.raises(Refused) as refused:
        asking.parameters(PLAYBOOK, host, {})
    assert str(refused.value) == "35.10.01.2001/pc: param sandi: missing"


def test_a_code_means_its_active_sites_with_a_device_that_fits(store: Engine) -> None:
    sites = ["35.10.01.2001", "35.10.01.2002", "35.10.02.2001", "35.11.01.2001"]
    with db.writing(store) as connection:
        for row, code in enumerate(sites):
            lifecycle = "retired" if code.endswith("2002") else "active"
            place = {"code": code, "name": code, "row": row, "lifecycle": lifecycle}
            connection.execute(insert(schema.sites).values(place))
            host_rows.put(connection, b"k" * 32, replace(HOST, site=code), "", 1.0, "siti")
    with db.reading(store) as connection:
        assert asking.sites_of(connection, PLAYBOOK, "35.10") == [sites[0], sites[2]]
        assert asking.sites_of(connection, PLAYBOOK, sites[0]) == [sites[0]]
        assert asking.sites_of(connection, PLAYBOOK, "35.10.03") == []


NOW = 1_790_000_000.0
SITES = ["35.10.01.2001", "35.10.01.2002"]
READS = replace(PLAYBOOK, params=(), recipes={Platform.DEBIAN: Recipe(do=(Command("x", 1),))})


def incident(store: Engine, site: str, *members: str) -> int:
    """One of a site, or of several together."""
    row = {"site": site, "subject": "uplink", "title": "x", "severity": "critical"}
    row |= {"state": "open", "down_since": NOW, "opened_at": NOW, "rev": 1}
    with db.writing(store) as connection:
        made = connection.execute(insert(schema.incidents).values(row)).inserted_primary_key
        assert made is not None
        for member in members:
            told = {"incident": made[0], "key": member, "site": member}
            told |= {"bad_at": NOW, "joined_at": NOW}
            connection.execute(insert(schema.members).values(told))
        return int(made[0])


def wished(
    store: Engine, settings: Settings, number: int | None, by: str = "siti"
) -> run_rows.Wish:
    asked = Asked(READS, SITES[:1], {}, by, incident=number)
    with db.writing(store) as connection:
        host_rows.put(connection, b"k" * 32, replace(HOST, site=SITES[0]), "", 1.0, "siti")
        return asking.wish(connection, b"k" * 32, settings, asked)


def test_a_run_mends_an_incident_of_one_of_its_sites(
    store: Engine, store_settings: Settings
) -> None:
    own, joint = incident(store, SITES[0]), incident(store, "", *SITES)
    for number in (own, joint):
        assert wished(store, store_settings, number).incident == number


def test_an_incident_of_elsewhere_and_none_at_all_are_refused_alike(
    store: Engine, store_settings: Settings
) -> None:
    elsewhere, centre = incident(store, SITES[1]), incident(store, "")
    for number in (elsewhere, centre, 999, 0, -1, 2**31, 2**70):
        with pytest.raises(Refused) as refused:
            wished(store, store_settings, number)
        said = f"incident: no incident {number} is of these sites: name one that is"
        assert str(refused.value) == said


def test_nobody_takes_all_places_from_everybody_else(
    store: Engine, store_settings: Settings
) -> None:
    wanted = wished(store, store_settings, None)
    with db.writing(store) as connection:
        for _ in range(MOST_OF_ONE):
            asking.ask(connection, wanted, NOW)
        with pytest.raises(Refused, match=f"runs: {MOST_OF_ONE} of siti are open: wait"):
            asking.ask(connection, wanted, NOW)
        asking.ask(connection, replace(wanted, by="budi"), NOW)


def test_a_number_that_no_database_holds_is_none(store: Engine) -> None:
    with db.writing(store) as connection:
        for number in (0, -1, 2**31, 2**70):
            assert run_rows.get(connection, number) is None
            assert not run_rows.approve(connection, number, "budi", NOW)
            assert not run_rows.stop(connection, number, "budi", NOW, "x")


def test_devices_of_many_runs_are_read_at_once(store: Engine, store_settings: Settings) -> None:
    wanted = wished(store, store_settings, None)
    with db.writing(store) as connection:
        numbers = [asking.ask(connection, wanted, NOW) for _ in range(3)]
        asked: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        found = run_search.hosts_of(connection, numbers)
        assert len(asked) == 1
        assert found == {n: run_rows.hosts_of(connection, n) for n in numbers}


def test_what_lies_beyond_what_is_listed_is_counted(store: Engine) -> None:
    with db.writing(store) as connection:
        for site in ("", *SITES, "35.10.01.2003"):
            host_rows.put(connection, b"k" * 32, replace(HOST, site=site), "", 1.0, "siti")
        debian = (Platform.DEBIAN,)
        assert host_rows.fitting(connection, debian, 9) == ({*SITES, "35.10.01.2003"}, 0)
        assert host_rows.fitting(connection, debian, 2) == (set(SITES), 1)
        assert host_rows.fitting(connection, (Platform.OPENWRT,), 9) == (set(), 0)
        assert host_rows.everywhere(connection, 2) == ([("", "pc"), (SITES[0], "pc")], 2)
        found, more = host_rows.kept(connection, b"k" * 32, 3)
        assert ([one.host.site for one in found], more) == (["", *SITES], 1)


def test_a_list_of_devices_says_what_it_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        for site in SITES:
            host_rows.put(connection, b"k" * 32, replace(HOST, site=site), "", 1.0, "siti")
    engine.dispose()
    monkeypatch.setattr(cli_hosts, "MOST_SHOWN", 1)
    assert ronda.main(["hosts", "list", "--data", settings.data, "--json"]) == 0
    told = capsys.readouterr()
    assert [one["site"] for one in json.loads(told.out)] == SITES[:1]
    assert told.err == "ronda: 1 more are not shown: name a site, --site CODE\n"
