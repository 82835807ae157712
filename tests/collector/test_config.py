"""What an agent is told to do is what an agent accepts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from agent.config import read
from agent.strict import Refused
from collector import agents, db
from collector.config import agent_config, doubt_addresses, etag
from collector.inventory.applying import OWN_SITE
from collector.inventory.binding import NAMING
from collector.inventory.check_settings import SETTINGS
from collector.inventory.fitting import MOST_SERVICES
from collector.inventory.importing import bring, parse
from collector.inventory.kinds import SERVICE_KINDS
from collector.inventory.probes import STANDARD
from collector.inventory.sheet import BadFile
from collector.looking import MOST_CHECKS
from collector.settings import Settings
from tests.each import for_each
from tests.stores import migrated

BENCULUK, CLURING = "35.10.06.2005", "35.10.06.2006"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as opened:
        take(opened, "sites", f"code,name,profile\n{BENCULUK},B,4g\n{CLURING},C,\n")
        yield opened
    engine.dispose()


def take(connection: Connection, kind: str, text: str) -> None:
    bring(connection, parse(kind, text.encode(), kind), 1.0, "siti")


def named(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in config["checks"]}


def test_a_new_site_is_told_the_standard_checks(connection: Connection) -> None:
    settings = Settings(ingest="10.0.0.1:8090", backlog_per_s=6.0, uplink_targets=("9.9.9.9",))
    centre = db.meta_get(connection, "centre")
    assert agent_config(connection, BENCULUK, settings) == {
        "site": BENCULUK,
        "profile": "4g",
        "check_every_s": 60,
        "report_every_s": 120,
        "backlog_per_s": 6.0,
        "bytes_per_day": 10_000_000,
        "utc_offset_s": 25200,
        "beacons": False,
        "ingest": ["http://10.0.0.1:8090"],
        "checks": [
            {"name": "gateway", "kind": "ping", "host": "gateway"},
            {
                "name": "9.9.9.9",
                "kind": "ping",
                "host": "9.9.9.9",
                "uplink": "main",
                "every_s": 120,
            },
            {"name": "dns", "kind": "dns"},
            {"name": "link", "kind": "link"},
            {"name": "host", "kind": "host"},
            {"name": "known", "kind": "known", "centre": centre, "every_s": 1800},
        ],
    }


def test_without_targets_beyond_it_the_gateway_stands_for_the_uplink(
    connection: Connection,
) -> None:
    alone = named(agent_config(connection, BENCULUK, Settings(uplink_targets=())))
    assert alone["gateway"]["uplink"] == "main"


def test_dns_is_asked_for_the_name_of_the_centre_where_it_has_one(connection: Connection) -> None:
    there = Settings(ingest_url="https://noc.example.go.id:8090")
    assert named(agent_config(connection, BENCULUK, there))["dns"]["query"] == "noc.example.go.id"


def test_every_kind_of_service_is_accepted_by_the_agent(connection: Connection) -> None:
    take(
        connection,
        "services",
        "name,site,kind,target,every_s,uplink,must_match,status,verify_certificate,banner,expect,"
        "count,manager,timeout_s\n"
        f"sideka,,http,http://127.0.0.1/,30,,SIDEKA|Desa,200|301,false,,,,,5\n"
        f"mail,{BENCULUK},tcp,[::1]:25,,,,,,220,,,,\n"
        f"name,{BENCULUK},dns,desa.id,,,,,,,10.0.0.1,,,\n"
        f"isp,{BENCULUK},ping,8.8.8.8,,main,,,,,,5,,\n"
        f"nginx,{BENCULUK},service,nginx.service,,,,,,,,,systemd,\n"
        f"php,{BENCULUK},service,process:php-fpm8.2,,,,,,,,,,\n"
        f"listed,{BENCULUK},http,,,,,,,,,,,\n",
    )
    config = agent_config(connection, BENCULUK, Settings())
    checks = named(config)
    assert checks["sideka"] == {
        "name": "sideka",
        "kind": "http",
        "url": "http://127.0.0.1/",
        "every_s": 30.0,
        "must_match": ["SIDEKA", "Desa"],
        "status": [200, 301],
        "verify_certificate": False,
        "timeout_s": 5.0,
    }
    assert checks["mail"] == {
        "name": "mail",
        "kind": "tcp",
        "host": "::1",
        "port": 25,
        "banner": "220",
    }
    assert checks["php"] == {"name": "php", "kind": "service", "process": "php-fpm8.2"}
    assert "listed" not in checks
    accepted = read(config)
    assert [check.name for check in accepted.checks] == list(checks)
    assert {check.uplink for check in accepted.checks if check.uplink} == {"main"}


def test_the_centres_own_machine_watches_its_two_doors(connection: Connection) -> None:
    db.meta_set(connection, OWN_SITE, CLURING)
    settings = Settings(console="0.0.0.0:8080", ingest="[::]:8090", cert="c", key="k")
    own = agent_config(connection, CLURING, settings)
    assert named(own)["console"]["url"] == "http://127.0.0.1:8080/healthz"
    assert named(own)["ingest"]["url"] == "https://127.0.0.1:8090/healthz"
    assert named(own)["ingest"]["uplink"] == "main"
    assert "console" not in named(agent_config(connection, BENCULUK, settings))
    read(own)


APPS = {
    "opensid": ("http://127.0.0.1/sid/", {"url": "http://127.0.0.1/sid/", "gambling": False}),
    "sideka": ("https://sideka.id/", {"url": "https://sideka.id/"}),
    "nextcloud": ("https://awan.id", {"url": "https://awan.id"}),
    "webdav": ("https://awan.id/dav/", {"url": "https://awan.id/dav/"}),
    "web": ("https://desa.id/", {"url": "https://desa.id/", "gambling": False}),
    "defaced": ("https://desa.id/", {"url": "https://desa.id/"}),
    "tls": ("desa.id", {"host": "desa.id", "port": 443}),
    "smtp": ("mx.desa.id:587", {"host": "mx.desa.id", "port": 587}),
    "imap": ("[::1]:143", {"host": "::1", "port": 143}),
    "mysql": ("fe80::1", {"host": "fe80::1", "port": 3306}),
    "postgres": ("[::1]", {"host": "::1", "port": 5432}),
    "mail_domain": ("Desa.id", {"domain": "desa.id"}),
    "domain": ("maju.desa.id", {"domain": "maju.desa.id"}),
    "docker": ("awan_db-1", {"container": "awan_db-1"}),
    "backup_age": ("/srv/backup", {"path": "/srv/backup"}),
    "journey": ("http://10.5.50.1/login", {"portal": "http://10.5.50.1/login"}),
    "wifi": ("Pendopo", {"ap": "Pendopo"}),
    "snmp": ("192.168.88.1", {"host": "192.168.88.1"}),
    "routeros": ("192.168.88.1:8443", {"host": "192.168.88.1", "port": 8443}),
    "power": ("[fe80::1]:3493", {"host": "fe80::1", "port": 3493}),
}


@pytest.mark.parametrize("kind", APPS)
def test_a_village_application_is_told_to_the_agent(connection: Connection, kind: str) -> None:
    target, settings = APPS[kind]
    take(connection, "services", f"name,kind,target\napp,{kind},{target}\n")
    config = agent_config(connection, BENCULUK, Settings())
    assert named(config)["app"] == {"name": "app", "kind": kind, **settings}
    read(config)


def test_devices_are_told_with_what_they_need(connection: Connection) -> None:
    take(
        connection,
        "services",
        "name,kind,target,device,interfaces,community,profile,fingerprint,via,ups,leases\n"
        "router,snmp,10.0.0.1,Router Balai,ether1|sfp*,desa,mikrotik,,,,\n"
        f"gerbang,routeros,10.0.0.2,,,,,{'ab' * 32},,,\n"
        "ups,power,localhost,,,,,,apcupsd,utama,\n"
        "pemancar,wifi,any,,,,,,,,/tmp/leases\n",
    )
    config = agent_config(connection, BENCULUK, Settings())
    checks = named(config)
    assert checks["router"] == {
        **{"name": "router", "kind": "snmp", "host": "10.0.0.1", "device": "Router Balai"},
        **{"interfaces": ["ether1", "sfp*"], "community": "desa", "profile": "mikrotik"},
    }
    assert checks["gerbang"]["fingerprint"] == "ab" * 32
    assert checks["ups"]["via"] == "apcupsd"
    assert checks["pemancar"] == {"name": "pemancar", "kind": "wifi", "leases": "/tmp/leases"}
    read(config)


def test_a_journey_may_go_wherever_the_hotspot_leads(connection: Connection) -> None:
    take(
        connection,
        "services",
        "name,kind,target,interface,login,fields,logout,identity\n"
        "pendopo,journey,any,wlan0,,,,own\n"
        "kantor,journey,http://10.5.50.1/login,,true,voucher={user}|ok=1,http://10.5.50.1/logout,\n",
    )
    checks = named(agent_config(connection, BENCULUK, Settings()))
    kind = {"kind": "journey"}
    assert checks["pendopo"] == {
        **{"name": "pendopo", **kind, "interface": "wlan0", "identity": "own"},
    }
    assert checks["kantor"] == {
        **{"name": "kantor", **kind, "portal": "http://10.5.50.1/login", "login": True},
        **{"fields": ["voucher={user}", "ok=1"], "logout": "http://10.5.50.1/logout"},
    }
    read(agent_config(connection, BENCULUK, Settings()))


def test_what_a_page_shows_is_a_check_of_its_own(connection: Connection) -> None:
    """One kind says whether it works, the other whose it is: a fault is told once."""
    take(
        connection,
        "services",
        "name,kind,target,every_s,words,uplink,gambling,address\n"
        "sid,opensid,https://sid.id/index.php/,60,slot|x500,main,,10.0.0.1\n"
        "situs,web,https://desa.id/,,,,,\n"
        "isi situs,ping,10.0.0.2,,,,,\n"
        "bebas,web,https://bebas.id/,,,,false,\n",
    )
    checks = named(agent_config(connection, BENCULUK, Settings()))
    page = {"every_s": 60.0, "address": "10.0.0.1"}
    assert checks["sid"] == {
        **{"name": "sid", "kind": "opensid", "url": "https://sid.id/index.php/"},
        **{"gambling": False, "uplink": "main", **page},
    }
    assert checks["isi sid"] == {
        **{"name": "isi sid", "kind": "defaced", "url": "https://sid.id/index.php/siteman"},
        **{"words": ["slot", "x500"], **page},
    }
    assert checks["isi situs"] == {"name": "isi situs", "kind": "ping", "host": "10.0.0.2"}
    assert "isi bebas" not in checks


def test_checks_that_come_along_count_too(connection: Connection) -> None:
    lines = "".join(f"s{n},web,http://h{n}/\n" for n in range(MOST_SERVICES // 2 + 1))
    with pytest.raises(BadFile, match="52 services to check, 50 at most"):
        take(connection, "services", f"name,kind,target\n{lines}")


def test_a_site_that_is_not_there_has_no_configuration(connection: Connection) -> None:
    with pytest.raises(Refused, match=r"site: '35\.10\.06\.2009' is not in the inventory"):
        agent_config(connection, "35.10.06.2009", Settings())


def test_the_tag_changes_with_the_configuration_only(connection: Connection) -> None:
    before = agent_config(connection, BENCULUK, Settings())
    assert etag(before) == etag(agent_config(connection, BENCULUK, Settings()))
    take(connection, "sites", f"code,name,report_every_s\n{BENCULUK},B,30\n")
    after = agent_config(connection, BENCULUK, Settings())
    assert etag(after) != etag(before) and len(etag(after)) == 16
    assert etag(dict(reversed(after.items()))) == etag(after)


def test_the_fullest_site_stays_within_what_an_agent_takes(connection: Connection) -> None:
    lines = "".join(f"s{n},http,http://h{n}/\n" for n in range(MOST_SERVICES))
    take(connection, "services", f"name,kind,target\n{lines}")
    db.meta_set(connection, OWN_SITE, BENCULUK)
    config = agent_config(connection, BENCULUK, Settings())
    assert len(config["checks"]) == MOST_SERVICES + 7 <= MOST_CHECKS
    assert {name for name in named(config) if not name.startswith("s")} < set(STANDARD)
    read(config)


def test_every_kind_that_may_be_imported_can_be_told() -> None:
    assert set(SERVICE_KINDS) == set(SETTINGS)


@for_each("kind", SETTINGS)
def test_settings_of_services_are_fields_of_their_probe(kind: str) -> None:
    from dataclasses import fields

    from agent.probes import load

    known = {field.name for field in fields(load(kind))} | {"every_s", "uplink"}
    given = {NAMING.get(name, name) for name in SETTINGS[kind]}
    assert given <= known


def test_nobody_is_told_to_report_to_every_address(connection: Connection) -> None:
    db.meta_set(connection, OWN_SITE, CLURING)
    everywhere = Settings(ingest="0.0.0.0:8090")
    assert agent_config(connection, BENCULUK, everywhere)["ingest"] == []
    assert agent_config(connection, CLURING, everywhere)["ingest"] == ["http://127.0.0.1:8090"]
    named = Settings(ingest="[::]:8090", ingest_url="https://noc.example:8090")
    for site in (BENCULUK, CLURING):
        assert agent_config(connection, site, named)["ingest"] == ["https://noc.example:8090"]


ADDRESSES = {
    "port 0": (
        Settings(console="127.0.0.1:0"),
        "console: port 0 is another one at each start; name a port",
    ),
    "one for both": (
        Settings(console="127.0.0.1:81", ingest="127.0.0.1:81"),
        "ingest: 127.0.0.1:81 is the console's address as well",
    ),
}


@pytest.mark.parametrize(("settings", "problem"), ADDRESSES.values(), ids=ADDRESSES)
def test_addresses_where_nobody_would_find_us_are_refused(settings: Settings, problem: str) -> None:
    with pytest.raises(Refused) as caught:
        doubt_addresses(settings)
    assert str(caught.value) == problem


def test_who_listens_everywhere_is_asked_where_agents_find_him() -> None:
    told = doubt_addresses(Settings(ingest="0.0.0.0:8090"))
    assert told.startswith("ingest listens on 0.0.0.0:8090: set ingest_url (RONDA_INGEST_URL)")
    assert not doubt_addresses(Settings(ingest="0.0.0.0:8090", ingest_url="http://10.0.0.1:1"))
    assert not doubt_addresses(Settings())


def test_beacons_are_for_lines_that_are_not_metered(connection: Connection) -> None:
    for setting, told in ((True, [False, True]), (False, [False, False])):
        settings = Settings(ingest="10.0.0.1:8090", beacons=setting)
        found = [agent_config(connection, code, settings) for code in (BENCULUK, CLURING)]
        assert [config["beacons"] for config in found] == told


CENTRE = "00.00.00.0001"


def with_own_agent(connection: Connection, *granted: str) -> None:
    """The centre's own machine is enrolled."""
    take(connection, "sites", f"code,name\n{CENTRE},Pusat\n")
    db.meta_set(connection, OWN_SITE, CENTRE)
    agent = agents.add_agent(connection, CENTRE, "pusat", [], "active", 1.0)
    agents.grant(connection, agent, granted)


