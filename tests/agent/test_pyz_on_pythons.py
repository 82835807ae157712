"""The single file on every Python that this machine has: Debian's always, others as they are there.

Without site-packages, environment or user folder (`-I -S`), as the service runs it; an older Python
gets one sentence. `RONDA_PYTHONS` names more interpreters, with colons.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from agent import __version__
from agent.identity import Home, Identity
from playbooks import agent_file
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.servers import Authority

pytestmark = pytest.mark.slow
DEBIAN = "/usr/bin/python3"
NEEDED = (3, 11)


@cache
def pythons() -> dict[str, tuple[int, int]]:
    """Interpreters and their versions; Debian's under its own name."""
    named = [Path(name) for name in os.environ.get("RONDA_PYTHONS", "").split(":") if name]
    own = Path.home().glob(".pyenv/versions/*/bin/python")
    system = Path("/usr/bin").glob("python3.[0-9]*")
    found = {DEBIAN: version(DEBIAN)}
    for path in [*named, *sorted(own), *sorted(system)]:
        if re.fullmatch(r"python[\d.]*", path.name) and path.resolve() not in resolved(found):
            found[str(path)] = version(str(path))
    return found


def resolved(names: Iterator[str] | dict[str, tuple[int, int]]) -> set[Path]:
    return {Path(name).resolve() for name in names}


def version(python: str) -> tuple[int, int]:
    words = "import sys; print('%d %d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", words], capture_output=True, text=True, timeout=20)
    major, minor = done.stdout.split()
    return int(major), int(minor)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyz") / agent_file.NAME
    path.write_bytes(agent_file.built())
    return path


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[tuple[FakeCollector, str]]:
    """One that speaks TLS, and its CA."""
    authority = Authority()
    with collector(authority.context(tmp_path)) as fake:
        yield fake, authority.pem


def test_debians_own_is_one_that_it_needs() -> None:
    assert pythons()[DEBIAN] >= NEEDED


def test_it_enrols_and_reports_over_tls_on_each_that_is_new_enough(
    file: Path, centre: tuple[FakeCollector, str], tmp_path: Path
) -> None:
    fake, ca = centre
    fake.config = {"report_every_s": 1, "checks": [{"name": "host", "kind": "host"}]}
    fit = [name for name, found in pythons().items() if found >= NEEDED]
    for at, python in enumerate(fit):
        home = Home(str(tmp_path / str(at)))
        home.make()
        home.keep_identity(Identity(url=fake.url, agent="7", token="token-1", ca=ca))
        home.keep_config(fake.config, fake.etag)
        around = {"PATH": "/usr/bin:/bin", "RONDA_AGENT_DATA": home.folder}
        words = [python, "-I", "-S", str(file)]
        done = subprocess.run(
            [*words, "--version"], capture_output=True, text=True, env=around, cwd="/", timeout=60
        )
        assert (done.stdout, done.stderr) == (f"{__version__}\n", ""), python
        seen = len(fake.reports)
        running = subprocess.Popen(
            [*words, "run"], env=around, cwd="/", stderr=subprocess.PIPE, text=True
        )
        try:
            # each reads all of the file anew, a machine at work takes its time for it
            fake.wait_for(reports=seen + 2, limit_s=60)
        finally:
            running.terminate()
            _, said = running.communicate(timeout=20)
        assert (running.returncode, said) == (0, ""), python


def test_an_older_one_is_told_in_one_sentence(file: Path) -> None:
    for python, found in pythons().items():
        if found < NEEDED:
            words = [python, str(file), "once"]
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1 and "perlu Python 3.11" in done.stderr, done.stderr
