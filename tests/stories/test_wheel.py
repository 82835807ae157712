"""The built wheel in empty environments: the agent without any extra, the centre with one."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.stories.centre import ask, free_port, wait_for
from tests.stories.wheel import ROOT, built, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


def installed(folder: Path, what: str) -> Path:
    """The bin folder of a new environment that holds `what` and nothing of this checkout."""
    venv.create(folder)
    constraints = ROOT / "constraints.txt"
    pip(folder / "bin", "install", "--quiet", "-c", str(constraints), what)
    return folder / "bin"


def pip(binaries: Path, *words: str) -> str:
    """What this checkout's pip, which no environment has to unpack first, does to another one."""
    return run([sys.executable, "-m", "pip", "--python", str(binaries / "python"), *words])


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and no extra."""
    return installed(tmp_path_factory.mktemp("bare") / "env", str(wheel))


def test_the_agent_needs_nothing_but_the_wheel(bare: Path, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "RONDA_AGENT_DATA": str(tmp_path / "agent")}
    table = run([str(bare / "ronda-agent"), "once"], cwd=tmp_path, **home)
    assert "ronda_host_load1" in table
    found = run([str(bare / "ronda-agent"), "once", "--json"], cwd=tmp_path, **home)
    assert json.loads(found)
    packages = pip(bare, "list", "--format", "freeze").split()
    assert {line.partition("==")[0] for line in packages} <= {"pip", "ronda", "setuptools", "wheel"}


def test_without_its_extra_the_centre_says_what_to_install(bare: Path) -> None:
    done = subprocess.run([str(bare / "ronda"), "up"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'ronda[collector]'" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.soak
def test_the_centre_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    binaries = installed(tmp_path / "env", f"{wheel}[collector]")
    console = f"127.0.0.1:{free_port()}"
    command = [str(binaries / "ronda"), "up", "--data", str(tmp_path / "var")]
    command += ["--console", console, "--ingest", f"127.0.0.1:{free_port()}"]
    with (tmp_path / "log").open("wb") as log:
        centre = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_for("ready", lambda: "ready http" in (tmp_path / "log").read_text(), 60)
        assert ask("GET", f"http://{console}/healthz")[0] == 200
    finally:
        centre.terminate()
        assert centre.wait(20) == 0


def test_the_wheel_has_the_rules(wheel: Path) -> None:
    rules = {f"alerts/rules/{path.name}" for path in (ROOT / "alerts" / "rules").glob("*.yml")}
    assert rules and rules <= set(zipfile.ZipFile(wheel).namelist())