def test_central_services_and_public_names_are_told_to_the_centres_own_agent(
    connection: Connection,
) -> None:
    with_own_agent(connection, "*")
    take(
        connection,
        "services",
        "name,scope,site,kind,target,public\n"
        "SIAK,kabupaten,,web,https://siak.go.id/,\n"
        f"OpenSID,desa,{BENCULUK},opensid,http://10.0.0.2/,https://b.desa.id/\n"
        f"OpenSID,desa,{CLURING},opensid,http://10.0.0.2/,https://c.desa.id/\n",
    )
    settings = Settings(allow_targets=("10.9.0.0/16",))
    config = agent_config(connection, CENTRE, settings)
    told = [(c["name"], c.get("site", "")) for c in config["checks"] if c.get("fenced")]
    assert told == [
        ("SIAK", ""),
        ("isi SIAK", ""),
        ("luar OpenSID", BENCULUK),
        ("luar OpenSID", CLURING),
    ]
    assert config["allowed"] == ["10.9.0.0/16"] and "127.0.0.0/8" in config["off_limits"]
    assert named(config)["luar OpenSID"]["every_s"] == 60
    accepted = read(config)
    assert all(check.fence for check in accepted.checks[-4:])
    # villages' agents are told nothing new: older ones take it as before
    village = agent_config(connection, BENCULUK, settings)
    assert "off_limits" not in village and "SIAK" not in named(village)
    assert named(village)["OpenSID"]["url"] == "http://10.0.0.2/"


