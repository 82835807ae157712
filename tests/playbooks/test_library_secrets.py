"""A wifi password that a run sets is on the device, and nowhere else that anybody could read it."""

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from collector import db
from collector.settings import Settings
from playbooks import run_rows
from playbooks.model import Platform
from playbooks.plan import plan
from playbooks.row_diary import RowDiary
from playbooks.run_rows import Wish
from playbooks.runner import Work
from playbooks.states import HostState, RunState
from playbooks.transport.redacting import Redactor
from tests.playbooks.devices.openwrt import OpenWrt
from tests.playbooks.trials.bench import Bench
from tests.playbooks.trials.linux_bench import LinuxBench
from tests.playbooks.trials.router_bench import RouterBench
from tests.playbooks.trials.running import BOOKS, Clock, Watcher, ready, runner
from tests.stores import migrated

pytestmark = pytest.mark.slow

# another at each run: whoever edits or reads this file names it in a command line, too
PASSWORD = f"kata-Sandi_baru+{secrets.token_hex(4)}"
NAME = "ganti-sandi-wifi"


@pytest.fixture(params=["openwrt", "routeros"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made: Bench = (
        RouterBench("7.15.3")
        if request.param == "routeros"
        else LinuxBench(Platform.OPENWRT, OpenWrt(), tmp_path / "device")
    )
    yield made
    made.close()


@contextmanager
def watched() -> Iterator[set[str]]:
    """The command lines of all programs, the device's too, as anybody signed in would see them."""
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.002):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes().decode(errors="replace"))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        # whatever came of the run: one that looks on for ever keeps the whole suite from its end
        ended.set()
        thread.join(timeout=10)


@pytest.mark.parametrize("good", [True, False], ids=["proved", "taken back"])
def test_a_wifi_password_is_in_no_row_no_log_and_no_list_of_programs(
    bench: Bench, good: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    store = db.open_store(settings)
    host = bench.host
    wish = Wish(NAME, "d", "yellow", True, {}, [(host.site, host.device)], "siti")
    with db.writing(store) as connection:
        run = run_rows.ask(connection, wish, RunState.WAITING, time.time())
        (row,) = run_rows.hosts_of(connection, run)
    known = ready(host, BOOKS[NAME], {"password": PASSWORD, "profile": "kantor"}, run)
    work = Work(run, NAME, host, plan(BOOKS[NAME], host.platform, known), known)
    diary = RowDiary(store, row, time.time, Redactor([PASSWORD, host.login.password]))
    with watched() as programs:
        ending = runner(Watcher(good, Clock()), lambda _: None).go(work, diary)
    assert ending.state is (HostState.DONE if good else HostState.ROLLED_BACK)
    with db.reading(store) as connection:
        assert run_rows.steps_of(connection, run, host.site, host.device)
    store.dispose()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "var").rglob("*") if path.is_file())
    everything = kept.decode("latin-1") + caplog.text + ending.reason + "".join(programs)
    assert PASSWORD not in everything and host.login.password not in everything
    assert any("uci" in line for line in programs) or host.platform is Platform.ROUTEROS
