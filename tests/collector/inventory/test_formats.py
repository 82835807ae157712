"""The inventory goes out to Ansible and NetBox and comes back; what is wrong is told where."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from collector import db
from collector.db import reading, writing
from collector.inventory import area_names
from collector.inventory.formats import ansible, netbox
from collector.inventory.importing import bring, parse
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import BadFile
from collector.inventory.store import rows_of
from collector.settings import Settings
from tests.stores import migrated

NOW = 1_790_000_000.0
SITES = """code,name,lat,lon,isp,lifecycle,profile,hours
35.10.12.2004,Benculuk,-8.4123456,113.125,Telkom|Biznet,active,4g,Sen-Jum 07.30-15.30
35.10.06.2005-gudang,=Tembok {{ 1 }},,,,planned,,
35.10.11.2002,"Genteng ""Kulon"" (lama)",-8.5,114.5,Icon+,retired,,
35.10,Pusat,-8.5,114.5,,centre,,
"""
DEVICES = """site,name,kind,host,serial,note,state
35.10.12.2004,router,mikrotik,10.0.0.1,ABC1,di lemari,in_use
35.10.12.2004,ap,,10.0.0.2,,"=1+1",stolen
"""


def opened(folder: Path, *files: tuple[str, str]) -> Engine:
    settings = Settings(data=str(folder))
    migrated(settings)
    store = db.open_store(settings)
    for name, text in files:
        take(store, name, text)
    return store


def take(store: Engine, name: str, text: str, form: str = "csv") -> Any:
    with writing(store) as connection:
        return bring(connection, parse(name, text.encode(), f"{name}.x", form), NOW, "budi")


def rows(store: Engine, name: str) -> list[dict[str, Any]]:
    """What people wrote: rows without the places in arrays that a centre gives by itself."""
    columns = KINDS[name].columns
    with reading(store) as connection:
        found = rows_of(connection, KINDS[name].table)
    return [{column: row[column] for column in columns} for row in found]


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Engine]:
    sites = "\n".join(line for line in SITES.splitlines() if "centre" not in line)
    store = opened(tmp_path / "ours", ("sites", sites), ("devices", DEVICES))
    yield store
    store.dispose()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Engine]:
    store = opened(tmp_path / "other")
    yield store
    store.dispose()


@pytest.mark.parametrize("told", [ansible.inventory, ansible.listed], ids=["file", "--list"])
def test_what_went_out_to_ansible_comes_back_whole(ours: Engine, other: Engine, told: Any) -> None:
    text = json.dumps(told(rows(ours, "sites"), rows(ours, "devices")), ensure_ascii=False)
    assert "{{" not in text
    for name in ansible.TAKES:
        take(other, name, text, "ansible")
        assert rows(other, name) == rows(ours, name)
        assert take(ours, name, text, "ansible").changed == []


def test_a_number_that_is_short_and_endless_is_not_spelled_out(ours: Engine) -> None:
    text = '{"all": {"hosts": {"35.10.06.2001": {"ronda_name": "x", "ronda_lat": 1e999999999}}}}'
    with pytest.raises(BadFile, match="ronda_lat"):
        take(ours, "sites", text, "ansible")


def test_what_went_out_to_netbox_comes_back_as_far_as_it_knows(ours: Engine, other: Engine) -> None:
    for name in netbox.TAKES:
        with reading(ours) as connection:
            text = netbox.write(name, rows(ours, name), area_names(connection))
        assert "\n=" not in text and ",=" not in text
        # NetBox refuses a degree that a spreadsheet's escape stands before
        assert name != "sites" or ",-8.412346,113.125" in text
        take(other, name, text, "netbox")
        before = rows(ours, name)
        take(ours, name, text, "netbox")
        # six decimals are all that goes there; what does not stays as it was
        after = [{**row, **({"lat": row["lat"]} if "lat" in row else {})} for row in before]
        for row in after:
            if row.get("code") == "35.10.12.2004":
                row["lat"] = -8.412346
        assert rows(ours, name) == after
    shared = ("code", "name", "lat", "lon", "lifecycle")
    theirs = [{key: row[key] for key in shared} for row in rows(other, "sites")]
    assert theirs == [{key: row[key] for key in shared} for row in rows(ours, "sites")]
    told = ("site", "name", "kind", "serial", "note", "state")
    devices = [{key: row[key] for key in told} for row in rows(other, "devices")]
    assert devices == [{key: row[key] for key in told} for row in rows(ours, "devices")]


def test_a_table_as_netbox_exports_it_is_read() -> None:
    text = "Name,Status,Facility,Region,Time Zone\nBenculuk,Active,35.10.12.2004,Cluring,UTC\n"
    parsed = parse("sites", text.encode(), "sites.csv", "netbox")
    ((_, row),) = parsed.rows
    assert row == {"code": "35.10.12.2004", "name": "Benculuk", "lifecycle": "active"}


NETBOX = "name,slug,status,facility,latitude\n"
BAD = {
    "a status of theirs": (
        "sites", "netbox", f"{NETBOX}A,x,staging,35.10.12.2004,\n",
        "line 2, column status: expected one of planned, active, retired, got 'staging'",
    ),
    "no code": ("sites", "netbox", f"{NETBOX}A,office,active,,\n", "line 2, column facility:"),
    "a latitude that is none": (
        "sites", "netbox", f"{NETBOX}A,x,active,35.10.12.2004,north\n", "line 2, column latitude:",
    ),
    "a device without a site": (
        "devices", "netbox", "name,site\nap,Kantor\n", "line 2, column site:",
    ),
    "no column to go by": ("sites", "netbox", "name\nA\n", "column facility or slug is missing"),
    "contacts": ("contacts", "netbox", "name\nA\n", "not contacts"),
    "a variable of a group": (
        "sites", "ansible", "all:\n  vars:\n    ronda_isp: Telkom\n",
        "line 3: ronda_isp of a group",
    ),
    "a variable nobody knows": (
        "sites", "ansible", "all:\n  hosts:\n    35.10.12.2004:\n      ronda_nama: A\n",
        "line 4: unknown variable ronda_nama",
    ),
    "a value that cannot be": (
        "sites", "ansible",
        "all:\n  hosts:\n    35.10.12.2004:\n      ronda_name: A\n      ronda_lat: utara\n",
        "line 3, column ronda_lat:",
    ),
    "no inventory": ("sites", "ansible", "[desa]\nsatu\n", "line 2: YAML"),
    "nothing of ours": ("sites", "ansible", "all:\n  hosts:\n    a: {}\n", "tells of sites"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "form", "text", "says"), BAD.values(), ids=list(BAD))
def test_what_cannot_be_taken_is_told_by_its_place(
    name: str, form: str, text: str, says: str
) -> None:
    with pytest.raises(BadFile) as bad:
        parse(name, text.encode(), "file", form)
    assert says in bad.value.problems[0]


def test_an_inventory_whose_sites_have_no_devices_is_no_mistake() -> None:
    data = b"all:\n  hosts:\n    35.10.12.2004: {ronda_name: A, ronda_devices: []}\n"
    found = parse("devices", data, "file", "ansible")
    assert list(found.rows) == []