def test_villages_that_were_not_granted_are_left_out(connection: Connection) -> None:
    with_own_agent(connection, BENCULUK)
    rows = "".join(f"x,{code},http,http://a/,http://b/\n" for code in (BENCULUK, CLURING))
    take(connection, "services", f"name,site,kind,target,public\n{rows}")
    config = agent_config(connection, CENTRE, Settings())
    assert [c["site"] for c in config["checks"] if "site" in c] == [BENCULUK]


def test_a_site_named_as_vantage_looks_instead_of_the_centre(connection: Connection) -> None:
    with_own_agent(connection, "*")
    row = f"SIAK,pusat,https://siak.go.id/,{CLURING}\n"
    take(connection, "services", f"name,scope,target,vantage\n{row}")
    assert "SIAK" not in named(agent_config(connection, CENTRE, Settings()))
    check = named(agent_config(connection, CLURING, Settings()))["SIAK"]
    assert "fenced" not in check


def test_a_group_is_told_and_a_nearer_row_switches_it_off(connection: Connection) -> None:
    take(connection, "areas", "code,name\n35.10.06,Cluring\n")
    rows = f"app,35.10.06,http://a/\nsurat,profile:4g,http://s/\napp,{CLURING},\n"
    take(connection, "services", f"name,site,target\n{rows}")
    assert {"app", "surat"} <= named(agent_config(connection, BENCULUK, Settings())).keys()
    assert not {"app", "surat"} & named(agent_config(connection, CLURING, Settings())).keys()


