"""What an import leaves in the inventory, whatever spreadsheet wrote the file."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collector import acts, db, inventory, schema
from collector.inventory import cells
from collector.inventory.fitting import MOST_SERVICES
from collector.inventory.importing import bring, doubts, parse
from collector.inventory.keeping import Outcome
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import BadFile
from collector.inventory.store import rows_of
from tests import recorded

DATA = Path(__file__).parent.parent / "data"
WILAYAH = recorded.FOLDER / "wilayah"
Take = Callable[[str, str], Outcome]

BENCULUK = "35.10.06.2005"


def rows(store: Engine, kind: str) -> list[dict[str, object]]:
    with db.reading(store) as connection:
        return rows_of(connection, KINDS[kind].table)


def test_a_file_saved_by_excel_in_indonesia_is_understood(store: Engine) -> None:
    parsed = parse("sites", (DATA / "excel-indonesia.csv").read_bytes(), "excel-indonesia.csv")
    with db.writing(store) as connection:
        bring(connection, parsed, 1000.0, "siti")
        office = inventory.site(connection, BENCULUK)
        clinic = inventory.site(connection, f"{BENCULUK}-puskesmas")
    assert office is not None and clinic is not None
    assert (office.lat, office.lon, office.hours) == (-8.43251, 114.2187, "Sen-Jum 07.30-15.30")
    assert (office.isps, office.report_every_s, office.row) == (["Telkom", "Icon+"], 120, 0)
    assert (clinic.name, clinic.hours) == ('Puskesmas "Nyéi"; induk', "24h")
    assert (clinic.report_every_s, clinic.profile, clinic.row) == (30, "fiber", 1)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    "text",
    [
        "code,name\n35.10.06.2005,Benculuk\n",
        "\ufeffcode,name\r\n35.10.06.2005,Benculuk\r\n",
        "sep=;\r\nCODE; Name \r\n35.10.06.2005;Benculuk\r\n\r\n;\r\n",
        'name,code,,\n"Benculuk","35.10.06.2005",,\n',
        "code,name\r35.10.06.2005,\u202aBenculuk\u202c\r",
        "\n\ncode,name\n'35.10.06.2005,  Benculuk\u00a0",
    ],
    ids=["plain", "BOM", "sep and ;", "order and empty ends", "CR and marks", "blanks first"],
)
def test_the_same_table_in_many_dresses(store: Engine, take: Take, text: str) -> None:
    take("sites", text)
    assert [(row["code"], row["name"]) for row in rows(store, "sites")] == [(BENCULUK, "Benculuk")]


def test_missing_columns_and_empty_cells_mean_the_default(store: Engine, take: Take) -> None:
    take("sites", f"code,name,hours\n{BENCULUK},Benculuk,\n")
    assert rows(store, "sites") == [
        {
            "code": BENCULUK,
            "row": 0,
            "name": "Benculuk",
            "district": "",
            "regency": "",
            "lat": None,
            "lon": None,
            "isp": "",
            "upstream": "",
            "power_feeder": "",
            "hours": "24h",
            "report_every_s": 60,
            "lifecycle": "active",
            "profile": "fiber",
            "check_every_s": None,
            "bytes_per_day": None,
        }
    ]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("profile", "given", "expected"),
    [("fiber", "", 60), ("4g", "", 120), ("hemat", "", 600), ("hemat", "5", 5), ("", "3600", 3600)],
)
def test_a_profile_decides_how_often_unless_the_row_does(
    store: Engine, take: Take, profile: str, given: str, expected: int
) -> None:
    take("sites", f"code,name,profile,report_every_s\n{BENCULUK},B,{profile},{given}\n")
    assert rows(store, "sites")[0]["report_every_s"] == expected


def test_a_second_import_changes_what_it_names_and_nothing_else(store: Engine, take: Take) -> None:
    take("sites", f"code,name,isp\n{BENCULUK},Benculuk,Telkom\n35.10.06.2006,Cluring,Icon+\n")
    outcome = take("sites", f"code,name,lat\n{BENCULUK},Desa Benculuk,-8.4\n")
    assert (outcome.new, outcome.changed, outcome.same) == ([], [BENCULUK], [])
    first, second = rows(store, "sites")
    assert (first["name"], first["lat"], first["isp"]) == ("Desa Benculuk", -8.4, "Telkom")
    assert (second["name"], second["row"]) == ("Cluring", 1)
    again = take("sites", f"code,name,lat\n{BENCULUK},Desa Benculuk,-8.4\n")
    assert (again.touched, again.same) == ([], [BENCULUK])


def test_a_new_profile_brings_its_cadence_and_an_old_one_leaves_it(
    store: Engine, take: Take
) -> None:
    take("sites", f"code,name,profile,report_every_s\n{BENCULUK},B,4g,30\n")
    take("sites", f"code,name,profile\n{BENCULUK},Benculuk,4g\n")
    assert rows(store, "sites")[0]["report_every_s"] == 30
    take("sites", f"code,name,profile\n{BENCULUK},Benculuk,hemat\n")
    assert rows(store, "sites")[0]["report_every_s"] == 600


def test_the_row_of_a_deleted_site_is_never_given_again(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n35.10.06.2006,C\n")
    with db.writing(store) as connection:
        connection.execute(schema.sites.delete())
    take("sites", "code,name\n35.10.06.2007,D\n")
    assert [row["row"] for row in rows(store, "sites")] == [2]


def test_areas_that_nobody_named_are_made_from_the_code(store: Engine, take: Take) -> None:
    outcome = take("sites", "code,name,district,regency\n35.10.12.2004,Desa,Genteng,Banyuwangi\n")
    assert outcome.areas == ["35", "35.10", "35.10.12"]
    assert [(row["code"], row["name"], row["level"]) for row in rows(store, "areas")] == [
        ("35", "35", "province"),
        ("35.10", "Banyuwangi", "regency"),
        ("35.10.12", "Genteng", "district"),
    ]
    take("areas", "code,name\n35.10,Kabupaten Banyuwangi\n35.10.12.2004,Kaligondo\n")
    named = {row["code"]: (row["name"], row["parent"]) for row in rows(store, "areas")}
    assert named["35.10"] == ("Kabupaten Banyuwangi", "35")
    assert named["35.10.12.2004"] == ("Kaligondo", "35.10.12")


def test_one_bad_row_and_nothing_is_taken(store: Engine, take: Take) -> None:
    with pytest.raises(BadFile):
        take("sites", f"code,name\n{BENCULUK},B\n35.1,C\n")
    take("sites", f"code,name\n{BENCULUK},B\n")
    with pytest.raises(BadFile, match=r"line 3, column site: no site 35\.10\.06\.2009; import it"):
        take("uplinks", f"site,name\n{BENCULUK},main\n35.10.06.2009,main\n")
    assert rows(store, "uplinks") == []
    with db.reading(store) as connection:
        assert [act.subject for act in acts.waiting(connection)] == ["sites"]


def test_every_import_is_an_act_of_somebody(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n")
    take("devices", f"site,name,kind\n{BENCULUK},ap1,ap\n")
    take("contacts", "scope,name,role\n*,NOC,noc\nisp:Icon+,Budi,isp\n")
    take("contacts", "scope,name,role\n*,NOC,noc\n")
    with db.reading(store) as connection:
        told = acts.waiting(connection)
    assert [(act.at, act.by, act.verb, act.subject) for act in told] == [
        (1000.0, "siti", "inventory", kind) for kind in ("sites", "devices", "contacts", "contacts")
    ]
    bodies = [dict(act.body) for act in told]
    assert [row["code"] for row in bodies[0].pop("rows")] == bodies[0]["codes"]
    assert bodies == [
        {"codes": [BENCULUK], "count": 1, "areas": ["35", "35.10", "35.10.06"]},
        {"codes": [f"{BENCULUK}/ap1"], "count": 1, "areas": []},
        {"codes": ["*/NOC", "isp:Icon+/Budi"], "count": 2, "areas": []},
        {"codes": [], "count": 0, "areas": []},
    ]


def test_two_imports_at_once_both_arrive(store: Engine, take: Take) -> None:
    def many(district: int) -> None:
        lines = "".join(f"35.10.{district}.{2001 + n},Desa {n}\n" for n in range(300))
        take("sites", f"code,name\n{lines}")

    threads = [threading.Thread(target=many, args=(district,)) for district in (11, 12, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row["row"] for row in rows(store, "sites")} == set(range(900))


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("62 812 3456 7890", "+6281234567890"),
        ("+62 812.3456.7890", "+6281234567890"),
        ("'+6281234567890", "+6281234567890"),
        ("(0333) 421234", "+62333421234"),
        ("\u202a+62 812\u20113456 7890\u202c".replace("\u2011", "-"), "+6281234567890"),
        ("+670 7723 4567", "+67077234567"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("62 0812 3456 7890", "+6281234567890"),
        ("6281234567890.0", "+6281234567890"),
        ("+620000020001", "+620000020001"),
    ],
)
def test_phone_numbers_find_one_form(store: Engine, take: Take, written: str, meant: str) -> None:
    take("contacts", f"scope,name,role,whatsapp\n*,NOC,noc,{written}\n")
    assert rows(store, "contacts")[0]["whatsapp"] == meant


def test_money_and_dates_as_they_are_written_here(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n")
    take(
        "uplinks",
        "site;name;mbps;sla;fee_rp;ends;isp_phone\n"
        f"{BENCULUK};main;50;99,5;Rp 1.350.000,00;31/12/2026;147\n"
        f"{BENCULUK};backup;0.995;98;350000;2027-1-5;0811 222 333\n",
    )
    backup, main = rows(store, "uplinks")
    assert (main["fee_rp"], main["sla"], main["ends"]) == (1350000.0, 99.5, "2026-12-31")
    assert (main["isp_phone"], backup["isp_phone"]) == ("147", "+62811222333")
    assert (backup["fee_rp"], backup["ends"]) == (350000.0, "2027-01-05")
    assert backup["mbps"] == 0.995, "what begins with 0 is no thousand"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("350000", 350000.0), ("Rp350.000,-", 350000.0), ("350.000,50", 350000.5), ("0,5", 0.5)],
)
def test_an_amount_is_read_as_it_stands_on_a_bill(written: str, meant: float) -> None:
    assert cells.rupiah(written) == meant


def test_a_number_of_a_maker_may_look_like_a_power(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n")
    take("devices", f"site,name,serial\n{BENCULUK},router,5E12\n")
    assert rows(store, "devices")[0]["serial"] == "5E12"


def test_contacts_of_unknown_places_are_taken_with_a_doubt(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n")
    text = f"scope,name,role\n{BENCULUK},a,village\n35.10,b,district\n35.11,c,noc\n*,d,noc\n"
    parsed = parse("contacts", text.encode(), "contacts.csv")
    with db.writing(store) as connection:
        bring(connection, parsed, 1.0, "siti")
        said = doubts(connection, parsed)
    assert said == ["contacts.csv: line 4, column scope: no site or area 35.11 yet"]


def test_more_services_than_an_agent_takes_are_refused(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n")
    everywhere = "".join(f"s{n},,http,http://h{n}/\n" for n in range(MOST_SERVICES - 1))
    take("services", f"name,site,kind,target\n{everywhere}a,{BENCULUK},http,http://a/\n")
    with pytest.raises(BadFile) as refused:
        take("services", f"name,site,kind,target\nb,{BENCULUK},http,http://b/\n")
    assert str(refused.value) == (
        f"services.csv: {BENCULUK} would have 51 services to check, 50 at most"
    )
    assert len(rows(store, "services")) == MOST_SERVICES


@pytest.mark.slow
@recorded.needed("wilayah")
def test_five_regencies_with_boundaries(store: Engine) -> None:
    for path in sorted(WILAYAH.glob("*.csv")) + sorted(WILAYAH.glob("*_kecamatan.geojson")):
        parsed = parse("areas", path.read_bytes(), path.name)
        with db.writing(store) as connection:
            bring(connection, parsed, 1.0, "siti")
    found = rows(store, "areas")
    count = {level: sum(row["level"] == level for row in found) for level in KINDS_OF_AREA}
    assert count == {"province": 4, "regency": 5, "district": 109, "village": 1162}
    bounded = {row["code"] for row in found if row["boundary"]}
    assert bounded == {row["code"] for row in found if row["level"] == "district"}
    cluring = next(row for row in found if row["code"] == "35.10.06")
    assert (cluring["name"], cluring["parent"]) == ("Cluring", "35.10")
    assert cluring["lat"] is not None and str(cluring["boundary"]).startswith('{"type":"Polygon"')


KINDS_OF_AREA = ("province", "regency", "district", "village")


def test_a_header_without_end_is_refused_before_a_row_is_read() -> None:
    header = ",".join(f"c{n}" for n in range(40_000))
    with pytest.raises(BadFile, match="line 1: more than 100 columns"):
        parse("sites", f"{header}\n{'x' * 9}\n".encode(), "wide.csv")
    # spreadsheets save empty columns, too
    empty = "," * 300
    assert parse("sites", f"code,name{empty}\n35.10.06.2005,B{empty}\n".encode(), "f").rows
