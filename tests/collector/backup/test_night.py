"""A night's work: whole or not at all, and what became of it is known."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import ronda
from agent.strict import Refused
from collector import agents, db, doctor_backup
from collector.backup import records, server, trial
from collector.backup.cli_night import as_json
from collector.backup.night import Night
from collector.backup.records import What, Work
from collector.backup.restoring import restore
from collector.finding import Finding
from collector.inventory.keeping import put
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.secret import load_secret
from collector.settings import Settings
from tests.sftp_server import SftpServer, make_key, sftp_server
from tests.small_disk import small_disk
from tests.stores import migrated

pytestmark = pytest.mark.usefixtures("quick_keys")

NOW = 1_795_458_600.0
WORDS = "kentongan tengah malam"
SITE = "35.10.06.2005"


class Clock:
    """Goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def settings(store_settings: Settings, tmp_path: Path) -> Settings:
    """A centre with a site, some journal and secrets, that makes backups."""
    folder, words = tmp_path / "backups", tmp_path / "words"
    folder.mkdir()
    words.write_text(f"{WORDS}\n")
    words.chmod(0o600)
    settings = replace(
        store_settings, backup_folder=str(folder), backup_passphrase_file=str(words), backup_keep=2
    )
    migrated(settings)
    load_secret(settings.folder)
    store = db.open_store(settings)
    with db.writing(store) as connection:
        put(connection, "sites", [{"code": SITE, "name": "Sumberagung"}], NOW, "test")
        agents.add_agent(connection, SITE, "a", [], "active", NOW)
    store.dispose()
    writer = FileWriter(settings.journal_folder)
    writer.append([(Kind.TICK, NOW - 1, 0, b"{}")] * 3)
    writer.close()
    return settings


@pytest.fixture
def elsewhere(tmp_path: Path, new_database: Callable[[], str], settings: Settings) -> Settings:
    """Another machine: another folder, another database."""
    url = new_database()
    there = Settings(data=str(tmp_path / "elsewhere" / "var"), database_url=url)
    if url:
        server.put_aside(there, "template")
    return there


@pytest.fixture
def far(tmp_path: Path) -> Iterator[SftpServer]:
    place = tmp_path / "far"
    place.mkdir()
    with sftp_server(place) as server:
        yield server


@pytest.fixture
def copying(settings: Settings, far: SftpServer) -> Settings:
    return replace(
        settings,
        backup_sftp=far.address,
        backup_sftp_host_key=far.host_key(),
        backup_sftp_key_file=far.key_file,
    )


def places(settings: Settings) -> tuple[str, str]:
    return settings.backup_folder, settings.backup_passphrase_file


def names(folder: str | Path) -> list[str]:
    return sorted(os.listdir(folder))


def told(settings: Settings, now: float = NOW + 60) -> dict[str, Finding]:
    store = db.open_store(settings)
    try:
        return {one.name: one for one in doctor_backup.findings(settings, store, now)}
    finally:
        store.dispose()


def kept(settings: Settings) -> list[Work]:
    store = db.open_store(settings)
    try:
        with db.reading(store) as connection:
            return records.works(connection)
    finally:
        store.dispose()


@pytest.mark.slow
def test_a_backup_is_made_tried_and_told(settings: Settings) -> None:
    night = Night(settings, Clock())
    (settings.folder / "rules").mkdir()
    (settings.folder / "rules" / "link.yml").symlink_to(settings.folder / "secret.key")
    made = night.backup()
    assert (made.error, made.says.partition("; ")[2]) == ("", "left out: rules/link.yml")
    (name,) = names(settings.backup_folder)
    path = Path(settings.backup_folder) / name
    assert (made.where, made.bytes) == (str(path), path.stat().st_size)
    assert b"Sumberagung" not in path.read_bytes()
    tried = night.test()
    assert (tried.error, tried.says) == ("", "1 sites, 3 records of the journal")
    assert names(settings.backup_folder) == [name], "nothing of the trial is left"
    assert kept(settings) == [tried, made]
    findings = told(settings)
    assert {name: one.fine for name, one in findings.items()} == {
        "backup": True,
        "restore test": True,
    }
    assert str(path) in findings["backup"].says


@pytest.mark.slow
def test_old_ones_go_only_behind_a_new_one_that_is_whole(settings: Settings) -> None:
    clock = Clock()
    night = Night(settings, clock)
    other = Path(settings.backup_folder) / "ronda-00000000-20200101-000000.backup"
    other.write_bytes(b"of another centre")
    for _ in range(3):
        assert night.backup().fine
        clock.now += 86400
    held = names(settings.backup_folder)
    assert len(held) == 3
    assert other.name in held
    Path(settings.backup_passphrase_file).chmod(0o644)
    failed = night.backup()
    assert "others may read it" in failed.error
    assert names(settings.backup_folder) == held
    assert "failed" in told(settings)["backup"].says
    assert not told(settings)["backup"].fine


