"""What other floors learn from the inventory."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine

from collector import db, inventory
from collector.inventory import hours, places
from collector.inventory.keeping import Outcome, put
from collector.inventory.kinds import KINDS
from collector.promql.store import site_rows

Take = Callable[[str, str], Outcome]
BENCULUK = "35.10.06.2005"


def test_sites_by_area_lifecycle_and_code(store: Engine, take: Take) -> None:
    take("sites", "code,name,lifecycle\n35.10.06.2005,A,\n35.10.06.2005-x,B,planned\n")
    take("sites", "code,name,lifecycle\n35.10.07.2001,C,retired\n35.11.01.2001,D,\n")
    with db.reading(store) as connection:

        def codes(**wanted: str) -> list[str]:
            return [site.name for site in inventory.sites(connection, **wanted)]

        assert codes() == ["A", "B", "C", "D"]
        assert codes(area="35.10") == ["A", "B", "C"]
        assert codes(area=BENCULUK) == ["A", "B"]
        assert codes(area="35.1") == []
        assert codes(lifecycle="active") == ["A", "D"]
        assert codes(area="35.10", lifecycle="planned") == ["B"]
        assert [one.name for one in inventory.sites(connection, only=[BENCULUK])] == ["A"]
        nobody = [f"35.99.01.{number}" for number in range(1000)]
        few = inventory.sites_of(connection, [BENCULUK, *nobody, "35.11.01.2001"])
        assert sorted(one.name for one in few) == ["A", "D"]
        assert inventory.site(connection, "35.10.06.2006") is None
        assert inventory.site_rows(connection) == {
            "35.10.06.2005": 0,
            "35.10.06.2005-x": 1,
            "35.10.07.2001": 2,
            "35.11.01.2001": 3,
        }


def test_labels_name_the_main_line_and_the_nearest_names(store: Engine, take: Take) -> None:
    take(
        "sites",
        f"code,name,regency,isp,upstream\n{BENCULUK},Kantor,Kab B,Telkom|Icon+,POP A|\n"[:-2]
        + "\n",
    )
    take(
        "areas", "code,name\n35.10,Kabupaten Banyuwangi\n35.10.06,Cluring\n35.10.06.2005,Benculuk\n"
    )
    with db.reading(store) as connection:
        site = inventory.site(connection, BENCULUK)
        assert site is not None
        assert inventory.labels(site, inventory.area_names(connection)) == {
            "site": BENCULUK,
            "village": "Benculuk",
            "district": "Cluring",
            "regency": "Kab B",
            "isp": "Telkom",
            "upstream": "POP A",
        }
        alone = inventory.labels(site)
    assert (alone["village"], alone["district"], alone["regency"]) == ("Kantor", "", "Kab B")


def test_contacts_of_a_site_come_nearest_first(store: Engine, take: Take) -> None:
    take("sites", f"code,name,isp\n{BENCULUK}-x,B,Telkom|Icon+\n")
    take(
        "contacts",
        "scope,name,role,order\n*,noc,noc,1\nisp:Icon+,icon,isp,1\nisp:Other,other,isp,1\n"
        f"35,province,agency,1\n35.10.06,camat,district,1\n35.10.07,elsewhere,district,1\n"
        f"{BENCULUK}-x,second,village,2\n{BENCULUK}-x,first,village,1\n{BENCULUK},desa,village,1\n"
        "service:sideka,app,agency,1\nisp:Telkom,telkom,isp,1\n",
    )
    with db.reading(store) as connection:
        site = inventory.site(connection, f"{BENCULUK}-x")
        assert site is not None
        names = [one.name for one in inventory.contacts_for(connection, site)]
    assert names == ["first", "second", "desa", "camat", "province", "telkom", "icon", "noc"]


def test_a_sites_own_service_stands_in_for_everyones(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n35.10.06.2006,C\n")
    take(
        "services",
        "name,scope,site,kind,target\nweb,desa,,http,http://127.0.0.1/\n"
        f"web,desa,{BENCULUK},http,http://10.0.0.2/\nsakti,pusat,,http,http://sakti/\n",
    )
    with db.reading(store) as connection:
        here = inventory.services_of(connection, BENCULUK)
        there = inventory.services_of(connection, "35.10.06.2006")
    assert [(one.name, one.target) for one in here] == [("web", "http://10.0.0.2/")]
    assert [(one.name, one.target) for one in there] == [("web", "http://127.0.0.1/")]


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("35.10.06.2005", "Asia/Jakarta"),
        ("11", "Asia/Jakarta"),
        ("62.02", "Asia/Jakarta"),
        ("51.01.01.2001", "Asia/Makassar"),
        ("65.01.01.2001-x", "Asia/Makassar"),
        ("76", "Asia/Makassar"),
        ("81", "Asia/Jayapura"),
        ("96.71.01.1001", "Asia/Jayapura"),
        ("00.00.00.0000", "Asia/Makassar"),
    ],
)
def test_the_province_tells_the_time_zone(code: str, zone: str) -> None:
    assert str(inventory.zone(code, fallback="Asia/Makassar")) == zone


def test_every_province_of_today_has_its_zone() -> None:
    # 38 provinces, Kepmendagri 300.2.2-2138 of 2025
    wib = [11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 61, 62]
    wita = [51, 52, 53, 63, 64, 65, 71, 72, 73, 74, 75, 76]
    wit = [81, 82, 91, 92, 93, 94, 95, 96]
    expected = {"Asia/Jakarta": wib, "Asia/Makassar": wita, "Asia/Jayapura": wit}
    assert sum(map(len, expected.values())) == 38
    for name, provinces in expected.items():
        assert {str(places.zone(str(code), fallback="UTC")) for code in provinces} == {name}


@pytest.mark.parametrize(
    ("text", "moment", "open_then"),
    [
        ("24h", "2026-11-22T03:00", True),
        ("Sen-Jum 07.30-15.30", "2026-11-20T07:30", True),
        ("Sen-Jum 07.30-15.30", "2026-11-20T15:30", False),
        ("Sen-Jum 07.30-15.30", "2026-11-21T10:00", False),
        ("sen-kam 7:30-16.00, Jum 07.30-11.00", "2026-11-20T10:59", True),
        ("sen-kam 7:30-16.00, Jum 07.30-11.00", "2026-11-20T11:00", False),
        ("Min 00.00-24.00", "2026-11-22T23:59", True),
    ],
)
def test_hours_are_read_as_they_are_written(text: str, moment: str, open_then: bool) -> None:
    read = hours.parse(text)
    assert read.covers(datetime.fromisoformat(moment)) is open_then
    assert hours.parse(str(read)) == read


def test_defaults_of_columns_are_those_of_the_tables(store: Engine) -> None:
    for kind in KINDS.values():
        for name, column in kind.columns.items():
            stored = kind.table.c[name]
            if name in kind.required or (kind.name, name) == ("sites", "report_every_s"):
                continue
            of_table = stored.default.arg if stored.default is not None else None
            if name not in ("level", "parent"):
                assert column.default == of_table, f"{kind.name}.{name}"


def test_rows_put_by_others_need_only_what_names_them(store: Engine) -> None:
    with db.writing(store) as connection:
        put(connection, "sites", [{"code": f"{BENCULUK}-noc", "name": "NOC"}], 1.0, "ronda up")
        site = inventory.site(connection, f"{BENCULUK}-noc")
    assert site is not None and (site.report_every_s, site.lifecycle, site.row) == (60, "active", 0)


def test_series_of_a_site_are_labelled_by_its_main_line(store: Engine, take: Take) -> None:
    take("sites", f"code,name,isp\n{BENCULUK},Benculuk,\n{BENCULUK}-x,Balai,Biznet\n")
    take(
        "uplinks",
        "site,name,isp,upstream\n"
        f"{BENCULUK},cadangan,XL,BTS 7\n{BENCULUK},main,Telkom,POP Genteng\n"
        f"{BENCULUK}-x,main,Telkom,POP Genteng\n",
    )
    with db.reading(store) as connection:
        found = [row.labels for row in site_rows(connection)]
    assert [(one["isp"], one["upstream"]) for one in found] == [
        ("Telkom", "POP Genteng"),
        ("Biznet", "POP Genteng"),
    ]
