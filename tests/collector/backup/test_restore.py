"""What comes back from a backup, what must not, and what is refused without touching anything."""

import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

import ronda
from agent.strict import Refused
from alerts.channels.config import load
from collector import agents, archive_boxes, db, schema
from collector.backup import aside, contents, renewal, server, snapshots
from collector.backup.cli import PASSPHRASE
from collector.backup.making import make, put_files
from collector.backup.pieces import PieceWriter
from collector.backup.restoring import Restored, restore
from collector.demo import mark
from collector.doctor import examine
from collector.inventory.keeping import put
from collector.journal.files import FileReader, FileWriter
from collector.journal.framing import Kind
from collector.restored import enrol_again, knocked
from collector.secret import load_secret
from collector.settings import Settings
from collector.unfinished import UNFINISHED
from tests.each import for_each
from tests.stores import migrated
from web import accounts, people
from web.accounts import RONDA

pytestmark = pytest.mark.usefixtures("quick_keys")

NOW = 1_790_000_000.0
SITE, LATER = "35.10.06.2005", "35.10.06.2006"
CHANNELS = '[channels.tg]\nkind = "telegram"\ntoken = "123:geheim"\ndaily_cap = 20\n'


@pytest.fixture
def settings(store_settings: Settings) -> Settings:
    """A centre with a site, an agent, a user, some journal, rules and secrets."""
    settings = store_settings
    migrated(settings)
    load_secret(settings.folder)
    store = db.open_store(settings)
    with db.writing(store) as connection:
        rows = [{"code": code, "name": "Desa"} for code in (SITE, LATER)]
        put(connection, "sites", rows, NOW, "test")
        agent = agents.add_agent(connection, SITE, "a", [], "active", NOW)
        agents.set_token(connection, agent, "token-a")
        db.upsert(schema.positions, [{"name": "fold", "position": 0}], connection)
    accounts.add(store, RONDA, "wati", "noc", (), NOW)
    store.dispose()
    writer = FileWriter(settings.journal_folder)
    writer.append([(Kind.TICK, NOW - 1, 0, b"{}")] * 3)
    writer.close()
    (settings.folder / "rules").mkdir()
    (settings.folder / "rules" / "own.yml").write_text("groups: []\n")
    (settings.folder / "channels.toml").write_text(CHANNELS)
    return settings


def test_the_journal_of_a_backup_has_no_hole_however_long_it_takes(tmp_path: Path) -> None:
    writer, reader = FileWriter(tmp_path, segment_bytes=100), FileReader(tmp_path)
    with closing(snapshots.HeldJournal(tmp_path)) as held:
        held.hold()
        # the databases are copied, for hours: what they do not know yet comes, and is folded
        for place in range(9):
            writer.append([(Kind.TICK, NOW + place, 0, bytes(90))])
        assert reader.drop_before(writer.end, older_than=7200, now=NOW + 1e5) == 0
        held.hold()
        pieces = {name: b"".join(chunks) for name, chunks in held.members()}
        assert sum(len(piece) for piece in pieces.values()) == held.end == writer.end
    assert reader.drop_before(writer.end, older_than=7200, now=NOW + 1e5)
    writer.close()


@pytest.fixture
def elsewhere(tmp_path: Path, new_database: Callable[[], str], settings: Settings) -> Settings:
    """Another machine: another folder, another database."""
    data = str(tmp_path / "elsewhere" / "var")
    url = new_database()
    there = Settings(data=data, database_url=url)
    if url:
        server.put_aside(there, "template")
    return there