@pytest.mark.slow
def test_a_backup_that_cannot_be_read_back_is_none(settings: Settings) -> None:
    night = Night(settings, Clock())
    assert night.backup().fine
    (name,) = names(settings.backup_folder)
    path = Path(settings.backup_folder) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    failed = night.test()
    assert "damaged" in failed.error
    assert not told(settings)["restore test"].fine
    assert names(settings.backup_folder) == [name]


@pytest.mark.slow
def test_a_full_disk_leaves_what_was_there(settings: Settings, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "size=8k") as small:
        (small / "before").write_bytes(b"stays")
        failed = Night(replace(settings, backup_folder=str(small)), Clock()).backup()
        assert "No space left" in failed.error or "disk is full" in failed.error
        assert names(small) == ["before"]


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (("/not/mounted", ""), "no such folder"),
        (("", "/not/there"), "cannot be read"),
    ],
    ids=["a folder that is not there", "no passphrase"],
)
def test_what_cannot_be_is_an_outcome_in_one_line(
    settings: Settings, harm: tuple[str, str], problem: str
) -> None:
    folder, words = (new or old for new, old in zip(harm, places(settings), strict=True))
    settings = replace(settings, backup_folder=folder, backup_passphrase_file=words)
    assert problem in Night(settings, Clock()).backup().error
    assert problem in told(settings)["backup"].says


@pytest.mark.slow
def test_what_was_cut_short_is_said_by_the_next(settings: Settings) -> None:
    store = db.open_store(settings)
    with db.writing(store) as connection:
        records.begin(connection, What.BACKUP, NOW)
    store.dispose()
    assert told(settings)["backup"].says == "none yet"
    night = Night(settings, Clock())
    night.backup()
    assert [one.error for one in kept(settings)] == ["", "cut short"]


def test_a_centre_lacks_nothing_before_its_first_night_is_over() -> None:
    for what in What:
        assert doctor_backup.finding([], what, NOW, NOW - 3600).fine
        assert not doctor_backup.finding([], what, NOW + 10 * 86400, NOW).fine


@pytest.mark.slow
def test_an_overdue_backup_is_a_finding(settings: Settings) -> None:
    Night(settings, Clock()).backup()
    later = told(settings, NOW + 2 * 86400)["backup"]
    assert later.says.startswith("overdue")
    assert not later.fine


@pytest.mark.slow
def test_a_backup_is_copied_and_old_copies_go(copying: Settings, far: SftpServer) -> None:
    clock = Clock()
    night = Night(copying, clock)
    (far.files / "holiday.jpg").write_bytes(b"of somebody")
    for _ in range(3):
        assert night.backup().fine
        copied = night.copy()
        assert copied.error == ""
        clock.now += 86400
    assert copied.says == "1 brought there"
    assert names(far.files) == ["holiday.jpg", *names(copying.backup_folder)]
    newest = names(copying.backup_folder)[-1]
    trial.check(far.files / newest, WORDS)
    assert (far.files / newest).stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_what_was_cut_short_on_the_way_is_brought_whole(copying: Settings, far: SftpServer) -> None:
    night = Night(copying, Clock())
    night.backup()
    (name,) = names(copying.backup_folder)
    (far.files / f"{name}.part").write_bytes(b"half")
    (far.files / name).write_bytes(b"not all of it")
    assert night.copy().fine
    assert names(far.files) == [name]
    assert (far.files / name).read_bytes() == Path(copying.backup_folder, name).read_bytes()


@pytest.mark.slow
def test_a_full_disk_there_leaves_what_was_there(copying: Settings, far: SftpServer) -> None:
    night = Night(copying, Clock(), wait=lambda pause_s: None)
    assert night.backup().fine
    with small_disk(far.files, "size=8k"):
        (far.files / "before").write_bytes(b"stays")
        assert "is its disk full?" in night.copy().error
        assert names(far.files) == ["before"]
    assert night.copy().fine


@pytest.mark.slow
def test_a_kind_of_host_key_that_nobody_understands_is_said(copying: Settings) -> None:
    old = "ssh-dss AAAAB3NzaC1kc3MAAAAA"
    night = Night(replace(copying, backup_sftp_host_key=old), Clock(), wait=never)
    night.backup()
    assert "ssh-dss are not understood" in night.copy().error


