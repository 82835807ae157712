"""Archives lie sealed: the folder alone opens nothing, and an export has no secrets even opened."""

from dataclasses import replace
from pathlib import Path

import pytest

from collector import archive_boxes
from collector.settings import Settings
from playbooks import archives
from playbooks.hosts import Host
from playbooks.model import Level, Platform, Playbook, Recipe
from playbooks.plan import plan
from playbooks.runner import Work
from tests.playbooks.fakes import HOST

SITE, NAME = HOST.site, "cadangkan-konfigurasi"
SECRET = b"option key 'sangat-rahasia'\n" * 100


def work(host: Host = HOST) -> Work:
    recipes = {platform: Recipe() for platform in Platform}
    book = Playbook(NAME, {}, Level.GREEN, "a.yml", recipes, changes=False)
    return Work(7, NAME, host, plan(book, host.platform, {}), {})


def kept(settings: Settings, data: bytes, now: float = 1_795_000_000.0, host: Host = HOST) -> Path:
    archives.keep(settings, lambda: now, work(host), data)
    return archives.kept(settings, host.site)[-1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "var"))


def test_an_archive_is_opened_by_its_centre_and_by_nobody_else(
    settings: Settings, tmp_path: Path
) -> None:
    path = kept(settings, SECRET)
    assert b"rahasia" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert archives.opened(settings, path) == SECRET
    assert archives.read(settings, SITE, path.name) == SECRET
    other = Settings(data=str(tmp_path / "other"))
    assert archives.opened(other, path) is None


def test_an_archive_of_another_place_or_name_is_none(settings: Settings) -> None:
    path = kept(settings, SECRET)
    moved = path.with_name(path.name.replace("router", "office"))
    moved.write_bytes(path.read_bytes())
    assert archives.opened(settings, moved) is None
    path.write_bytes(path.read_bytes()[:-1])
    assert archives.opened(settings, path) is None


def test_what_is_told_of_one_is_of_what_is_in_it(settings: Settings) -> None:
    told = archives.keep(settings, lambda: 1_795_000_000.0, work(), SECRET)
    assert told.startswith(f"router+{NAME}-20261118T") and f"{len(SECRET)} bytes" in told
    (one,) = archives.listed(settings, SITE)
    assert (one.of, one.at, one.size) == (f"router+{NAME}", 1_795_000_000.0, len(SECRET))


def test_one_that_was_kept_before_they_were_sealed_stays_readable(settings: Settings) -> None:
    folder = archive_boxes.folder_of(settings, SITE)
    folder.mkdir(parents=True)
    (folder / f"router-{NAME}-20260101T000000Z").write_bytes(b"plain")
    (one,) = archives.listed(settings, SITE)
    assert (archives.read(settings, SITE, one.name), one.size) == (b"plain", 5)


def test_only_so_many_are_kept(settings: Settings) -> None:
    for number in range(archives.MOST_KEPT + 3):
        kept(settings, b"a", 1_795_000_000.0 + 86400 * number)
    found = archives.listed(settings, SITE)
    assert len(found) == archives.MOST_KEPT
    assert found[-1].at == 1_795_000_000.0 + 86400 * 3


def test_none_is_read_from_elsewhere(settings: Settings) -> None:
    kept(settings, b"a")
    assert archives.read(settings, SITE, "../../secret.key") is None
    assert archives.read(settings, SITE, "") is None


def test_an_export_is_freed_of_secrets_and_a_packed_archive_stays_as_it_is(
    settings: Settings,
) -> None:
    router = replace(HOST, device="rb", platform=Platform.ROUTEROS)
    export = b'/ppp secret\r\nadd name=a password="x y"\r\n\xff'
    path = kept(settings, export, host=router)
    assert archives.opened(settings, path) == b"/ppp secret\r\nadd name=a password=********\r\n\xff"
    packed = b'\x1f\x8bpassword="x y"'
    assert archives.opened(settings, kept(settings, packed)) == packed


def test_two_of_one_second_are_both_kept(settings: Settings) -> None:
    first, second = kept(settings, b"a"), kept(settings, b"b")
    assert first != second
    assert [archives.opened(settings, path) for path in (first, second)] == [b"a", b"b"]


@pytest.mark.slow
def test_a_device_takes_nothing_of_another_with_a_name_like_its_own(settings: Settings) -> None:
    """`a` and `b-c`, `a-b` and `c`; and one whose name goes on where the other's ends."""
    twin = replace(HOST, device=f"router-{NAME}-x")
    for number in range(archives.MOST_KEPT + 3):
        kept(settings, b"twin", 1_795_000_000.0 + number, twin)
        kept(settings, b"mine", 1_795_000_000.5 + number)
    found = archives.listed(settings, SITE)
    series = [one.of for one in found]
    assert series.count(f"router+{NAME}") == series.count(f"{twin.device}+{NAME}") == 60
    assert archives.of("a", "b-c")[0] != archives.of("a-b", "c")[0]


def test_what_a_killed_centre_left_goes_with_a_later_one(settings: Settings) -> None:
    path = kept(settings, b"a")
    left = path.with_name(".3.router.part")
    left.write_bytes(b"half")
    kept(settings, b"b", left.stat().st_mtime + 90_000)
    assert not left.exists()