def test_a_site_may_have_its_own_cadence_and_bytes(connection: Connection) -> None:
    table = f"code,name,check_every_s,bytes_per_day\n{BENCULUK},B,30,5000000\n"
    take(connection, "sites", table)
    config = agent_config(connection, BENCULUK, Settings())
    assert (config["check_every_s"], config["bytes_per_day"]) == (30, 5_000_000)
    read(config)


LINES = "site,name,type,isp,mbps,quota_gb\n"


@pytest.mark.parametrize(
    ("lines", "settings", "measured"),
    [
        (f"{CLURING},main,FO,Telkom,150,\n", {}, True),
        (f"{CLURING},main,FO,Telkom,,\n", {}, False),
        (f"{CLURING},main,VSAT,BAKTI,10,\n", {}, False),
        (f"{CLURING},main,4G,Telkomsel,10,\n", {}, False),
        (f"{CLURING},main,FO,Telkom,150,500\n", {}, False),
        (f"{BENCULUK},main,FO,Telkom,150,\n", {}, False),
        (f"{CLURING},a,FO,Telkom,50,\n{CLURING},b,FO,Icon,50,\n", {}, False),
        (f"{CLURING},main,FO,Telkom,150,\n", {"capacity_hours": ""}, False),
        (f"{CLURING},main,FO,Telkom,150,\n", {"capacity_mbps": 0.0}, False),
    ],
    ids=[
        "fiber", "no contract", "by satellite", "mobile", "with a quota", "profile 4g",
        "which is the main one?", "switched off", "the centre has no line for it",
    ],
)  # fmt: skip
def test_which_lines_are_measured(
    connection: Connection, lines: str, settings: dict[str, Any], measured: bool
) -> None:
    take(connection, "uplinks", LINES + lines)
    told = [agent_config(connection, code, Settings(**settings)) for code in (BENCULUK, CLURING)]
    found = [named(one).get("capacity") for one in told]
    assert any(found) is measured
    for one in told:
        read(one, "e")


