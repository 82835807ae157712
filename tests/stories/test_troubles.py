"""Processes stand still, a database is held, bits flip: a running centre goes on, nothing twice."""

import os
import signal
import socket
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from collector.intake.wire import read_report
from collector.journal.files import FileReader
from collector.journal.framing import Kind
from collector.journal.segments import list_segments
from tests.alerts.channels.listener import listening, reply
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import all_folded, compare, enrolled
from tests.stories.witness import Witness

pytestmark = pytest.mark.slow

ROLES = ("ingest", "engine", "web")
# longer than a writer waits for the one before it
HELD_S = 6.5


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("troubles") / "var"
    with Centre(folder, RONDA_ALLOW_TARGETS="127.0.0.0/8") as made:
        yield made


@pytest.fixture(scope="module")
def witnesses(centre: Centre) -> list[Witness]:
    """One that reports each second, and one that may say nothing for a while."""
    return enrolled(centre, 11, (1, 300))


@pytest.fixture(scope="module")
def witness(witnesses: list[Witness]) -> Witness:
    return witnesses[0]


def test_who_stands_still_is_waited_for_and_nobody_is_started_twice(
    centre: Centre, witness: Witness
) -> None:
    before = [centre.pid(role) for role in ROLES]
    with stopped(centre.pid("engine")), stopped(centre.pid("web")):
        report(witness, 20)
    with stopped(centre.pid("ingest")):
        witness.sample()
        assert not witness.send()
    # it is of the past now, which waits until the fold has caught up
    witness.drain()
    assert centre.process is not None
    with stopped(centre.process.pid):
        report(witness, 5)
    wait_for("all well", lambda: well(centre))
    assert [centre.pid(role) for role in ROLES] == before
    kept_once(centre, witness)


def test_a_database_that_somebody_holds_costs_no_report_and_no_restart(
    centre: Centre, witness: Witness
) -> None:
    before = [centre.pid(role) for role in ROLES]
    with held(centre.folder / "ronda.db"), held(centre.folder / "history.db"):
        until = time.monotonic() + HELD_S
        while time.monotonic() < until:
            # what is fresh is taken, the past waits for the fold
            witness.sample()
            witness.send()
            time.sleep(0.2)
        assert centre.health("console")["fold_lag_s"] > HELD_S / 2
        assert page(f"{centre.console_url}/login") == 200
        refused = centre.run("users", "add", "dewi", "--role", "viewer")
        told = "ronda: the database: database is locked\n"
        assert (refused.returncode, refused.stderr) == (2, told)
    wait_for("all well", lambda: well(centre))
    assert [centre.pid(role) for role in ROLES] == before
    assert set(witness.answers) <= {0, 200, 429}
    kept_once(centre, witness)


def test_a_flipped_bit_costs_one_report_and_a_torn_tail_none(
    centre: Centre, witness: Witness
) -> None:
    kept_once(centre, witness)
    os.kill(centre.pid("engine"), signal.SIGSTOP)
    report(witness, 20)
    os.kill(centre.pid("engine"), signal.SIGKILL)
    centre.kill("up")
    wait_for("nobody left", lambda: centre.health()["status"] == "gone")
    (lost,) = flip_a_bit(centre, witness)
    with list_segments(centre.settings.journal_folder)[-1].path.open("ab") as segment:
        segment.write(b"\x01half a record")
    centre.start()
    del witness.safe[lost]
    kept_once(centre, witness)
    told = figures(centre)
    assert told["ronda_ingest_journal_torn_bytes_total"] > 0
    assert told["ronda_ingest_journal_skipped_records_total"] == 1


def test_a_gateway_that_hangs_costs_nobody_else_a_message(
    centre: Centre, witnesses: list[Witness], tmp_path: Path
) -> None:
    _, witness = witnesses
    report(witness, 1)
    contacts = tmp_path / "contacts.csv"
    with listening(reply(200)) as quick, socket.create_server(("127.0.0.1", 0)) as dead:
        hangs = f"http://127.0.0.1:{dead.getsockname()[1]}/"
        rows = [f"*,Budi,noc,{hangs}", f"*,Sari,noc,{quick.url}"]
        contacts.write_text("\n".join(["scope,name,role,webhook", *rows, ""]))
        centre.ask("contacts", "import", str(contacts))
        for number, check in enumerate(("sideka", "opensid"), 1):
            witness.find(check, "bad")
            assert witness.send()
            wait_for(f"{check} is told", lambda n=number: about(quick.heard, witness.site) == n)
        found = centre.ask("incidents", "list")
        told = [n for one in found if one["sites"] == [witness.site] for n in one["notices"]]
        assert [one["state"] for one in told if one["person"] == "Sari"] == ["sent"] * 2
        assert "sent" not in [one["state"] for one in told if one["person"] == "Budi"]


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Somebody's tool has begun to write and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        yield
        somebody.execute("ROLLBACK")


def flip_a_bit(centre: Centre, witness: Witness) -> list[int]:
    """In the last but one report of the journal; the numbers that were in it."""
    with closing(FileReader(centre.settings.journal_folder)) as journal:
        records = []
        while found := journal.read(records[-1].next if records else journal.start):
            records += found
    reports = [record for record in records if record.kind == Kind.REPORT]
    spoilt = [one for one in reports if read_report(one.payload).spool == witness.spool][-2]
    segment = next(
        s for s in list_segments(centre.settings.journal_folder) if s.stop > spoilt.position
    )
    with segment.path.open("r+b") as file:
        file.seek(spoilt.next - segment.start - len(spoilt.payload) // 2)
        (byte,) = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    return [frame.n for frame in read_report(spoilt.payload).frames]


def report(witness: Witness, more: int) -> None:
    """So many further entries are called safe."""
    until = len(witness.safe) + more
    while len(witness.safe) < until:
        witness.sample()
        assert witness.send(), witness.answers


def kept_once(centre: Centre, witness: Witness) -> None:
    witness.drain()
    all_folded(centre)
    assert compare(centre, witness) > 0


def about(heard: list[bytes], site: str) -> int:
    """How many messages are of this site."""
    return sum(f'"{site}"'.encode() in message for message in heard)


def well(centre: Centre) -> bool:
    return centre.health()["status"] == centre.health("console")["status"] == "ok"


def page(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def figures(centre: Centre) -> dict[str, float]:
    """What ingest counts, by name; those without labels."""
    with urllib.request.urlopen(f"{centre.ingest_url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    told = [line.split() for line in lines if not line.startswith("#") and "{" not in line]
    return {name: float(value) for name, value in told}
