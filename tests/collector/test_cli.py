"""The collector's commands, as a person or a script meets them."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.strict import Refused
from collector import agents, cli, db, inventory, schema
from collector.settings import Settings
from tests.stores import migrated

DATA = Path(__file__).parent / "data"
BENCULUK, CLURING = "35.10.06.2005", "35.10.06.2006"

Said = tuple[int, str, str]
Ronda = Callable[..., Said]


@pytest.fixture
def ronda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ronda:
    """Run one command on the test's data folder; exit status, standard output, standard error."""

    migrated(Settings(data=str(tmp_path / "var")))

    def run(*words: str) -> Said:
        parser = argparse.ArgumentParser(prog="ronda")
        cli.commands(parser.add_subparsers(required=True))
        args = parser.parse_args([*words, "--data", str(tmp_path / "var")])
        capsys.readouterr()
        try:
            code: int = args.run(args)
        except Refused as refused:
            print(refused, file=sys.stderr)
            code = 2
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def two_sites(ronda: Ronda, tmp_path: Path) -> Path:
    file = tmp_path / "sites.csv"
    file.write_text(f"code,name,isp,district\n{BENCULUK},Benculuk,Telkom,\n{CLURING},Cluring,,X\n")
    assert ronda("sites", "import", str(file))[0] == 0
    return tmp_path / "var"


def read_json(said: Said) -> Any:
    assert said[0] == 0, said
    return json.loads(said[1])


def test_an_import_says_what_it_changed(ronda: Ronda, two_sites: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "sites.csv")
    assert ronda("sites", "import", file) == (0, "sites: 0 new, 0 changed, 2 same\n", "")
    assert read_json(ronda("sites", "import", file, "--json")) == {
        "kind": "sites",
        "new": 0,
        "changed": 0,
        "same": 2,
        "areas_made": [],
    }


def test_a_bad_file_is_told_line_by_line_and_leaves_nothing(ronda: Ronda) -> None:
    file = str(DATA / "bad-sites-isp.csv")
    code, out, err = ronda("sites", "import", file)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"{file}: line 2, column isp: a name is missing beside | in 'Telkom|'",
        f"{file}: line 3, column isp: a name stands twice in 'Telkom|Telkom'",
        "sites: nothing was imported",
    ]
    assert read_json(ronda("sites", "list", "--json")) == []


def test_a_file_that_is_not_there_is_named(ronda: Ronda, tmp_path: Path) -> None:
    code, _, err = ronda("areas", "import", str(tmp_path / "none.csv"))
    assert (code, err) == (2, f"{tmp_path}/none.csv: cannot be read: No such file or directory\n")


def test_doubtful_contacts_are_taken_with_a_note(ronda: Ronda, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"scope,name,role\n{BENCULUK},Siti,village\n")
    code, out, err = ronda("contacts", "import", str(file))
    assert (code, out) == (0, "contacts: 1 new, 0 changed, 0 same\n")
    assert err == f"note: {file}: line 2, column scope: no site or area {BENCULUK} yet\n"


@pytest.mark.slow
def test_sites_are_listed_worst_first_with_what_is_known(ronda: Ronda, two_sites: Path) -> None:
    store = db.open_store(Settings(data=str(two_sites)))
    with db.writing(store) as connection:
        state = {
            "since": 1e9,
            "state": "down",
            "reason": "no uplink works",
            "cause": "fiber",
            "rev": 1,
        }
        rest = {"confidence": 0.5, "evidence": "[]", "source": "live"}
        db.upsert(schema.states, [{"site": CLURING, **state, **rest}], connection)
        check = {"site": CLURING, "kind": "http", "since": 1e9, "live": True, "rev": 1}
        rows = [
            {**check, "name": "a", "verdict": "good", "reason": ""},
            {**check, "name": "sideka", "verdict": "bad", "reason": "HTTP 502"},
        ]
        db.upsert(schema.checks, rows, connection)
    found = read_json(ronda("sites", "list", "--json"))
    assert [site["code"] for site in found] == [CLURING, BENCULUK]
    assert found[0] == {
        "code": CLURING,
        "name": "Cluring",
        "district": "X",
        "regency": "",
        "isp": "",
        "upstream": "",
        "lifecycle": "active",
        "state": "down",
        "since": "2001-09-09T01:46:40Z",
        "cause": "fiber",
        "last_report_age_s": None,
        "checks": [
            {
                "name": "sideka",
                "kind": "http",
                "verdict": "bad",
                "reason": "HTTP 502",
                "since": "2001-09-09T01:46:40Z",
            },
            {
                "name": "a",
                "kind": "http",
                "verdict": "good",
                "reason": "",
                "since": "2001-09-09T01:46:40Z",
            },
        ],
    }
    assert (found[1]["state"], found[1]["since"]) == ("unknown", None)
    lines = ronda("sites", "list")[1].splitlines()
    assert lines[0].split() == [
        "state", "code", "name", "district", "isp", "since", "cause", "report", "bad", "checks",
    ]  # fmt: skip
    assert lines[1].split()[:3] == ["down", CLURING, "Cluring"] and lines[1].endswith("sideka")
    assert lines[1].index(CLURING) == lines[2].index(BENCULUK)
    assert read_json(ronda("sites", "list", "--json", "--area", "35.11")) == []


