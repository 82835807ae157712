"""What lies in a backup under a passphrase stays there, and comes out only as it was put in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.strict import Refused
from collector.backup.envelope import Sealer, is_closed, opened

pytestmark = pytest.mark.usefixtures("quick_keys")

WORDS = "kentongan tengah malam"
PART = (1 << 20) + 16


def closed(path: Path, data: bytes, step: int = 1 << 20) -> Path:
    with path.open("wb") as file:
        sealer = Sealer(file, WORDS)
        for start in range(0, len(data), step):
            sealer.write(data[start : start + step])
        sealer.finish()
    return path


def content(path: Path, passphrase: str | None = WORDS) -> bytes:
    with opened(path, passphrase) as file:
        return file.read()


@pytest.mark.slow
@pytest.mark.parametrize(
    "size",
    [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20],
    ids=["nothing", "a byte", "less than a part", "a part", "more than a part", "three parts"],
)
def test_what_was_put_in_comes_out(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    path = closed(tmp_path / "b", data, step=700_001)
    assert is_closed(path)
    assert content(path) == data


@pytest.mark.slow
def test_nothing_can_be_read_without_the_passphrase(tmp_path: Path) -> None:
    text = b"desa Sumberagung 081234567890 " * 1000
    written = closed(tmp_path / "b", text).read_bytes()
    assert b"Sumberagung" not in written
    assert written != closed(tmp_path / "c", text).read_bytes(), "every file has a key of its own"
    for given in (None, "another", ""):
        with pytest.raises(Refused, match="passphrase"):
            content(tmp_path / "b", given)


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm",
    [
        lambda d: d[:-1],
        lambda d: d[: len(d) - PART],
        lambda d: d + b"x",
        lambda d: d[:-PART] + d[-PART:][::-1],
        lambda d: d[: -2 * PART] + d[-PART:] + d[-2 * PART : -PART],
        lambda d: d[:30] + bytes([d[30] ^ 1]) + d[31:],
        lambda d: d[:22],
        lambda d: d[:38],
    ],
    ids=[
        "a byte short",
        "a part short",
        "a byte more",
        "another last part",
        "parts changed places",
        "another salt",
        "no salt",
        "no parts",
    ],
)
def test_what_was_changed_does_not_open(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = closed(tmp_path / "b", bytes(3 << 20))
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(Refused, match="damaged"):
        content(path)


def test_a_newer_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(b"ronda backup sealed 2\n" + bytes(100))
    with pytest.raises(Refused, match="newer version"):
        content(path)
