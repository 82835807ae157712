"""Nobody gets a kept password sent to a machine of theirs: every way that was tried, refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from agent.strict import Refused
from collector import db, passwords
from collector.config import agent_config
from collector.configured import configured
from collector.doctor import examine
from collector.inventory import editing, keeping, previewing, undoing
from collector.inventory.binding import Binding
from collector.inventory.importing import bring, parse
from collector.inventory.previewing import File
from collector.inventory.recodes import recode
from collector.inventory.scope import Scope
from collector.inventory.sheet import BadFile
from collector.secret import load_secret
from collector.settings import Settings
from tests.stores import migrated

MINE, THEIRS = "35.10.06.2005", "35.10.11.2001"
SECRET = bytes(range(32))
HEAD = "name,site,kind,target,community_secret\n"
ROUTER = f"router,{MINE},snmp,10.20.0.1,mine\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    migrated(made)
    return made


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    engine = db.open_store(settings)
    with db.writing(engine) as opened:
        take(opened, "sites", f"code,name,isp\n{MINE},A,Telkom\n{THEIRS},B,Telkom\n")
        put(opened, "mine", Binding("35.10.06", ("10.20.0.0/16",)))
        put(opened, "theirs", Binding("35.10.11"))
        put(opened, "everywhere", Binding())
        take(opened, "services", HEAD + ROUTER)
        yield opened
    engine.dispose()


def put(connection: Connection, name: str, bound: Binding) -> None:
    passwords.put(connection, SECRET, name, f"sandi {name}", 1.0, "siti", bound)


def take(connection: Connection, kind: str, text: str) -> None:
    bring(connection, parse(kind, text.encode(), kind), 1.0, "siti")


def given(connection: Connection, site: str = MINE) -> str:
    """All that the site's agents are sent."""
    table = agent_config(connection, site, Settings())
    return json.dumps(passwords.open_in(connection, SECRET, table))


def withheld(connection: Connection, site: str = MINE) -> dict[str, str]:
    parts = configured(connection, site, Settings()).checks
    return {part.name: part.withheld for part in parts if part.withheld}


def imported(text: str) -> Callable[[Connection], None]:
    return lambda connection: take(connection, "services", text)


def edited(**cells: str) -> Callable[[Connection], None]:
    """The row as a form or a program has it, past what reading it would say."""

    def act(connection: Connection) -> None:
        before = editing.find(connection, "router", MINE)
        assert before is not None
        values = {**before, **{k: v for k, v in cells.items() if k in editing.COLUMNS}}
        own = {k: v for k, v in cells.items() if k not in editing.COLUMNS}
        values["settings"] = {**before["settings"], **own}
        editing.save(connection, ("router", MINE), editing.mark(before), values, 2.0, "noc")

    return act


