"""A backup made under load, brought back on another machine: agents go on without a visit."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from collector import db, inventory
from collector.backup import server
from collector.series.history import History
from tests.stories.centre import Centre, ask, wait_for
from tests.stories.kills import all_folded, compare, enrolled
from tests.stories.witness import LAYOUT, NAMES, Witness

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KEPT, SINCE, NEVER = "35.10.06.2005", "35.10.06.2006", "35.10.06.2007"
LOAD = "ronda_host_load1"


@pytest.mark.parametrize(
    # what a backup of PostgreSQL brings back is looked at in tests/collector/backup
    "new_database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)],
    indirect=True,
)
def test_nothing_called_safe_is_missing_that_an_agent_still_holds(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    old = Centre(tmp_path / "var", database_url=new_database())
    new = Centre(tmp_path / "other" / "var", database_url=new_database())
    # another machine that took over the address
    new.settings = replace(new.settings, ingest=old.settings.ingest)
    file = tmp_path / "backup"
    with ExitStack() as running:
        running.enter_context(old)
        witnesses = enrolled(old, seed=5)
        bring_sites(old, tmp_path)
        unused = code_for(old, NEVER)
        running.enter_context(agent(old, tmp_path, KEPT))
        load = running.enter_context(ExitStack())
        safe = load.enter_context(reporting(witnesses))
        wait_for("the agent reports", lambda: times(old, KEPT), 40)
        wait_for("some load", lambda: len(safe()[0]) > 20)
        before, numbers_before = safe(), times(old, KEPT)
        done = old.run("backup", str(file))
        assert done.returncode == 0, done.stderr
        after = len(safe()[0])
        running.enter_context(agent(old, tmp_path, SINCE))
        wait_for("the new agent reports", lambda: times(old, SINCE), 40)
        wait_for("entries after it", lambda: len(safe()[0]) > after + 20)
        numbers, epoch = times(old, KEPT), meta(old, "epoch")
        old.kill("up")
        bring_back(new, file)
        running.enter_context(new)
        assert meta(new, "epoch") != epoch
        missing_nothing(new, witnesses, before, numbers_before)
        refused_is_the_code(new, unused)
        wait_for("who must enrol again", lambda: SINCE in restored(new), 90)
        wait_for("offered again", lambda: numbers <= times(new, KEPT), 90)
        assert KEPT not in restored(new)
        load.close()
        offer_again(new, witnesses)
    assert "Traceback" not in new.output


def bring_sites(centre: Centre, folder: Path) -> None:
    listing = folder / "further.csv"
    rows = [f"{code},Desa,2" for code in (KEPT, SINCE, NEVER)]
    listing.write_text("code,name,report_every_s\n" + "\n".join(rows) + "\n")
    centre.ask("sites", "import", str(listing))


def code_for(centre: Centre, site: str) -> str:
    (made,) = centre.ask("sites", "codes", "--site", site)
    return str(made["code"])


@contextmanager
def agent(centre: Centre, folder: Path, site: str) -> Iterator[None]:
    """A real agent for this site, enrolled now."""
    env = {**os.environ, "RONDA_AGENT_DATA": str(folder / site), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "agent.cli"]
    enrol = [*command, "enrol", centre.reports_to, code_for(centre, site)]
    subprocess.run(enrol, env=env, cwd=ROOT, check=True, capture_output=True, timeout=60)
    with (folder / f"{site}.log").open("wb") as log:
        child = subprocess.Popen([*command, "run"], env=env, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        child.terminate()
        child.wait(20)


@contextmanager
def reporting(witnesses: list[Witness]) -> Iterator[Callable[[], list[dict[int, float]]]]:
    """Load while it lasts; gives what each was told is safe so far."""
    stop = threading.Event()
    threads = [threading.Thread(target=one.run, args=(stop,)) for one in witnesses]
    for thread in threads:
        thread.start()
    try:
        yield lambda: [dict(one.safe) for one in witnesses]
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def bring_back(centre: Centre, file: Path) -> None:
    if centre.settings.database_url:
        # a database as its administrator gives it: without tables
        server.put_aside(centre.settings, "unused")
    done = centre.run("restore", str(file))
    assert done.returncode == 0, done.stderr


def missing_nothing(
    centre: Centre,
    witnesses: list[Witness],
    before: list[dict[int, float]],
    numbers: set[float],
) -> None:
    """What was safe before the backup began is in it, without anybody offering it again."""
    for witness, safe in zip(witnesses, before, strict=True):

        def is_in(witness: Witness = witness, safe: dict[int, float] = safe) -> bool:
            return not set(safe) - set(entries(centre, witness.site))

        wait_for(f"{len(safe)} entries of {witness.site}", is_in)
    wait_for("what the agent had delivered", lambda: numbers <= times(centre, KEPT))


def offer_again(centre: Centre, witnesses: list[Witness]) -> None:
    """As an agent does that sees a new epoch: everything, and it comes once."""
    for witness in witnesses:
        for n, at in witness.safe.items():
            frame = {"n": n, "at": at, "up": round(at - witness._began, 3)}
            witness.waiting[n] = {**frame, "layout": LAYOUT, "values": [float(n), 1.0]}
        witness.drain(60)
    all_folded(centre)
    assert all(compare(centre, witness) for witness in witnesses)
    found = Counter(list_times(centre, KEPT))
    assert max(found.values()) == 1


def refused_is_the_code(centre: Centre, code: str) -> None:
    body = {"code": code, "name": "x", "boot": "b", "nonce": "n", "host_keys": []}
    url = f"{centre.ingest_url}/api/v1/enrol"
    assert ask("POST", url, json.dumps(body).encode()) == (403, {"reason": "expired"})


def restored(centre: Centre) -> str:
    told = centre.ask("doctor", fine=(0, 1))
    said = {one["name"]: one["says"] for one in told["findings"]}
    words = str(said["restored"])
    return words.partition("enrol again: ")[2]


def meta(centre: Centre, key: str) -> str:
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            return db.meta_get(connection, key)
    finally:
        store.dispose()


def entries(centre: Centre, site: str) -> list[int]:
    return [int(value) for value in numbers_of(centre, site, NAMES[0])[1]]


def list_times(centre: Centre, site: str) -> list[float]:
    return list(numbers_of(centre, site, LOAD)[0])


def times(centre: Centre, site: str) -> set[float]:
    return set(list_times(centre, site))


def numbers_of(centre: Centre, site: str, name: str) -> tuple[list[float], list[float]]:
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            row = inventory.site_rows(connection)[site]
    finally:
        store.dispose()
    engine = db.open_history(centre.settings)
    try:
        found = History(centre.settings, engine).range(row, [name], 0, time.time() + 60)
    finally:
        engine.dispose()
    return found.get(name, ([], []))
