"""Configurations that were kept: which there are, what changed from day to day, the file itself."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.settings import Settings
from tests.web.conftest import SITE, Visitor
from tests.web.playbooks.conftest import Field
from tests.web.test_pages import text_of
from web.playbooks.archive_pages import compared

HERE = f"/playbooks/archives/{SITE}"
STEM = "router-cadangkan-konfigurasi"
OLD, NEW = f"{STEM}-20261121T180000Z", f"{STEM}-20261122T180000Z"


@pytest.fixture
def kept(settings: Settings, field: Field) -> Path:
    folder = settings.folder / "archives" / SITE
    folder.mkdir(parents=True)
    (folder / OLD).write_bytes(b"set dns=1.1.1.1\nset ntp=on\n")
    (folder / NEW).write_bytes(b"set dns=<9.9.9.9>\nset ntp=on\n")
    (folder / f"{STEM}-notes").write_bytes(b"not ours")
    (folder / "server-cadangkan-20261122T180000Z").write_bytes(b"\x1f\x8b\0\0")
    return folder


def test_they_are_listed_by_device_the_newest_first(
    kept: Path, signed_in: Callable[..., Visitor]
) -> None:
    text = text_of(signed_in("technician").page(HERE))
    assert text.index("23 Nov 01.00 WIB") < text.index("22 Nov 01.00 WIB")
    assert "router-cadangkan-konfigurasi 2" in text and "server-cadangkan 1" in text
    assert "notes" not in text


def test_what_changed_since_the_day_before_is_shown(
    kept: Path, signed_in: Callable[..., Visitor]
) -> None:
    page = signed_in("noc").page(f"{HERE}?to={NEW}")
    text = text_of(page)
    assert "- set dns=1.1.1.1 + set dns=&lt;9.9.9.9&gt;" in text
    assert "2 baris berbeda" in text and "22 Nov 01.00 - 23 Nov 01.00 WIB" in text


def test_any_two_can_be_compared(kept: Path, signed_in: Callable[..., Visitor]) -> None:
    text = text_of(signed_in("noc").page(f"{HERE}?from={NEW}&to={OLD}"))
    assert "+ set dns=1.1.1.1" in text


def test_the_first_one_has_none_before_it(kept: Path, signed_in: Callable[..., Visitor]) -> None:
    assert "Tidak ada yang lebih lama" in signed_in("noc").page(f"{HERE}?to={OLD}")


def test_a_file_is_taken_away_as_it_is(kept: Path, signed_in: Callable[..., Visitor]) -> None:
    answer = signed_in("technician", ["35.10.06"]).get(f"{HERE}/{NEW}")
    assert answer.data == (kept / NEW).read_bytes()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{NEW}"'


def test_a_village_sees_that_they_are_kept_and_no_more(
    kept: Path, signed_in: Callable[..., Visitor]
) -> None:
    page = signed_in("village", [SITE]).page(HERE)
    assert STEM in page and NEW not in page


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"etc/config/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def test_packed_folders_are_compared_file_by_file_and_their_secrets_hidden(
    kept: Path, signed_in: Callable[..., Visitor]
) -> None:
    old = packed(network="proto dhcp\n", wireless="option key 'lama'\n", gone="x\n")
    new = packed(network="proto static\n", wireless="option key 'baru'\n", fresh="y\n")
    (kept / "pc+cadangkan-20261121T180000Z").write_bytes(old)
    (kept / "pc+cadangkan-20261122T180000Z").write_bytes(new)
    text = text_of(signed_in("noc").page(f"{HERE}?to=pc%2Bcadangkan-20261122T180000Z"))
    assert "etc/config/network - proto dhcp + proto static" in text
    assert "+ etc/config/fresh" in text and "- etc/config/gone" in text
    assert "4 baris berbeda" in text and "lama" not in text.partition("baris")[2][:200]
    assert compared(old, new).lines[0] == ("+", "etc/config/fresh")
    assert "baru'" not in str(compared(old, new)) and "lama'" not in str(compared(old, new))


PAIRS = [
    pytest.param(packed(a="x"), packed(a="x") + b"\0", "", 0, id="packed, the same inside"),
    pytest.param(packed(a="x\n"), packed(a="y\n"), "", 2, id="packed, another line"),
    pytest.param(b"a\n", b"a\n", "", 0, id="the same"),
    pytest.param(b"a\n", b"b\n", "", 2, id="another line"),
    pytest.param(b"\xff\xfe", b"a", "binary", 0, id="no text"),
    pytest.param(b"a", b"a\0b", "binary", 0, id="zeros"),
    pytest.param(b"a", b"a" * (1 << 20) + b"b", "large", 0, id="too long"),
    pytest.param(b"a", b"a\n" * 9000, "large", 0, id="too many lines"),
]


@pytest.mark.parametrize(("old", "new", "why_not", "changed"), PAIRS)
def test_two_archives_are_compared(old: bytes, new: bytes, why_not: str, changed: int) -> None:
    found = compared(old, new)
    assert (found.why_not, found.changed) == (why_not, changed)