AREA = "the password mine is given to 35.10.06, which does not hold"
TARGET = "the password mine is not given to the target 10.9.9.9"
OTHER = "the password theirs is given to 35.10.11, which does not hold 35.10.06.2005"
NO_AREA = "is given to no area: bind it to one that holds"
REFUSED = [
    ("a row with a target of one's own", imported(f"{HEAD}x,{MINE},snmp,10.9.9.9,mine\n"), TARGET),
    ("the target, changed", imported(
        f"name,site,kind,target\nrouter,{MINE},snmp,10.9.9.9\n"), TARGET),
    ("the port moves with the host", imported(f"{HEAD}x,{MINE},snmp,10.9.9.9:161,mine\n"), TARGET),
    ("another area's password", imported(f"{HEAD}x,{MINE},snmp,10.20.0.1,theirs\n"), OTHER),
    ("one of no area", imported(f"{HEAD}x,{MINE},snmp,10.20.0.1,everywhere\n"), NO_AREA),
    ("a village elsewhere", imported(f"{HEAD}x,{THEIRS},snmp,10.20.0.1,mine\n"), AREA),
    ("a wider area", imported(f"{HEAD}x,35.10,snmp,10.20.0.1,mine\n"), AREA),
    ("a provider", imported(f"{HEAD}x,isp:Telkom,snmp,10.20.0.1,mine\n"), AREA),
    ("every site", imported(f"{HEAD}x,,snmp,10.20.0.1,mine\n"), AREA),
    ("a central check seen from elsewhere", imported(
        "name,scope,kind,target,community_secret,vantage\n"
        f"x,kabupaten,snmp,10.20.0.1,mine,{THEIRS}\n"), AREA),
    ("an edit of the target", edited(target="10.9.9.9"), TARGET),
    ("an edit of the place", edited(site=THEIRS), AREA),
    ("an edit of the name and the place", edited(name="x", site="35.10"), AREA),
    ("an edit of the password's name", edited(community_secret="everywhere"), NO_AREA),
    ("another column of the same password", edited(
        v3="u", community_secret="", auth_secret="theirs"), OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("way", "why"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_row_that_would_lead_a_password_astray_is_not_saved(
    connection: Connection, way: Callable[[Connection], None], why: str
) -> None:
    before = editing.find(connection, "router", MINE)
    with pytest.raises((BadFile, Refused)) as refused, connection.begin_nested():
        way(connection)
    assert why in str(getattr(refused.value, "problems", refused.value))
    assert editing.find(connection, "router", MINE) == before
    assert "sandi mine" in given(connection)


@pytest.mark.parametrize(
    ("place", "host", "name"),
    [
        (MINE, "10.9.9.9", "mine"),
        (MINE, "10.20.0.1", "theirs"),
        (MINE, "10.20.0.1", "everywhere"),
        ("35.10", "10.20.0.1", "mine"),
        ("isp:Telkom", "10.20.0.1", "mine"),
        ("", "10.20.0.1", "mine"),
    ],
    ids=["target", "area", "no area", "wider", "provider", "every site"],
)
def test_a_row_that_came_another_way_is_not_delivered_and_told(
    connection: Connection, settings: Settings, place: str, host: str, name: str
) -> None:
    row: dict[str, Any] = {"name": "x", "site": place, "kind": "snmp", "target": host}
    row["settings"] = {"community_secret": name}
    keeping.put(connection, "services", [row], 1.0, "a program")
    assert [site for site in (MINE, THEIRS) if '"x"' in given(connection, site)] == []
    assert withheld(connection)["x"].startswith(f"the password {name} is ")
    connection.commit()
    load_secret(settings.folder)
    told = [one for one in examine(settings, 1.0) if one.name == "passwords" and "x of" in one.says]
    assert [one.fine for one in told] == [False]


def test_a_binding_that_is_narrowed_later_takes_the_password_back(connection: Connection) -> None:
    assert "sandi mine" in given(connection)
    passwords.bind(connection, "mine", Binding("35.10.06", ("10.21.0.0/16",)), 2.0, "siti")
    assert "sandi mine" not in given(connection)
    assert "not given to the target 10.20.0.1" in withheld(connection)["router"]
    passwords.bind(connection, "mine", Binding("35.10"), 3.0, "siti")
    assert "sandi mine" in given(connection)


@pytest.mark.slow
def test_a_password_that_is_kept_after_the_row_meets_the_same_table(connection: Connection) -> None:
    take(connection, "services", f"{HEAD}x,{MINE},snmp,10.9.9.9,later\n")
    assert withheld(connection)["x"] == "the password later is not set"
    put(connection, "later", Binding("35.10.06", ("10.20.0.0/16",)))
    assert "sandi later" not in given(connection)
    assert "not given to the target 10.9.9.9" in withheld(connection)["x"]


def test_a_row_of_every_site_has_one_of_no_area_and_nobody_overrides_it(
    connection: Connection,
) -> None:
    take(connection, "services", f"{HEAD}ap,,snmp,192.168.1.20,everywhere\n")
    assert "sandi everywhere" in given(connection)
    with pytest.raises(BadFile), connection.begin_nested():
        take(connection, "services", f"{HEAD}ap,{MINE},snmp,10.9.9.9,everywhere\n")
    assert "10.9.9.9" not in given(connection)


def test_an_import_shows_it_before_and_its_undoing_brings_none_back(connection: Connection) -> None:
    may = Scope(("35.10.06",)).sees
    look = [
        File("s.csv", "services", f"name,site,kind,target\nrouter,{MINE},snmp,10.9.9.9\n".encode())
    ]
    preview = previewing.look(connection, previewing.read(look), may)
    assert [TARGET in problem for part in preview.parts for problem in part.problems] == [True]
    with pytest.raises(Refused):
        read = previewing.read(look)
        previewing.apply(connection, read, preview.mark, may, 2.0, "noc", 1)
    # the row was allowed once; the password has been given elsewhere since
    there = [
        File("s.csv", "services", f"name,site,kind,target\nrouter,{MINE},snmp,10.20.0.9\n".encode())
    ]
    read = previewing.read(there)
    mark = previewing.look(connection, read, may).mark
    (outcome,) = previewing.apply(connection, read, mark, may, 2.0, "noc", 2)
    passwords.bind(connection, "mine", Binding("35.10.06", ("10.20.0.9",)), 3.0, "siti")
    step = undoing.look(connection, outcome.changes, may)
    undoing.undo(connection, outcome.changes, step.mark, may, 4.0, "noc", 2)
    assert "sandi mine" not in given(connection)
    assert "not given to the target 10.20.0.1" in withheld(connection)["router"]


@pytest.mark.parametrize(
    ("name", "bound", "why"),
    [
        ("mine", Binding("35.10.11"), "area: must lie in your areas"),
        ("mine", Binding("35.10"), "area: must lie in your areas"),
        ("mine", Binding(), "area: must lie in your areas"),
        ("theirs", Binding("35.10.06"), "name: a password of this name is kept for another place"),
        ("everywhere", Binding("35.10.06"), "name: a password of this name is kept for another"),
        ("new", Binding(), "area: must lie in your areas"),
    ],
    ids=["elsewhere", "wider", "no area", "theirs", "no area's", "new, no area"],
)
def test_who_is_limited_to_areas_keeps_passwords_for_them_alone(
    connection: Connection, name: str, bound: Binding, why: str
) -> None:
    may = Scope(("35.10.06",)).sees
    before = passwords.kept(connection)
    with pytest.raises(Refused) as refused:
        passwords.put(connection, SECRET, name, "sandi lain", 2.0, "adi", bound, may)
    assert str(refused.value).startswith(why)
    with pytest.raises(Refused):
        passwords.bind(connection, name, bound, 2.0, "adi", may)
    assert passwords.kept(connection) == before
    passwords.put(connection, SECRET, "own", "sandi lain", 2.0, "adi", Binding(MINE), may)
    passwords.forget(connection, "own", 3.0, "adi", may)


def test_a_new_code_of_an_area_takes_its_passwords_along_and_of_a_village_does_not(
    connection: Connection,
) -> None:
    recode(connection, {"35.10.06": "35.10.26"}, 2.0, "siti")
    moved = {one.name: one.bound.area for one in passwords.kept(connection)}
    assert moved == {"everywhere": "", "mine": "35.10.26", "theirs": "35.10.11"}
    assert "sandi mine" in given(connection, "35.10.26.2005")
    recode(connection, {"35.10.26.2005": "35.10.11.2005"}, 3.0, "siti")
    assert "sandi mine" not in given(connection, "35.10.11.2005")
    why = withheld(connection, "35.10.11.2005")["router"]
    assert why == "the password mine is given to 35.10.26, which does not hold 35.10.11.2005"