def test_a_line_beside_a_metered_one_is_measured_only_where_it_is_the_way_out(
    connection: Connection,
) -> None:
    rows = f"{CLURING},main,FO,Telkom,20,\n{CLURING},4g,4G,Telkomsel,10,5\n"
    take(connection, "uplinks", LINES + rows)
    check = named(agent_config(connection, CLURING, Settings()))["capacity"]
    assert check == {
        "name": "capacity",
        "kind": "capacity",
        "line": "main",
        "contract_mbps": 20.0,
        "hours": "02.00-04.00",
        "utc_offset_s": 25200,
        "max_bytes": 10_000_000,
        "upload_bytes": 2_000_000,
        "interface": "main",
    }


def test_a_file_elsewhere_is_measured_with_where_it_is_named(connection: Connection) -> None:
    take(connection, "uplinks", LINES + f"{CLURING},router/sfp1,FO,Telkom,1000,\n")
    url = "https://speed.example.go.id/25MB"
    settings = Settings(capacity_url=url, capacity_hours="23.00-01.00")
    check = named(agent_config(connection, CLURING, settings))["capacity"]
    assert (check["url"], check["hours"]) == (url, "23.00-01.00")
    assert (check["line"], check["interfaces"]) == ("router/sfp1", ["router/sfp1"])
    assert (check["max_bytes"], "upload_bytes" in check) == (25_000_000, False)


@pytest.mark.parametrize("profile", ["fiber", "4g", "hemat"])
def test_profiles_bring_their_cadences_and_bounds(connection: Connection, profile: str) -> None:
    take(connection, "sites", f"code,name,profile\n{CLURING},C,{profile}\n")
    told = agent_config(connection, CLURING, Settings(cap_hemat_mb=0.0))
    cadence = told["check_every_s"], told["report_every_s"], told["bytes_per_day"]
    assert (
        cadence
        == {
            "fiber": (12, 60, None),
            "4g": (60, 120, 10_000_000),
            "hemat": (300, 600, None),
        }[profile]
    )
    assert read(told, "e").plan.metered is (profile != "fiber")


def test_a_line_with_a_bound_of_bytes_is_not_measured(connection: Connection) -> None:
    take(connection, "uplinks", LINES + f"{CLURING},main,FO,Telkom,150,\n")
    assert "capacity" in named(agent_config(connection, CLURING, Settings()))
    take(connection, "sites", f"code,name,bytes_per_day\n{CLURING},C,50000000\n")
    assert "capacity" not in named(agent_config(connection, CLURING, Settings()))
