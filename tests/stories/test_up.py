"""`ronda up` as a person meets it: one command, a link, a page with this machine's own numbers."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from collector.own import CODE
from tests.stories.centre import Centre, wait_for

pytestmark = pytest.mark.slow

FIRST_READING_S = 15


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # a child nobody waited for is as gone as can be
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_first_start_shows_this_machine_within_seconds(tmp_path: Path) -> None:
    with Centre(tmp_path / "var", options=(), from_nothing=True) as centre:
        began = time.monotonic()
        sites = wait_for("a first reading", lambda: reporting(centre), FIRST_READING_S)
        assert time.monotonic() - began < FIRST_READING_S
        assert [site["code"] for site in sites] == [CODE]
        checks = {check["name"]: check["verdict"] for check in sites[0]["checks"]}
        assert checks["console"] == checks["ingest"] == "good"
        assert "sign in once, within 15 minutes: http" in centre.output
        ends_in_good_order(centre, signal.SIGINT)


def ends_in_good_order(centre: Centre, number: signal.Signals) -> None:
    children = [centre.pid(role) for role in ("ingest", "engine", "web", "agent")]
    assert centre.process is not None
    centre.process.send_signal(number)
    assert centre.process.wait(15) == 0
    assert not any(map(alive, children))
    assert "Traceback" not in centre.output


def reporting(centre: Centre) -> list[dict[str, object]]:
    sites: list[dict[str, object]] = centre.ask("sites", "list")
    return [s for s in sites if s["last_report_age_s"] is not None and s["state"] == "normal"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre without an agent, which serves again after each test."""
    with Centre(tmp_path_factory.mktemp("bare") / "var") as centre:
        yield centre


def status_of(url: str, authority: ssl.SSLContext | None = None) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5, context=authority) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_second_centre_on_the_same_data_is_refused(bare: Centre) -> None:
    second = bare.run("up")
    assert second.returncode == 2
    assert second.stderr == f"ronda: {bare.folder}: a centre already runs on it\n"
    assert bare.health()["status"] == "ok"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre with an agent and its own authority, which the last test of it ends."""
    folder = tmp_path_factory.mktemp("whole")
    with Centre(folder / "var", options=(), RONDA_OWN_CA="true") as centre:
        yield centre


def test_with_its_own_authority_the_centre_speaks_tls_to_its_agent(whole: Centre) -> None:
    wait_for("a first reading", lambda: reporting(whole), FIRST_READING_S)
    assert (whole.folder / "tls" / "ca.pem").exists()
    identity = (whole.folder / "agent" / "identity.json").read_text()
    assert "https://127.0.0.1" in identity and "BEGIN CERTIFICATE" in identity


def test_children_end_within_a_second_of_their_parent_and_with_it_in_good_order(
    whole: Centre,
) -> None:
    link = re.search(r"minutes: (http://\S+)", whole.output)
    assert link is not None
    assert status_of(link[1]) == 200
    wait_for("the agent", (whole.folder / "run" / "agent.pid").exists)
    children = [whole.pid(role) for role in ("ingest", "engine", "web", "agent")]
    whole.kill("up")
    wait_for("children gone", lambda: not any(map(alive, children)), 1.5)
    before = whole.pid("agent")
    whole.start()
    authority = ssl.create_default_context(cafile=str(whole.folder / "tls" / "ca.pem"))
    assert status_of(f"https://{whole.settings.ingest}/healthz", authority) == 200
    assert whole.health("console")["status"] == "ok"
    # the link of a start signs in once, and not after it
    assert status_of(link[1]) in (403, 404, 410)
    wait_for("its agent", lambda: is_another(whole, "agent", before))
    ends_in_good_order(whole, signal.SIGTERM)


def test_what_dies_is_started_again(bare: Centre) -> None:
    for role in ("ingest", "engine", "web"):
        before = bare.pid(role)
        bare.kill(role)
        wait_for(f"another {role}", partial(is_another, bare, role, before))
    wait_for("serving", lambda: serving(bare))


def test_all_threads_of_ingest_keep_to_one_core_and_others_to_none(bare: Centre) -> None:
    mine = os.sched_getaffinity(0)
    (core,) = cores(bare.pid("ingest"))
    assert core in mine
    assert cores(bare.pid("engine")) == cores(bare.pid("web")) == mine


def cores(pid: int) -> set[int]:
    """Those that any of its threads may run on."""
    threads = (int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())
    return set[int]().union(*(os.sched_getaffinity(thread) for thread in threads))


def is_another(centre: Centre, role: str, before: int) -> bool:
    return centre.pid(role) != before


def serving(centre: Centre) -> bool:
    return centre.health()["status"] == centre.health("console")["status"] == "ok"


def test_an_address_of_somebody_else_is_refused_at_the_start(tmp_path: Path) -> None:
    centre = Centre(tmp_path / "var")
    host, _, port = centre.settings.ingest.rpartition(":")
    with socket.create_server((host, int(port))):
        refused = subprocess.run(
            centre.command("up", *centre.addresses()), capture_output=True, text=True, timeout=30
        )
    assert refused.returncode == 2
    assert refused.stderr == f"ronda: ingest: {centre.settings.ingest}: Address already in use\n"