@pytest.mark.slow
def test_one_site_is_shown_in_full(ronda: Ronda, two_sites: Path, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("scope,name,role,sms\n35.10,Camat,district,0812345678\n")
    ronda("contacts", "import", str(file))
    shown = read_json(ronda("sites", "show", BENCULUK, "--json"))
    assert (shown["code"], shown["time_zone"], shown["agents"]) == (BENCULUK, "Asia/Jakarta", [])
    assert [person["sms"] for person in shown["contacts"]] == ["+62812345678"]
    store = db.open_store(Settings(data=str(two_sites)))
    with db.writing(store) as connection:
        agents.add_agent(connection, BENCULUK, "mini-pc", [], "active", 1_796_025_840.0)
    said = ronda("sites", "show", BENCULUK)[1]
    assert "Camat" in said and "enrolled_at 2026-11-30 15.04 WIB" in said
    assert ronda("sites", "show", "35.10.06.2009") == (2, "", "35.10.06.2009: no such site\n")


def test_codes_are_for_active_sites_without_an_agent(ronda: Ronda, two_sites: Path) -> None:
    store = db.open_store(Settings(data=str(two_sites)))
    with db.writing(store) as connection:
        agents.add_agent(connection, BENCULUK, "mini-pc", [], "active", 1.0)
    (issued,) = read_json(ronda("sites", "codes", "--json"))
    assert set(issued) == {"site", "code", "expires_at"} and issued["site"] == CLURING
    with db.reading(store) as connection:
        code = agents.find_code(connection, issued["code"])
    assert code is not None and (code.site, code.agent) == (CLURING, None)
    (again,) = read_json(ronda("sites", "codes", "--site", BENCULUK, "--days", "1", "--json"))
    assert again["site"] == BENCULUK
    assert ronda("sites", "codes", "--site", "x")[0] == 2
    assert ronda("sites", "codes", "--days", "0") == (
        2,
        "",
        "--days: must be more than 0 and at most 365, got 0\n",
    )


def test_what_is_listed_as_csv_can_be_imported(ronda: Ronda, two_sites: Path) -> None:
    out = ronda("sites", "list", "--csv")[1]
    assert out.splitlines()[1].startswith(f"{BENCULUK},Benculuk,")
    (two_sites / "again.csv").write_text(out)
    said = ronda("sites", "import", str(two_sites / "again.csv"))
    assert said == (0, "sites: 0 new, 0 changed, 2 same\n", "")


@pytest.mark.parametrize(
    "kind", ["areas", "uplinks", "devices", "services", "contacts", "holidays"]
)
def test_every_kind_is_listed_also_when_empty(ronda: Ronda, kind: str) -> None:
    assert read_json(ronda(kind, "list", "--json")) == []
    assert ronda(kind, "list")[0] == 0


def test_services_are_listed_with_their_settings(ronda: Ronda, tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text("name,kind,target,must_match\nsideka,http,http://127.0.0.1/,Desa\n")
    ronda("services", "import", str(file))
    (service,) = read_json(ronda("services", "list", "--json"))
    assert service["settings"] == {"must_match": "Desa"}
    assert "sideka" in ronda("services", "list")[1]


def test_a_reason_cannot_steer_the_terminal(ronda: Ronda, two_sites: Path) -> None:
    store = db.open_store(Settings(data=str(two_sites)))
    with db.writing(store) as connection:
        connection.execute(schema.sites.update().values(name="a\x1b[2Jb"))
        assert inventory.site_rows(connection)
    assert "\x1b" not in ronda("sites", "list")[1]
    assert "\x1b" not in ronda("sites", "show", BENCULUK)[1]


def test_the_version_is_told(ronda: Ronda) -> None:
    assert ronda("version")[1].startswith("ronda ")
    assert set(read_json(ronda("version", "--json"))) == {"version", "databases"}
