"""The centre's secret: made once, whoever is first, and never quietly replaced."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent.strict import Refused
from collector.secret import derive, load_secret

ROOT = Path(__file__).parent.parent.parent


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    first = load_secret(folder)
    assert len(first) == 32 and load_secret(folder) == first
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["secret.key"]


@pytest.mark.slow
def test_processes_that_race_at_the_first_start_agree(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from collector.secret import load_secret\n"
        "sys.stdin.read(); print(load_secret(Path(sys.argv[1])).hex())"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "var")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
    said = set()
    for racer in racers:
        assert racer.stdout is not None
        said.add(racer.stdout.read().strip())
        racer.stdout.close()
        assert racer.wait(timeout=30) == 0
    assert said == {load_secret(tmp_path / "var").hex()}


def test_a_damaged_secret_is_refused_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(Refused) as refused:
        load_secret(tmp_path)
    expected = f"{tmp_path}/secret.key: expected 32 bytes, found 5; restore it"
    assert str(refused.value) == expected
    assert (tmp_path / "secret.key").read_bytes() == b"short"


def test_derived_keys_tell_their_parts_apart() -> None:
    secret = bytes(32)
    keys = [
        derive(secret, "ab", "c"),
        derive(secret, "a", "bc"),
        derive(secret, "abc"),
        derive(secret, "abc", ""),
        derive(secret, 7, "abc"),
        derive(bytes(31) + b"1", "abc"),
    ]
    assert len(set(keys)) == len(keys) and {len(key) for key in keys} == {32}
    assert derive(secret, "7", b"abc") == derive(secret, 7, "abc")


def test_a_derived_key_is_the_same_on_every_machine() -> None:
    expected = "7eb7af96"
    assert derive(bytes(range(32)), 12, 1, "beacon").hex()[:8] == expected
