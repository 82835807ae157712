"""The commands of the web floor, as `ronda` runs them."""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.strict import Refused
from collector import console_address, second_steps
from collector.db import open_store, reading, writing
from collector.settings import Settings
from tests.stores import migrated
from web import accounts, cli, people, tokens

Ronda = Callable[..., Any]


@pytest.fixture
def ronda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ronda:
    """Run a command on a fresh data folder; what it printed."""

    migrated(Settings(data=str(tmp_path)))

    def run(*words: str, status: int = 0) -> str:
        parser = argparse.ArgumentParser()
        cli.commands(parser.add_subparsers(required=True))
        args = parser.parse_args([*words, "--data", str(tmp_path)])
        assert args.run(args) == status
        told = capsys.readouterr()
        return told.err if status else told.out

    return run


@pytest.mark.slow
def test_a_new_account_gets_a_link_that_works(ronda: Ronda, tmp_path: Path) -> None:
    said = json.loads(ronda("users", "add", "Dewi", "--role", "noc", "--area", "35.10", "--json"))
    assert said["name"] == "dewi"
    assert said["link"].startswith("http://127.0.0.1:8080/link/")
    store = open_store(Settings(data=str(tmp_path)))
    assert people.link(store, said["link"].rpartition("/")[2], 0.0) == people.Link("dewi")
    store.dispose()


def test_a_link_that_opens_on_this_machine_alone_is_said_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    here, there = Settings(console="0.0.0.0:8080"), Settings(public_url="https://noc.example.go.id")
    assert console_address.link(here, "/link/x") == "http://0.0.0.0:8080/link/x"
    assert "opens on this machine alone" in capsys.readouterr().err
    assert console_address.link(there, "/link/x") == "https://noc.example.go.id/link/x"
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_the_list_shows_who_may_what(ronda: Ronda) -> None:
    ronda("users", "add", "dewi", "--role", "noc")
    ronda("users", "add", "agus", "--role", "village", "--area", "35.10.06.2005")
    people_listed = json.loads(ronda("users", "list", "--json"))
    assert [(p["name"], p["role"], p["areas"], p["state"]) for p in people_listed] == [
        ("agus", "village", ["35.10.06.2005"], "waiting"),
        ("dewi", "noc", [], "waiting"),
    ]
    assert "agus" in ronda("users", "list")


def test_reset_takes_the_second_step_away_where_it_is_asked_to(
    ronda: Ronda, tmp_path: Path
) -> None:
    ronda("users", "add", "dewi", "--role", "noc")
    store = open_store(Settings(data=str(tmp_path)))
    with writing(store) as connection:
        second_steps.begin(connection, "dewi", b"", 0.0)
        second_steps.confirm(connection, "dewi", 1, 0.0)
    for words, there in ((), True), (("--second-step",), False):
        assert "/link/" in ronda("users", "reset", "dewi", *words)
        with reading(store) as connection:
            assert second_steps.confirmed(connection, "dewi") is there
    store.dispose()


def test_an_account_of_a_provider_has_no_password_to_reset(ronda: Ronda, tmp_path: Path) -> None:
    ronda("users", "add", "dewi", "--role", "noc")
    store = open_store(Settings(data=str(tmp_path)))
    accounts.identify(store, accounts.RONDA, "dewi", "dewi@x.id", False, 0.0)
    for words, why in ((), "no password to set"), (("--second-step",), "no second step"):
        told = ronda("users", "reset", "dewi", *words, status=1)
        assert why in told and "by the provider alone" in told and told.count("\n") == 1
    with writing(store) as connection:
        second_steps.begin(connection, "dewi", b"", 0.0)
        second_steps.confirm(connection, "dewi", 1, 0.0)
    assert "is taken away" in ronda("users", "reset", "dewi", "--second-step")
    with reading(store) as connection:
        assert not second_steps.confirmed(connection, "dewi")
    store.dispose()


def test_a_reset_ends_tokens_unless_they_are_kept(ronda: Ronda, tmp_path: Path) -> None:
    ronda("users", "add", "dewi", "--role", "noc")
    store = open_store(Settings(data=str(tmp_path)))
    dewi = people.user(store, "dewi")
    assert dewi is not None
    text = tokens.give(store, dewi, "grafana", "viewer", "", 365, time.time(), "t" * 43)
    ronda("users", "reset", "dewi", "--keep-tokens")
    assert tokens.find(store, text, time.time())
    ronda("users", "reset", "dewi")
    assert tokens.find(store, text, time.time()) is None
    store.dispose()


@pytest.mark.slow
def test_tokens_are_listed_and_one_is_revoked(ronda: Ronda, tmp_path: Path) -> None:
    text = ronda("users", "token", "--role", "viewer", "--name", "grafana").strip()
    (one,) = json.loads(ronda("users", "tokens", "--json"))
    assert (one["name"], one["owner"], one["expires_at"]) == ("grafana", "", None)
    assert one["id"] in ronda("users", "tokens") and text not in ronda("users", "tokens")
    assert json.loads(ronda("users", "tokens", "--owner", "dewi", "--json")) == []
    ronda("users", "revoke", one["id"])
    store = open_store(Settings(data=str(tmp_path)))
    assert tokens.find(store, text, 0.0) is None
    store.dispose()
    ronda("users", "revoke", one["id"], status=1)


def test_reset_and_unlock(ronda: Ronda) -> None:
    ronda("users", "add", "dewi", "--role", "noc")
    assert "/link/" in ronda("users", "reset", "dewi")
    ronda("users", "unlock", "dewi")


def test_a_token_is_printed_once(ronda: Ronda, tmp_path: Path) -> None:
    made = json.loads(ronda("users", "token", "--role", "viewer", "--name", "grafana", "--json"))
    assert list(made) == ["token"]
    store = open_store(Settings(data=str(tmp_path)))
    found = tokens.find(store, made["token"], 0.0)
    assert found and found.name == "grafana"
    store.dispose()


@pytest.mark.parametrize(
    "words",
    [
        ("users", "add", "dewi", "--role", "boss"),
        ("users", "add", "dewi", "--role", "noc", "--area", "banyuwangi"),
        ("users", "reset", "nobody"),
        ("users", "unlock", "nobody"),
        ("users", "revoke", "abc"),
        ("users", "token", "--role", "boss", "--name", "x"),
        (
            "users",
            "token",
            "--role",
            "noc",
            "--name",
            "x",
            "--area",
            "35",
            "--site",
            "35.10.06.2005",
        ),
    ],
)
def test_wrong_use_is_refused_in_one_line(ronda: Ronda, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        ronda(*words)
    assert "\n" not in str(refused.value)
