"""Every playbook of ours, on a device of every platform it is for, by the product's own hands: it
does what it says, it is taken back where the proof does not come, and leaves nothing behind."""

import gzip
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playbooks.model import Platform
from playbooks.states import HostState, StepState
from tests.amounts import some
from tests.playbooks.devices.debian import Debian
from tests.playbooks.devices.openwrt import OpenWrt
from tests.playbooks.trials.bench import Bench
from tests.playbooks.trials.linux_bench import LinuxBench
from tests.playbooks.trials.on_debian import ON_DEBIAN
from tests.playbooks.trials.on_openwrt import ON_OPENWRT
from tests.playbooks.trials.on_routeros import ON_ROUTEROS
from tests.playbooks.trials.router_bench import RouterBench
from tests.playbooks.trials.running import BOOKS, Tried, tried
from tests.playbooks.trials.trial import Trial

pytestmark = pytest.mark.slow

# what is not tried here, and why
_FILE = "a file of the centre goes with it: test_files_on_devices.py runs it"
_LOCK = "no report proves it: test_files_on_devices.py locks and unlocks"
UNTRIED = {
    ("pulihkan-konfigurasi", Platform.DEBIAN): _FILE,
    ("pulihkan-konfigurasi", Platform.OPENWRT): _FILE,
    ("perbarui-agen", Platform.DEBIAN): _FILE,
    ("kunci-pencurian", Platform.ROUTEROS): _LOCK,
    ("kunci-pencurian", Platform.OPENWRT): _LOCK,
    ("buka-kunci-pencurian", Platform.ROUTEROS): _LOCK,
    ("buka-kunci-pencurian", Platform.OPENWRT): _LOCK,
}
TRIALS = {
    Platform.DEBIAN: ON_DEBIAN,
    Platform.OPENWRT: ON_OPENWRT,
    Platform.ROUTEROS: ON_ROUTEROS,
}
BENCHES: dict[str, tuple[Platform, Callable[[Path], Bench]]] = {
    "debian": (Platform.DEBIAN, lambda at: LinuxBench(Platform.DEBIAN, Debian(), at)),
    "openwrt": (Platform.OPENWRT, lambda at: LinuxBench(Platform.OPENWRT, OpenWrt(), at)),
    "routeros 7": (Platform.ROUTEROS, lambda at: RouterBench("7.15.3")),
    "routeros 6": (Platform.ROUTEROS, lambda at: RouterBench("6.49.10")),
}
TRIED = [(name, trial) for name, (is_, _) in BENCHES.items() for trial in TRIALS[is_]]
CHANGING = [(name, trial) for name, trial in TRIED if BOOKS[trial.playbook].changes]
READING = [(name, trial) for name, trial in TRIED if not BOOKS[trial.playbook].changes]


def on_a_bench(trials: list[tuple[str, Trial]]) -> pytest.MarkDecorator:
    trials = list(some(trials, 6))
    ids = [f"{trial.name} on {bench}" for bench, trial in trials]
    return pytest.mark.parametrize(("bench", "trial"), trials, indirect=["bench"], ids=ids)


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bench]]:
    """One device for all that is tried on it, made when it is first asked for."""
    made: dict[str, Bench] = {}
    yield made
    for bench in made.values():
        bench.close()


@pytest.fixture
def bench(
    benches: dict[str, Bench],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Bench:
    name = request.param
    if name in benches:
        benches[name].renew()
    else:
        benches[name] = BENCHES[name][1](tmp_path_factory.mktemp("device"))
    return benches[name]


def begun(bench: Bench, trial: Trial) -> tuple[dict[str, str], str]:
    """The device as it is before the run, and its start."""
    if trial.before:
        bench.inside(trial.before)
    return bench.configuration(), bench.start()


def unpacked(archives: list[bytes]) -> str:
    """What was kept, as text; of an archive its files with their names."""
    found = []
    for data in archives:
        if not data.startswith(b"\x1f\x8b"):
            found.append(data.decode())
            continue
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                found.append(
                    f"{member.name}\n{file.read().decode(errors='replace') if file else ''}"
                )
    return "\n".join(found)


def told(run: Tried) -> str:
    steps = (f"{state} {shown}\n{text}{why}" for shown, state, text, why in run.record.steps)
    return "\n".join([str(run.ending), *steps])


def shown(bench: Bench, trial: Trial, run: Tried) -> None:
    """Fails where the device, or what is known of it, is not as the playbook says."""
    assert run.ending.state is HostState.DONE, told(run)
    assert {state for _, state, _, _ in run.record.steps} == {StepState.DONE}
    assert bench.left() == ""
    if trial.shows:
        seen = bench.inside(trial.shows)
        assert re.search(trial.sees, seen), seen
    if trial.says:
        assert re.search(trial.says, run.record.printed), run.record.printed
    if trial.archive:
        kept = unpacked(run.archives)
        assert re.search(trial.archive, kept), kept


@on_a_bench(CHANGING)
def test_what_is_proved_stays_and_the_net_is_gone(bench: Bench, trial: Trial) -> None:
    _, start = begun(bench, trial)
    run = tried(bench.host, trial.playbook, trial.values, good=True)
    shown(bench, trial, run)
    assert (bench.start() != start) is trial.restarts
    assert run.watcher.asked, "the centre was asked for nothing"


@on_a_bench(CHANGING)
def test_what_is_not_proved_is_taken_back_whole(bench: Bench, trial: Trial) -> None:
    before, _ = begun(bench, trial)
    run = tried(bench.host, trial.playbook, trial.values, good=False)
    assert bench.left() == ""
    assert "has not reported since" in run.ending.reason, told(run)
    if BOOKS[trial.playbook].cannot_undo:
        assert run.ending.state is HostState.FAILED
        assert run.ending.reason.endswith("; what was done stays")
        assert run.record.until is None, "there was a net"
        return
    assert run.ending.state is HostState.ROLLED_BACK, told(run)
    assert bench.configuration() == before


@on_a_bench(READING)
def test_what_only_reads_changes_nothing(bench: Bench, trial: Trial) -> None:
    before, start = begun(bench, trial)
    run = tried(bench.host, trial.playbook, trial.values, good=True)
    shown(bench, trial, run)
    assert bench.configuration() == before and bench.start() == start
    assert run.record.until is None, "there was a net"


def test_every_playbook_is_tried_on_every_platform_or_the_reason_is_told() -> None:
    ours = {(name, platform) for name, book in BOOKS.items() for platform in book.recipes}
    found = {(trial.playbook, platform) for platform, each in TRIALS.items() for trial in each}
    assert found | UNTRIED.keys() == ours and not found & UNTRIED.keys()
    assert all(UNTRIED.values())