@pytest.fixture
def backup(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "b.ronda"
    make(settings, path, None, NOW)
    return path


def bring(settings: Settings, path: Path, force: bool = False) -> Restored:
    return restore(settings, path, None, NOW + 100, force)


def meta(settings: Settings, key: str) -> str:
    store = db.open_store(settings)
    try:
        with db.reading(store) as connection:
            return db.meta_get(connection, key)
    finally:
        store.dispose()


def everything(folder: Path) -> dict[str, bytes]:
    """Without what any look into a database writes beside it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "up.lock"))
    }


def test_what_was_there_comes_back_on_another_machine(
    settings: Settings, elsewhere: Settings, backup: Path
) -> None:
    done = bring(elsewhere, backup)
    assert (done.aside, done.made_at) == ("", NOW)
    assert meta(elsewhere, "centre") == meta(settings, "centre")
    assert (elsewhere.folder / "rules" / "own.yml").read_text() == "groups: []\n"
    old, new = FileReader(settings.journal_folder), FileReader(elsewhere.journal_folder)
    assert new.read(0) == old.read(0)
    assert new.end == old.end > 0
    old.close()
    new.close()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(elsewhere.folder.stat().st_mode) == 0o700
    assert {path.name for path in elsewhere.folder.iterdir()} <= {
        "ronda.db", "history.db", "journal", "rules", "run", "channels.toml.enter-again",
        "migrate.lock", "ronda.db-wal", "ronda.db-shm", "history.db-wal", "history.db-shm",
    }  # fmt: skip


def test_what_must_not_come_back_does_not(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    store = db.open_store(settings)
    with db.writing(store) as connection:
        code = agents.issue_code(connection, LATER, NOW, 30)
    store.dispose()
    path = tmp_path / "b"
    make(settings, path, None, NOW)
    bring(elsewhere, path)
    assert meta(elsewhere, "epoch") not in ("", meta(settings, "epoch"))
    there = db.open_store(elsewhere)
    with db.reading(there) as connection:
        found = agents.find_code(connection, code)
        assert found is not None and found.expires_at <= NOW + 100
        assert agents.sites_of_token(connection, "token-a", NOW) is not None
        assert connection.execute(select(schema.signin_links.c.user)).all() == []
    user = people.user(there, "wati")
    # also a session of the time after the backup, which it does not know of
    assert user is not None and user.revocation >= 1000
    there.dispose()


def test_a_restore_in_place_moves_the_old_aside_and_keeps_its_secrets(
    settings: Settings, backup: Path
) -> None:
    (settings.folder / "rules" / "own.yml").write_text("groups: [] # newer\n")
    before = (settings.folder / "secret.key").read_bytes()
    epoch = meta(settings, "epoch")
    with pytest.raises(Refused, match="is not empty; with --force"):
        bring(settings, backup)
    assert meta(settings, "epoch") == epoch
    done = bring(settings, backup, force=True)
    aside = Path(done.aside)
    assert (aside / "rules" / "own.yml").read_text() == "groups: [] # newer\n"
    assert (settings.folder / "rules" / "own.yml").read_text() == "groups: []\n"
    assert (aside / "secret.key").read_bytes() == before
    assert (settings.folder / "secret.key").read_bytes() == before
    assert (settings.folder / "channels.toml").read_text() == CHANNELS
    assert done.enter_again == ()
    assert meta(settings, "epoch") != epoch
    if settings.database_url:
        schema_name = aside.name.replace("-", "_")
        store = db.open_store(settings)
        with db.reading(store) as connection:
            asked = text(f"SELECT value FROM {schema_name}.meta WHERE key = 'epoch'")
            assert connection.execute(asked).scalar() == epoch
        store.dispose()
    # and once more, of the same backup
    assert bring(settings, backup, force=True).aside != done.aside


@pytest.mark.slow
def test_with_the_key_secrets_come_back_and_cannot_be_read_in_the_file(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    path, key = tmp_path / "b", (settings.folder / "secret.key").read_bytes()
    (settings.folder / "tls").mkdir()
    (settings.folder / "tls" / "ca.key").write_text("PRIVATE")
    (settings.folder / "tls" / "ca.key~").write_text("")
    with pytest.raises(Refused, match="ca.key~: has a name that no certificate has"):
        make(settings, path, "kata sandi", NOW)
    (settings.folder / "tls" / "ca.key~").unlink()
    made = make(settings, path, "kata sandi", NOW)
    assert made.enter_again == ()
    with pytest.raises(Refused, match="passphrase: is not the one of this backup"):
        restore(elsewhere, path, "other", NOW)
    assert not elsewhere.folder.exists()
    restore(elsewhere, path, "kata sandi", NOW)
    assert (elsewhere.folder / "secret.key").read_bytes() == key
    assert (elsewhere.folder / "tls" / "ca.key").read_text() == "PRIVATE"
    assert (elsewhere.folder / "channels.toml").read_text() == CHANNELS
    assert stat.S_IMODE((elsewhere.folder / "secret.key").stat().st_mode) == 0o600


def test_without_the_key_secrets_are_to_be_entered_again(
    settings: Settings, elsewhere: Settings, backup: Path
) -> None:
    done = bring(elsewhere, backup)
    assert done.enter_again == ("channels.toml", "secret.key")
    form = (elsewhere.folder / "channels.toml.enter-again").read_text()
    assert 'kind = "telegram"\ntoken = "enter again"\ndaily_cap = 20\n' in form
    load_secret(elsewhere.folder)
    said = {one.name: one for one in examine(elsewhere, NOW + 200)}
    assert said["secrets"].says == "not in the backup, enter again: channels.toml, secret.key"
    (elsewhere.folder / "secret.key").write_bytes((settings.folder / "secret.key").read_bytes())
    (elsewhere.folder / "channels.toml").write_text(CHANNELS)
    said = {one.name: one for one in examine(elsewhere, NOW + 200)}
    assert "secrets" not in said and said["restored"].fine


def test_who_was_enrolled_since_is_listed_until_enrolled_again(
    elsewhere: Settings, backup: Path
) -> None:
    bring(elsewhere, backup)
    store = db.open_store(elsewhere)
    with db.writing(store) as connection:
        # of the time before, revoked since or not: the centre knows it
        knocked(connection, 1, SITE, NOW + 200)
        assert enrol_again(connection) == []
        knocked(connection, 2, LATER, NOW + 200)
        assert enrol_again(connection) == [LATER]
    said = {one.name: one for one in examine(elsewhere, NOW + 201)}
    assert said["restored"].says.endswith(f"; enrol again: {LATER}")
    assert "ronda sites codes" in said["restored"].do
    with db.writing(store) as connection:
        anew = agents.add_agent(connection, LATER, "b", [], "active", NOW + 300)
        # its beacons must not be mistaken for those of number 2
        assert anew > 100_000
        assert enrol_again(connection) == []
    store.dispose()


def test_a_centre_that_was_never_restored_listens_to_no_strangers(settings: Settings) -> None:
    store = db.open_store(settings)
    with db.writing(store) as connection:
        knocked(connection, 9, LATER, NOW)
        assert enrol_again(connection) == []
        assert agents.add_agent(connection, LATER, "b", [], "active", NOW) == 2
    store.dispose()


def test_the_journal_goes_on_behind_what_either_database_has_seen(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    history = db.open_history(settings)
    row = {"site_row": 1, "hour": 1, "part": 90_000, "group": 0, "count": 1, "payload": b"x"}
    with db.writing(history) as connection:
        connection.execute(insert(schema.blocks).values(**row))
    history.dispose()
    path = tmp_path / "b"
    make(settings, path, None, NOW)
    bring(elsewhere, path)
    writer = FileWriter(elsewhere.journal_folder)
    assert writer.end >= 90_000
    writer.close()


def cut(data: bytes) -> bytes:
    return data[:-7]


def flip(data: bytes) -> bytes:
    return data[:3000] + bytes([data[3000] ^ 1]) + data[3001:]


def foreign(data: bytes) -> bytes:
    return b"PK\x03\x04" + data


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("change", "why"),
    [(cut, "cut off at byte"), (flip, "damaged at byte"), (foreign, "is not a backup of ronda")],
)
@pytest.mark.parametrize("force", [True, False], ids=["over data", "into nothing"])
def test_a_bad_file_is_refused_and_nothing_is_touched(
    settings: Settings,
    elsewhere: Settings,
    backup: Path,
    change: Callable[[bytes], bytes],
    why: str,
    force: bool,
) -> None:
    backup.write_bytes(change(backup.read_bytes()))
    target = settings if force else elsewhere
    before, epoch = everything(settings.folder), meta(settings, "epoch")
    with pytest.raises(Refused, match=why) as refused:
        bring(target, backup, force)
    assert str(refused.value).startswith(f"{backup}: ") and "\n" not in str(refused.value)
    assert not elsewhere.folder.exists()
    assert everything(settings.folder) == before
    assert meta(settings, "epoch") == epoch


def test_a_backup_of_a_newer_version_is_refused(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "b"
    make(settings, path, None, NOW)
    head = dict(db.HEADS)
    db.HEADS["ronda"] = "0001"
    try:
        with pytest.raises(Refused, match=f"made by a newer version .*revision {head['ronda']}"):
            bring(elsewhere, path)
    finally:
        db.HEADS.update(head)
    assert not elsewhere.folder.exists()


def test_the_two_kinds_of_database_are_not_mixed(elsewhere: Settings, backup: Path) -> None:
    url = "" if elsewhere.database_url else "postgresql+psycopg://ronda@127.0.0.1:1/none"
    with pytest.raises(Refused, match="of a centre on .*, this one is on .*: database_url"):
        bring(replace(elsewhere, database_url=url), backup)


@pytest.mark.parametrize("name", ["run/up.lock", "journal/lock"], ids=["up", "one role"])
def test_a_centre_that_runs_is_left_alone(settings: Settings, backup: Path, name: str) -> None:
    path = settings.folder / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="a centre runs on it: stop it first"):
            bring(settings, backup, force=True)


def test_half_a_restore_is_no_centre(settings: Settings, backup: Path) -> None:
    (settings.folder / UNFINISHED).touch()
    with pytest.raises(Refused, match="a restore was cut short here"):
        db.migrate(settings)
    with pytest.raises(Refused, match="a restore was cut short here"):
        bring(settings, backup)
    assert any("cut short" in one.says for one in examine(settings, NOW))
    bring(settings, backup, force=True)
    db.migrate(settings)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    load_secret(settings.folder)
    yield settings


def test_a_backup_never_takes_the_place_of_another_file(small: Settings, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is there already, and is no backup"):
        make(small, small.folder / "ronda.db", None, NOW)
    with pytest.raises(Refused, match="is a folder"):
        make(small, tmp_path, None, NOW)
    with pytest.raises(Refused, match="no folder"):
        make(small, tmp_path / "none" / "b", None, NOW)
    path = tmp_path / "b"
    make(small, path, None, NOW)
    make(small, path, None, NOW)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b", "var"]


def test_a_backup_that_fails_leaves_the_one_before(small: Settings, tmp_path: Path) -> None:
    path = tmp_path / "b"
    make(small, path, None, NOW)
    before = path.read_bytes()
    (small.folder / "history.db").unlink()
    with pytest.raises(Refused, match="history.db: is not there"):
        make(small, path, None, NOW)
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b", "var"]


ODD = ("aturan ké dua.yml", ".hidden", "-dash.yml", "a b/c.yml", "..yml", "désa" * 40)


@pytest.mark.parametrize("name", ODD)
def test_a_file_of_any_plain_name_comes_back(small: Settings, tmp_path: Path, name: str) -> None:
    path = small.folder / "rules" / name
    path.parent.mkdir(parents=True)
    path.write_text("groups: []\n")
    assert make(small, tmp_path / "b", None, NOW).left_out == ()
    there = replace(small, data=str(tmp_path / "there"))
    bring(there, tmp_path / "b")
    assert (there.folder / "rules" / name).read_text() == "groups: []\n"


@pytest.mark.slow
def test_what_cannot_be_carried_is_named(
    small: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = small.folder / "rules"
    rules.mkdir()
    (rules / "link.yml").symlink_to(small.folder / "secret.key")
    (rules / "two\nlines.yml").write_text("")
    Path(os.fsdecode(os.fsencode(rules) + b"/latin-\xe9.yml")).write_text("")
    os.mkfifo(rules / "pipe")
    (rules / "good.yml").write_text("")
    names = ["link.yml", "two\\nlines.yml", "latin-\\udce9.yml", "pipe"]
    told = sorted(f"rules/{name}" for name in names)
    assert sorted(make(small, tmp_path / "b", None, NOW).left_out) == told
    assert ronda.main(["backup", str(tmp_path / "b"), "--data", small.data, "--json"]) == 0
    assert sorted(json.loads(capsys.readouterr().out)["left_out"]) == told
    assert ronda.main(["backup", str(tmp_path / "b"), "--data", small.data]) == 0
    assert "left out, no plain files of this folder: rules/" in capsys.readouterr().out


@for_each(
    ("name", "may"),
    [
        ("rules/own.yml", True),
        ("rules/a b/é.yml", True),
        ("rules", False),
        ("rules/", False),
        ("rules//a", False),
        ("rules/../ronda.db", False),
        ("rules/./a", False),
        ("rules/a\x00b", False),
        ("rules/" + "x" * 256, False),
        ("/rules/a", False),
        ("journal/../x", False),
        ("journal/ x", False),
        ("ronda.db", False),
    ],
)
def test_no_name_in_a_backup_leads_out_of_the_folder(name: str, may: bool) -> None:
    assert contents.is_plain(name) is may


def test_what_a_killed_backup_left_goes_with_the_next(small: Settings, tmp_path: Path) -> None:
    killed, others = tmp_path / f"{aside.PREFIX}killed", tmp_path / ".mine"
    for folder in (killed, others):
        folder.mkdir()
        (folder / "ronda.db").write_text("half of it")
    (tmp_path / f"{aside.PREFIX}link").symlink_to(others)
    with aside.beside(tmp_path / "other") as held:
        make(small, tmp_path / "b", None, NOW)
        assert held.is_dir(), "one that is being made is left alone"
    assert not killed.exists()
    assert (others / "ronda.db").exists()


@pytest.mark.slow
def test_both_commands_say_in_json_what_they_did(
    small: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(PASSPHRASE, "kata sandi")
    path, there = str(tmp_path / "b"), str(tmp_path / "there")
    assert ronda.main(["backup", path, "--with-key", "--data", small.data, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["with_key"], made["enter_again"]) == (True, [])
    assert ronda.main(["restore", path, "--data", there, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == there
    assert ronda.main(["restore", path, "--data", there]) == 2
    assert capsys.readouterr().err == (
        f"ronda: {there}: is not empty; with --force what is in it is moved aside\n"
    )
    monkeypatch.setenv(PASSPHRASE, "")
    assert ronda.main(["restore", path, "--data", there, "--force"]) == 2
    assert capsys.readouterr().err == "ronda: passphrase: is empty\n"


def test_a_new_authority_is_not_the_one_that_agents_trust(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    for folder, words in ((settings.folder, "old"), (elsewhere.folder, "new")):
        if folder == elsewhere.folder:
            make(settings, tmp_path / "b", None, NOW)
            bring(elsewhere, tmp_path / "b")
        (folder / "tls").mkdir()
        (folder / "tls" / "ca.pem").write_text(words)
    said = {one.name: one.says for one in examine(elsewhere, NOW + 200)}
    assert said["secrets"].endswith("enter again: channels.toml, secret.key, tls/ca.pem")


@pytest.mark.slow
def test_a_database_that_others_use_is_left_alone(
    tmp_path: Path, new_postgres: Callable[[], str]
) -> None:
    used = Settings(data=str(tmp_path / "var"), database_url=new_postgres())
    make(used, tmp_path / "b", None, NOW)
    there = replace(used, data=str(tmp_path / "there"))
    store = db.open_store(there)
    with store.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(Refused, match="1 others are connected: stop the centre first"):
            bring(there, tmp_path / "b", force=True)
    store.dispose()
    assert bring(there, tmp_path / "b", force=True).aside


def test_a_demo_that_came_back_elsewhere_is_still_a_demo(
    settings: Settings, tmp_path: Path
) -> None:
    store = db.open_store(settings)
    with db.writing(store) as connection:
        mark.write(connection, mark.Book(NOW, [], NOW))
    store.dispose()
    mark.sign(settings.folder)
    path = tmp_path / "demo.backup"
    make(settings, path, None, NOW)
    elsewhere = replace(settings, data=str(tmp_path / "elsewhere"))
    restore(elsewhere, path, None, NOW, force=True)
    assert elsewhere.demo
    assert [line.kind for line in load(elsewhere)] == ["kept"], "it tells nobody"
    with pytest.raises(Refused, match="LATIHAN"):
        mark.claim(elsewhere, wanted=False)
    assert mark.claim(elsewhere, wanted=True).demo


def test_a_run_that_waited_when_the_backup_was_made_never_begins(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    store = db.open_store(settings)
    hosts = [("35.10.01.2001", "waiting"), ("35.10.01.2002", "running")]
    with db.writing(store) as connection:
        run = {"id": 1, "playbook": "x", "digest": "", "level": "green", "changes": True}
        about = {"by": "siti", "asked_at": 1.0, "state": "running", "box": b"sealed"}
        connection.execute(insert(schema.runs).values(**run, **about))
        for place, (site, state) in enumerate(hosts):
            row = {"run": 1, "site": site, "device": "pc", "place": place, "state": state}
            connection.execute(insert(schema.run_hosts).values(row))
    renewal.renew(store, {"made_at": 1.0, "key": "", "ca": "", "enter_again": []}, 2.0)
    with db.reading(store) as connection:
        [row] = connection.execute(select(schema.runs.c.state, schema.runs.c.box))
        states = set(connection.execute(select(schema.run_hosts.c.state)).scalars())
    assert tuple(row) == ("stopped", None) and states == {"skipped", "running"}
    store.dispose()


@pytest.mark.slow
def test_configurations_of_devices_come_back_and_open_with_the_key(
    small: Settings, tmp_path: Path
) -> None:
    folder = archive_boxes.folder_of(small, SITE)
    archive_boxes.write(small, folder / "router-a-20261129T010000Z", b"/ip address")
    (folder / ".router-a-20261129T020000Z.part").write_bytes(b"half")
    # kept before they were sealed: a backup may go where nobody should read it
    (folder / "router-a-20260101T010000Z").write_bytes(b"password=open")
    made = make(small, tmp_path / "b", "kata sandi", NOW)
    assert made.left_out == (f"archives/{SITE}/router-a-20260101T010000Z",)
    assert b"password=open" not in (tmp_path / "b").read_bytes()
    there = replace(small, data=str(tmp_path / "there"))
    restore(there, tmp_path / "b", "kata sandi", NOW)
    (path,) = archive_boxes.folder_of(there, SITE).iterdir()
    assert archive_boxes.opened(there, path) == b"/ip address"


def test_an_archive_that_goes_meanwhile_stops_no_backup(small: Settings, tmp_path: Path) -> None:
    folder = archive_boxes.folder_of(small, SITE)
    for day in (1, 2):
        archive_boxes.write(small, folder / f"router-a-2026110{day}T010000Z", b"/ip address")
    listed = contents.plain(small.folder)
    name, path = next(listed)
    path.unlink()
    file = (tmp_path / "b").open("wb+")
    with file:
        backup = PieceWriter(file, {})
        put_files(backup, chain([(name, path)], listed))
    assert backup.members == [f"archives/{SITE}/router-a-20261102T010000Z"]
