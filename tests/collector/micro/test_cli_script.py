"""`ronda sites script` makes the agent of one site's router, and says what it costs and holds."""

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ronda
from collector import agents, authority, db
from collector.inventory.keeping import put
from collector.settings import Settings
from tests.stores import migrated

SITE = "35.10.06.2005"
URL = "https://noc.example.go.id:8090"
Command = Callable[..., int]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    migrated(made)
    with db.writing(db.open_store(made)) as connection:
        put(connection, "sites", [{"code": SITE, "name": "Benculuk"}], 1.0, "siti")
        web = {"name": "sideka", "kind": "http", "target": "http://192.168.1.5/"}
        put(connection, "services", [{"site": SITE, **web}], 1.0, "siti")
    return made


@pytest.fixture
def command(settings: Settings) -> Command:
    return lambda *words: ronda.main(["sites", "script", *words, "--data", settings.data])


@pytest.fixture
def made(command: Command, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def make(*words: str) -> dict[str, Any]:
        assert command(SITE, "--platform", "openwrt", "--json", *words) == 0
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return make


def test_the_script_goes_to_standard_output_alone(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(SITE, "--platform", "openwrt", "--url", URL) == 0
    said = capsys.readouterr()
    assert f"URL={URL}\n" in said.out
    assert "MB a month" in said.err and "nobody else may read it" in said.err
    done = subprocess.run(["dash", "-n"], input=said.out, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_of_it_is_readable_by_its_owner_alone(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ronda.sh"
    out.write_text("old")
    out.chmod(0o644)
    assert command(SITE, "--platform", "openwrt", "--url", URL, "--out", str(out)) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    said = capsys.readouterr()
    code = out.read_text().partition("\nCODE=")[2].partition("\n")[0]
    assert len(code) == 19 and code not in said.out + said.err


def test_a_new_code_is_issued_and_noted(
    made: Callable[..., dict[str, Any]], settings: Settings
) -> None:
    told = made("--days", "2")
    with db.reading(db.open_store(settings)) as connection:
        code = agents.find_code(connection, told["code"])
    assert code is not None and code.site == SITE and not code.agent
    assert told["expires_at"]


def test_a_given_code_is_used_and_none_issued(made: Callable[..., dict[str, Any]]) -> None:
    told = made("--code", "abcd-efgh-jkmn-pqrs.O7XJO7XJO7XJO7XJO7XJO7XJO7")
    assert (told["code"], told["expires_at"]) == ("ABCD-EFGH-JKMN-PQRS", None)


def test_the_centres_own_authority_goes_with_it(
    made: Callable[..., dict[str, Any]], settings: Settings
) -> None:
    plain = made("--url", URL)
    assert not [file for file in plain["files"] if file["path"].endswith("ca.pem")]
    served = authority.ensure_ca(settings.folder / "tls", ["noc.example.go.id"], 1.8e9)
    pinned = made("--url", URL)
    (ca,) = [file for file in pinned["files"] if file["path"].endswith("ca.pem")]
    assert ca["text"] == served.ca_pem
    assert pinned["bytes_a_report"] != plain["bytes_a_report"]


def test_bytes_of_a_month_follow_the_interval_and_the_encryption(
    made: Callable[..., dict[str, Any]],
) -> None:
    often, seldom = made("--url", URL), made("--url", URL, "--every-s", "300")
    assert (often["every_s"], seldom["every_s"]) == (60, 300)
    looks = often["bytes_a_month"] - 43200 * often["bytes_a_report"]
    assert 0 < looks < often["bytes_a_month"]
    assert seldom["bytes_a_month"] == looks + 8640 * seldom["bytes_a_report"]
    assert made("--url", URL.replace("https", "http"))["bytes_a_report"] < often["bytes_a_report"]


def test_what_the_script_cannot_look_at_is_named(
    made: Callable[..., dict[str, Any]], settings: Settings
) -> None:
    with db.writing(db.open_store(settings)) as connection:
        row = {"name": "basis data", "kind": "mysql", "target": "192.168.1.5", "site": SITE}
        put(connection, "services", [row], 2.0, "siti")
    notes = made("--url", URL)["notes"]
    assert "left out: basis data: a script does not know checks of kind mysql" in notes
    assert not [note for note in notes if "sideka" in note]


DOUBTS = {
    "plain": ("http://noc.example.go.id:8090", "is not encrypted"),
    "loopback": ("http://127.0.0.1:8090", "is this machine"),
}


@pytest.mark.parametrize(("url", "doubt"), DOUBTS.values(), ids=DOUBTS)
def test_an_address_that_is_doubtful_is_told(
    made: Callable[..., dict[str, Any]], url: str, doubt: str
) -> None:
    assert [note for note in made("--url", url)["notes"] if doubt in note]


REFUSED = {
    "no such site": (("35.10.06.9999",), "35.10.06.9999: no such site"),
    "address": ((SITE, "--url", "ftp://x"), "--url: expected http(s)://HOST"),
    "address with a blank": ((SITE, "--url", "http://a b"), "--url: expected"),
    "address with a name": ((SITE, "--url", "https://a:b@noc.id"), "--url: expected"),
    "interval": ((SITE, "--every-s", "4000"), "--every-s: must be 1 to 3600"),
    "line": ((SITE, "--wan", "a b"), "--wan: not the name of an interface"),
    "code": ((SITE, "--code", "x'; reboot"), "--code: expected XXXX-XXXX"),
    "days": ((SITE, "--days", "0"), "--days: must be more than 0"),
    "authority": ((SITE, "--ca", "/dev/null"), "/dev/null: holds no certificate"),
    "folder": ((SITE, "--out", "/nonexistent/x"), "/nonexistent/x: cannot be written"),
}


@pytest.mark.parametrize(("words", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_in_a_line(
    command: Command, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert command(*words, "--platform", "openwrt") == 2
    err = capsys.readouterr().err
    assert says in err and "Traceback" not in err


def test_everywhere_is_no_address_to_report_to(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONDA_INGEST", "0.0.0.0:8090")
    assert command(SITE, "--platform", "openwrt") == 2
    assert "--url: ingest listens on 0.0.0.0:8090: set ingest_url" in capsys.readouterr().err
