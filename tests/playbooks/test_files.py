"""Only files of the centre itself reach a device, and a plan says which, how large, and what they
would change."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from agent.strict import Refused
from collector.settings import Settings
from playbooks import agent_file, archives, asking, differences, files, marks
from playbooks.model import AGENT, Platform
from playbooks.session import MOST_FILE
from tests.playbooks.books import books
from tests.playbooks.fakes import HOST
from tests.playbooks.test_archives import work

RESTORE, UPDATE = books()["pulihkan-konfigurasi"], books()["perbarui-agen"]
OLD, NEW = 1_795_000_000.0, 1_795_086_400.0
NAME = "router+cadangkan-konfigurasi-20261118T110640Z"


def packed(**texts: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in texts.items():
            entry = tarfile.TarInfo(f"etc/config/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    before = packed(network="a\nb\n", wireless="option key 'lama'\n", gone="x\n")
    archives.keep(made, lambda: OLD, work(), before)
    archives.keep(
        made, lambda: NEW, work(), packed(network="a\nc\n", wireless="option key 'baru'\n")
    )
    archives.keep(made, lambda: NEW, work(replace(HOST, device="other")), packed(network="z\n"))
    return made


def test_a_plan_says_what_is_sent_and_what_it_would_change(settings: Settings) -> None:
    values = {"archive": NAME, "part": "network"}
    loads = files.loads(settings, HOST, RESTORE, values)
    whole = asking.planned(settings, RESTORE, HOST, values, loads, run=7)
    (shown,) = [step.shown for step in whole.steps if step.shown.startswith("put ")]
    assert shown.startswith(f"put archive {NAME} (") and shown.endswith("/7/kept.tgz")
    assert "bytes, sha256 " in shown
    assert whole.notes[1:] == (
        "+ etc/config/gone",
        "~ etc/config/network",
        "    -c",
        "    +b",
        "~ etc/config/wireless",
    )
    assert "lama" not in repr(whole) and "baru" not in repr(whole)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("other+cadangkan-konfigurasi-20261119T110640Z", "is none of this device; the newest is"),
        ("router+kumpulkan-bukti-20261118T110640Z", "is none of this device"),
        ("../../secret.key", "is none of this device"),
    ],
)
def test_an_archive_of_anything_else_is_refused(settings: Settings, name: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        files.load(settings, HOST, name)


def test_a_device_of_which_nothing_is_kept_says_so(settings: Settings) -> None:
    with pytest.raises(Refused, match="run cadangkan-konfigurasi first"):
        files.load(settings, replace(HOST, device="new"), NAME)


def test_an_archive_that_was_tampered_with_is_not_sent(settings: Settings) -> None:
    path = next(p for p in archives.kept(settings, HOST.site) if p.name == NAME)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(Refused, match="cannot be opened by this centre"):
        files.load(settings, HOST, NAME)


def test_one_that_is_too_large_is_refused_before_anything_runs(settings: Settings) -> None:
    big = replace(HOST, device="big")
    archives.keep(settings, lambda: OLD, work(big), b"\0" * (MOST_FILE + 1))
    with pytest.raises(Refused, match="larger than 10485760 bytes"):
        files.load(settings, big, NAME.replace("router", "big"))


def test_a_run_keeps_to_the_agent_it_was_planned_with(settings: Settings, tmp_path: Path) -> None:
    digests = []
    for number in range(2):
        file = tmp_path / agent_file.NAME
        file.write_bytes(agent_file.built() + b"\n" * number)
        signature, public = agent_file.signed(file.read_bytes(), tmp_path / "key.pem")
        Path(f"{file}.sig").write_bytes(signature)
        (tmp_path / "key.pub").write_bytes(public)
        agent_file.take(settings.folder, file, tmp_path / "key.pub")
        digests.append(marks.digest(UPDATE, files.fixed(settings, UPDATE)))
    assert digests[0] != digests[1]
    assert files.fixed(settings, RESTORE) == ""
    mini = replace(HOST, platform=Platform.DEBIAN)
    assert files.load(settings, mini, AGENT).told.startswith("agent 0.1.0 (")


def test_differences_are_bounded_and_what_is_no_archive_is_empty() -> None:
    many = packed(**{f"f{number}": "a\n" for number in range(300)})
    told = list(differences.told(packed(), many))
    assert len(told) == differences.MOST_LINES + 1 and told[-1] == "(100 lines more)"
    assert list(differences.told(many, many)) == ["nothing differs"]
    assert list(differences.told(b"no archive", many[: len(many) // 2]))
    assert differences.files(b"") == {}
