"""The units of deploy/systemd: systemd understands them, and what they expose stays bounded."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import make_url

from agent.setup import place
from collector.settings import load

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy" / "systemd"
CLUSTER = ROOT / "deploy" / "cluster"
AGENT = FOLDER / "ronda-agent.service"
PROGRAMS = ("usr/bin/python3", "opt/ronda/bin/ronda", "usr/sbin/nats-server", "bin/kill")
# what `systemd-analyze security` makes of them, 0 best, 10 worst, with a little room
MOST_EXPOSED = {
    FOLDER / "ronda-agent.service": 2.5,
    FOLDER / "ronda@.service": 2.0,
    CLUSTER / "nats-server.service": 2.0,
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the units and the programs that they start."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(FOLDER, root / "etc/systemd/system")
    shutil.copy(CLUSTER / "nats-server.service", root / "etc/systemd/system")
    for name in PROGRAMS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("#!/bin/sh\n")
        (root / name).chmod(0o755)
    return root


@pytest.mark.parametrize(
    "unit",
    [
        "ronda-agent.service",
        "nats-server.service",
        "ronda.target",
        *(f"ronda@{r}.service" for r in ("ingest", "engine", "web")),
    ],
)
def test_systemd_understands_the_unit_without_a_word(installed: Path, unit: str) -> None:
    words = ["systemd-analyze", "verify", f"--root={installed}", "--recursive-errors=no"]
    done = subprocess.run(
        [*words, f"/etc/systemd/system/{unit}"], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_unit_that_says_nonsense_would_be_seen(installed: Path) -> None:
    wrong = installed / "etc/systemd/system/wrong.service"
    wrong.write_text(AGENT.read_text().replace("PrivateTmp=yes", "PrivateTpm=yes"))
    words = [
        "systemd-analyze",
        "verify",
        f"--root={installed}",
        "/etc/systemd/system/wrong.service",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    wrong.unlink()
    assert "PrivateTpm" in done.stderr


@pytest.mark.parametrize("unit", MOST_EXPOSED, ids=lambda unit: unit.name)
def test_what_a_unit_exposes_is_little(unit: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= MOST_EXPOSED[unit]


def test_the_agents_unit_is_what_install_writes_and_playbooks_look_for() -> None:
    unit = AGENT.read_text()
    assert AGENT.resolve() == ROOT / "agent/setup/ronda-agent.service"
    assert f"\nExecStart={place.PYTHON} -I -S {place.FILE} run\n" in unit
    assert f"\nUser={place.USER}\n" in unit
    assert f"\nEnvironment=RONDA_AGENT_DATA={place.DATA}\n" in unit
    assert f"/var/lib/{settings(unit)['StateDirectory']}" == place.DATA


def test_the_agent_may_ping_and_nothing_more() -> None:
    told = settings(AGENT.read_text())
    assert told["AmbientCapabilities"] == told["CapabilityBoundingSet"] == "CAP_NET_RAW"
    # ping gives up its rights, for which it needs calls that @privileged takes away
    assert "@privileged" not in told["SystemCallFilter"]
    # twice in this time the agent says that it is alive
    assert told["WatchdogSec"] == "3min" and told["NotifyAccess"] == "main"


def test_the_environment_of_a_machine_of_several_is_taken_as_it_is() -> None:
    given = settings((CLUSTER / "ronda.env").read_text())
    taken = load(environment=given)
    assert {f"RONDA_{each.name.upper()}" for each in fields(taken)} >= set(given)
    assert len(taken.journal) == len(taken.journal_monitor) == 3
    url = make_url(taken.database_url)
    assert (url.password, url.query["sslmode"]) == (None, "verify-full")
    assert taken.ingest_also and taken.ingest_url not in taken.ingest_also


def test_a_server_of_the_journal_writes_where_its_unit_lets_it() -> None:
    told = settings((CLUSTER / "nats-server.service").read_text())
    file = (CLUSTER / "nats.conf").read_text()
    assert f'store_dir: "/var/lib/{told["StateDirectory"]}"' in file


def settings(unit: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and line[0] != "#")


@pytest.mark.slow
def test_ping_works_with_no_more_than_the_unit_gives() -> None:
    rights = ["--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"]
    rights += ["--bounding-set=-all,+net_raw", "--no-new-privs", "--clear-groups"]
    words = ["setpriv", "--reuid=65534", "--regid=65534", *rights]
    done = subprocess.run(
        [*words, "ping", "-n", "-c", "1", "-W", "2", "127.0.0.1"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert " 1 received" in done.stdout, done.stderr
