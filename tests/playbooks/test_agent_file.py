"""The agent as one file: the same bytes of the same tree, for a bare Python, signed."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import ronda
from agent import __version__
from agent.knows import vocabulary
from agent.strict import Refused
from playbooks import agent_file

# Debian's own, without site-packages, this folder or the environment
PYTHON = ("/usr/bin/python3", "-I", "-S")
HOME = Path(agent_file.__file__).parents[1] / "agent"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with what `make agent` leaves."""
    folder = tmp_path_factory.mktemp("dist")
    words = ["playbooks", "agent", "--make", str(folder), "--key", str(folder / "key.pem")]
    assert ronda.main(words) == 0
    yield folder


def run(made: Path, *words: str, data: Path | None = None) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": "/usr/bin:/bin", "RONDA_AGENT_DATA": str(data or made / "none")}
    return subprocess.run(
        [*PYTHON, str(made / agent_file.NAME), *words],
        capture_output=True,
        text=True,
        timeout=30,
        env=env,
        cwd="/",
    )


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "agent"
    shutil.copytree(HOME, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for place in copy.rglob("*"):
        os.utime(place, (1, 1))
        place.chmod(0o755 if place.is_dir() else 0o600)
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "cli.cpython-311.pyc").write_bytes(b"\0")
    assert agent_file.built(copy) == agent_file.built()


def test_all_of_the_agent_is_in_it_and_nothing_else(made: Path) -> None:
    with zipfile.ZipFile(made / agent_file.NAME) as file:
        names = file.namelist()
    assert names == sorted(names)
    own = {f"agent/{p.relative_to(HOME)}" for p in HOME.rglob("*") if p.suffix in (".py", ".toml")}
    own |= {"agent/knows.txt", "agent/setup/ronda-agent.service", "__main__.py"}
    assert set(names) == own


@pytest.mark.slow
def test_it_says_its_version_and_what_it_knows(made: Path) -> None:
    done = run(made, "--version")
    assert (done.stdout, done.returncode) == (f"{__version__}\n", 0), done.stderr
    code = (
        f"import sys; sys.path.insert(0, {str(made / agent_file.NAME)!r}); "
        "from agent.knows import vocabulary; import json; from importlib.resources import files; "
        "names = [one.name for one in files('agent.probes.snmp').iterdir()]; "
        "print(json.dumps([vocabulary(), 'mikrotik.toml' in names]))"
    )
    done = subprocess.run(
        [*PYTHON, "-c", code], capture_output=True, text=True, cwd="/", timeout=60
    )
    assert json.loads(done.stdout) == [vocabulary(), True], done.stderr


@pytest.mark.slow
def test_it_probes(made: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = run(made, "probe", "tcp", "--host", "127.0.0.1", "--port", port)
    assert done.returncode == 0 and "good" in done.stdout, done.stderr
    done = run(made, "enrol", f"http://127.0.0.1:{port}", "ABCDE", "--wait", "0.1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "refuses the connection" in done.stderr


@pytest.mark.slow
def test_it_runs_in_its_leaner_interpreter(made: Path, tmp_path: Path) -> None:
    config = tmp_path / "a.toml"
    config.write_text("nonsense = 1\n")
    done = run(made, "run", "--config", str(config), data=tmp_path / "data")
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1 and "not enrolled" in done.stderr


def test_what_was_made_is_signed_so_that_anybody_can_look(made: Path) -> None:
    told = (made / f"{agent_file.NAME}.sha256").read_text()
    data = (made / agent_file.NAME).read_bytes()
    assert told == f"{hashlib.sha256(data).hexdigest()}  {agent_file.NAME}\n"
    name = str(made / agent_file.NAME)
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(made / "ronda-agent.pub")]
    words += ["-rawin", "-in", name, "-sigfile", f"{name}.sig"]
    assert subprocess.run(words, capture_output=True, timeout=60).returncode == 0
    assert (made / "key.pem").stat().st_mode & 0o777 == 0o600
    again = agent_file.signed(data, made / "key.pem")
    assert again == (Path(f"{name}.sig").read_bytes(), (made / "ronda-agent.pub").read_bytes())


def test_a_centre_takes_in_what_the_trusted_key_signed_and_nothing_else(
    made: Path, tmp_path: Path
) -> None:
    centre, file = tmp_path / "var", made / agent_file.NAME
    with pytest.raises(Refused, match="none was taken in"):
        agent_file.taken(centre)
    with pytest.raises(Refused, match="no key is trusted yet"):
        agent_file.take(centre, file, None)
    words = ["playbooks", "agent", "--data", str(centre), "--take", str(file)]
    assert ronda.main([*words, "--signer", str(made / "ronda-agent.pub")]) == 0
    assert agent_file.taken(centre) == file.read_bytes()
    other = tmp_path / agent_file.NAME
    other.write_bytes(file.read_bytes() + b"\n")
    signature, _ = agent_file.signed(other.read_bytes(), tmp_path / "other.pem")
    Path(f"{other}.sig").write_bytes(signature)
    with pytest.raises(Refused, match="is not signed by the key of this centre"):
        agent_file.take(centre, other, None)
    assert agent_file.taken(centre) == file.read_bytes()


def test_one_that_was_changed_at_the_centre_is_not_sent(made: Path, tmp_path: Path) -> None:
    agent_file.take(tmp_path, made / agent_file.NAME, made / "ronda-agent.pub")
    place = tmp_path / "agent" / agent_file.NAME
    data = bytearray(place.read_bytes())
    data[5000] ^= 1
    place.write_bytes(data)
    with pytest.raises(Refused, match="is not signed"):
        agent_file.taken(tmp_path)


@pytest.mark.parametrize("data", [b"", b"PK\5\6" + b"\0" * 18, b"#!/bin/sh\n"])
def test_what_is_no_agent_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="is no agent as one file"):
        agent_file.release(data)


@pytest.mark.parametrize("text", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n", "ssh-ed25519 AAAA"])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is no public key in PEM"):
        agent_file.check(b"", b"", text.encode())