@pytest.mark.slow
def test_another_host_key_is_not_believed(copying: Settings, far: SftpServer) -> None:
    make_key(far.folder / "stranger")
    wrong = (far.folder / "stranger.pub").read_text().strip()
    night = Night(replace(copying, backup_sftp_host_key=wrong), Clock(), wait=never)
    night.backup()
    assert "another host key" in night.copy().error
    assert names(far.files) == []


@pytest.mark.slow
def test_any_key_of_the_host_may_be_the_known_one(copying: Settings, far: SftpServer) -> None:
    night = Night(replace(copying, backup_sftp_host_key=far.host_key("rsa")), Clock())
    night.backup()
    assert night.copy().error == ""


@pytest.mark.slow
def test_a_key_that_is_not_let_in_is_not_tried_again(copying: Settings, far: SftpServer) -> None:
    make_key(far.folder / "other")
    settings = replace(copying, backup_sftp_key_file=str(far.folder / "other"))
    night = Night(settings, Clock(), wait=never)
    night.backup()
    assert "not let in" in night.copy().error


@pytest.mark.slow
def test_a_key_under_a_passphrase_is_refused(copying: Settings, far: SftpServer) -> None:
    make_key(far.folder / "locked", passphrase="rahasia")
    settings = replace(copying, backup_sftp_key_file=str(far.folder / "locked"))
    night = Night(settings, Clock(), wait=never)
    night.backup()
    assert "is under a passphrase" in night.copy().error


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_told(copying: Settings) -> None:
    night = Night(replace(copying, backup_sftp=f"{copying.backup_sftp}/none"), Clock(), wait=never)
    night.backup()
    assert "No such file" in night.copy().error


@pytest.mark.slow
def test_nobody_there_is_tried_again_with_longer_pauses(copying: Settings) -> None:
    waited: list[float] = []
    there = replace(copying, backup_sftp="sftp://ronda@127.0.0.1:1/backup")
    night = Night(there, Clock(), waited.append)
    night.backup()
    failed = night.copy()
    assert "refused" in failed.error.lower()
    assert waited == [10.0, 60.0, 300.0]
    assert not told(there)["backup copy"].fine


def never(_pause_s: float) -> None:
    raise AssertionError("it is of no use to try again")


@pytest.mark.slow
def test_the_words_of_the_command_do_it(
    copying: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "nice", lambda by: by)
    for key in ("folder", "passphrase_file", "sftp", "sftp_host_key", "sftp_key_file"):
        monkeypatch.setenv(f"RONDA_BACKUP_{key.upper()}", getattr(copying, f"backup_{key}"))
    monkeypatch.setenv("RONDA_DATABASE_URL", copying.database_url)
    data = ["--data", copying.data, "--json"]
    assert ronda.main(["backup", "now", *data]) == 0
    made, copied = json.loads(capsys.readouterr().out)
    assert (made["what"], copied["what"]) == ("backup", "copy")
    assert ronda.main(["backup", "test", *data]) == 0
    (tried,) = json.loads(capsys.readouterr().out)
    assert ronda.main(["backup", "list", *data]) == 0
    assert json.loads(capsys.readouterr().out) == [tried, copied, made]
    assert as_json(kept(copying)[0]) == tried


@pytest.mark.slow
def test_one_made_by_hand_and_encrypted_comes_back_elsewhere(
    settings: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONDA_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("RONDA_BACKUP_PASSPHRASE", WORDS)
    file = tmp_path / "by-hand"
    assert ronda.main(["backup", str(file), "--encrypt", "--data", settings.data]) == 0
    assert b"Sumberagung" not in file.read_bytes()
    monkeypatch.setenv("RONDA_DATABASE_URL", elsewhere.database_url)
    assert ronda.main(["restore", str(file), "--data", elsewhere.data]) == 0
    assert load_secret(elsewhere.folder) == load_secret(settings.folder)
    monkeypatch.setenv("RONDA_BACKUP_PASSPHRASE", "another one")
    assert ronda.main(["restore", str(file), "--data", str(tmp_path / "third")]) == 2
    assert not (tmp_path / "third").exists()


def test_a_database_that_cannot_be_written_is_one_line(settings: Settings) -> None:
    broken = replace(settings, data=str(Path(settings.data).parent / "none"), database_url="")
    (broken.folder / "run").mkdir(parents=True)
    with pytest.raises(Refused, match="cannot be written"):
        Night(broken, Clock()).backup()


@pytest.mark.slow
def test_what_was_under_way_in_a_backup_is_not_in_its_centre(
    settings: Settings, elsewhere: Settings
) -> None:
    made = Night(settings, Clock()).backup()
    restore(elsewhere, Path(made.where), WORDS, NOW)
    assert kept(elsewhere) == []
