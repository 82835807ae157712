"""Settings come from three places; what cannot be is refused by name, at the start."""

from pathlib import Path

import pytest

from agent.strict import Refused
from collector.settings import Settings, load
from tests.each import for_each


def test_the_later_place_wins(tmp_path: Path) -> None:
    file = tmp_path / "ronda.toml"
    file.write_text('console = "127.0.0.1:1"\ningest = "127.0.0.1:2"\nlanguage = "en"\n')
    made = load(file, {"RONDA_INGEST": "127.0.0.1:3"}, {"ingest": "127.0.0.1:4", "data": None})
    assert (made.console, made.ingest, made.language) == ("127.0.0.1:1", "127.0.0.1:4", "en")
    assert load(None, {"RONDA_CONFIG": str(file)}).console == "127.0.0.1:1"


REFUSALS = {
    "RONDA_CONSOLE": ("8080", "console: expected HOST:PORT, got '8080'"),
    "RONDA_INGEST": ("127.0.0.1:70000", "ingest: expected HOST:PORT, got '127.0.0.1:70000'"),
    "RONDA_CERT": ("a.pem", "key: cert and key go together"),
    "RONDA_APPROVAL": ("perhaps", "RONDA_APPROVAL: expected true or false, got 'perhaps'"),
    "RONDA_CODE_DAYS": ("soon", "RONDA_CODE_DAYS: expected a number, got 'soon'"),
    "RONDA_SILENT_INTERVALS": ("nan", "silent_intervals: must be more than 0"),
    "RONDA_COMMIT_EVERY_S": ("inf", "commit_every_s: must be more than 0"),
    "RONDA_JOURNAL_KEEP_S": ("-1", "journal_keep_s: must be more than 0"),
    "RONDA_TIMEZONE": ("Mars/X", "timezone: there is no zone 'Mars/X'"),
    "RONDA_LANGUAGE": ("fr", "language: is not one of id, en"),
    "RONDA_PUBLIC_URL": (
        "javascript:x",
        "public_url: expected http(s)://HOST, got 'javascript:x'",
    ),
    "RONDA_PUBLIC": ("maybe", "RONDA_PUBLIC: expected true or false, got 'maybe'"),
    "RONDA_PUBLIC_HIDES": (
        "35.10,Gudang",
        "public_hides: expected codes such as 35.10.06.2005, got ('35.10', 'Gudang')",
    ),
    "RONDA_PUBLIC_BOT": (
        "@RondaBot",
        "public_bot: expected a bot's name without @, got '@RondaBot'",
    ),
    "RONDA_ALLOW_TARGETS": (
        "10.0.0.0/8,home",
        "allow_targets: expected networks such as 10.0.0.0/8, got ('10.0.0.0/8', 'home')",
    ),
    "RONDA_BACKUP_AT": ("25.00", "backup_at: expected a time such as 01.30, got '25.00'"),
    "RONDA_BACKUP_KEEP": ("0", "backup_keep: must be 1 to 1000"),
    "RONDA_BACKUP_FOLDER": (
        "/srv/backup",
        "backup_passphrase_file: must be set: a night's backup is encrypted",
    ),
    "RONDA_BACKUP_SFTP": (
        "sftp://ronda:rahasia@host/folder",
        "backup_sftp: expected sftp://USER@HOST:PORT/FOLDER without a password",
    ),
    "RONDA_BACKUP_SFTP_HOST_KEY": (
        "ssh-ed25519 AAAA",
        "backup_sftp_host_key: expected a public key such as ssh-ed25519 AAAA..., "
        "got 'ssh-ed25519 AAAA'",
    ),
    "RONDA_METRICS_URL": (
        "http://127.0.0.1:8428",
        "metrics_write_url: must be set for metrics_url: "
        "what is read from an engine is sent there, too",
    ),
    "RONDA_METRICS_WRITE_URL": (
        "http://127.0.0.1:8428/api/v1/write",
        "metrics_url: must be set for metrics_write_url: what goes to an engine is read there, too",
    ),
    "RONDA_METRICS_TAIL_DAYS": ("1", "metrics_tail_days: must be 2 to 400"),
    "RONDA_METRICS_TIMEOUT_S": ("60", "metrics_timeout_s: must be 1 to 25"),
    "RONDA_ROLLUP_DAYS": ("1", "rollup_days: must be history_days or more"),
}


@for_each(("name", "case"), REFUSALS.items(), ids=REFUSALS.keys())
def test_what_cannot_be_is_refused_by_name(name: str, case: tuple[str, str]) -> None:
    text, told = case
    with pytest.raises(Refused) as refused:
        load(None, {name: text})
    assert str(refused.value) == told


@pytest.mark.parametrize("url", ["ftp://h", "http://u:p@h", "http://h/?a=b", "http://h/#a"])
def test_an_engine_has_an_address_to_which_a_path_can_be_added(url: str) -> None:
    with pytest.raises(Refused) as refused:
        load(None, {"RONDA_METRICS_URL": url, "RONDA_METRICS_WRITE_URL": "http://h/w"})
    assert str(refused.value).startswith("metrics_url: expected http(s)://HOST/PATH without")


@pytest.mark.parametrize(
    ("text", "on"), [("on", True), ("true", True), ("1", True), ("off", False)]
)
def test_pages_for_everybody_are_turned_on_by_a_word(text: str, on: bool) -> None:
    hidden = {"RONDA_PUBLIC": text, "RONDA_PUBLIC_HIDES": "35.10.06.2005-gudang, 35.11"}
    found = load(None, hidden)
    assert found.public is on
    assert found.public_hides == ("35.10.06.2005-gudang", "35.11")


def test_a_bad_file_is_named_with_the_key(tmp_path: Path) -> None:
    file = tmp_path / "ronda.toml"
    file.write_text("console = 8080\n")
    with pytest.raises(Refused, match=rf"{file}: console: expected text, got 8080"):
        load(file, {})
    with pytest.raises(Refused, match="No such file"):
        load(tmp_path / "none.toml", {})


def test_the_defaults_hold() -> None:
    Settings().check()
    assert Settings().reports_to == "http://127.0.0.1:8090"
