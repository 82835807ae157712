"""What all tests share: both databases, how examples are made, who runs what."""

import faulthandler
import gc
import importlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby, islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis.internal.conjecture import providers
from sqlalchemy import Engine

from collector.db import open_store
from collector.settings import Settings
from tests import dialects, nats
from tests.postgres import Server, own_connections, running_server
from tests.stores import migrated

# how quickly examples are made tells of the machine, not of what must hold
examples.register_profile(
    "ronda", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
examples.register_profile("soak", examples.get_profile("ronda"), max_examples=1000)
examples.load_profile("ronda")
dialects.remember()
# what takes minutes, most of it waiting for real processes, is begun first
LONGEST = (
    *("test_up", "test_remote_write", "test_backup", "test_centres", "test_nats", "test_barriers"),
    *("test_openwrt_story", "test_configuration", "test_remote_write_out", "test_alertmanager"),
    *("test_tunnel", "test_hotspot", "test_demo_faults", "test_each_rule", "test_postgres"),
    *("test_beacons", "test_kills", "test_village_apps", "test_guides_walked", "test_dashboards"),
)
# how a file says that all its tests are slow
ALL_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)
# a test leaves hundreds of objects, and looking through them at every turn is a twentieth of all
NEW_OBJECTS = 20_000
# so long may a process take to end once its last test has
END_S = 120


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of this test run's own; made when the first test asks for it."""
    with running_server() as server:
        yield server


@pytest.fixture
def new_postgres(postgres: Server) -> Iterator[Callable[[], str]]:
    """Makes databases on it, each with all tables and no rows."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres.migrated())
        return made[-1]

    with own_connections():
        yield make
    for url in made:
        postgres.drop(url)


@pytest.fixture
def postgres_url(new_postgres: Callable[[], str]) -> str:
    """One such database."""
    return new_postgres()


@pytest.fixture(scope="session")
def nats_server() -> Iterator[nats.Node]:
    """A NATS of this test run's own; each test has a stream of its own name in it."""
    with nats.running() as nodes:
        yield nodes[0]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives a new `database_url` at each call; a test that asks for it runs on both databases.

    A table of cases of which PostgreSQL decides none is `mostly_sqlite`: the first there, too.
    """
    if request.param == "sqlite":
        return lambda: ""
    make: Callable[[], str] = request.getfixturevalue("new_postgres")
    return make


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """What to set as `database_url`; a test that asks for it runs once on each database."""
    return new_database()


@pytest.fixture
def store_settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a centre that is not there yet, on each database in turn."""
    return Settings(data=str(tmp_path / "var"), database_url=database_url)


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Engine]:
    """The store of such a centre, with all tables and no rows."""
    migrated(store_settings)
    engine = open_store(store_settings)
    yield engine
    engine.dispose()


def pytest_unconfigure() -> None:
    """All has been told. A thread that a test left behind keeps no process from its end: the
    stacks say whose it is."""
    # one of several waits for the others, and is ended by who began it
    if "PYTEST_XDIST_WORKER" not in os.environ:
        faulthandler.dump_traceback_later(END_S, exit=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """How many tests were not run, and why: said last, so that none is taken for shown."""
    yield
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)
    told = ", ".join(f"{count} because {why}" for why, count in reasons.most_common())
    terminalreporter.write_line(f"not run: {told or 'none'}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of slow tests alone is not even read where none of them is asked for."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return bool(ALL_SLOW.search(collection_path.read_text())) or None


def pytest_configure(config: pytest.Config) -> None:
    """Examples are made without words and numbers out of our own code, but for a soak's: to look
    for them each process reads all of it, which takes a tenth of what collecting tests does."""
    if not config.option.hypothesis_profile:
        providers._get_local_constants = lambda: providers._local_constants


def pytest_collection(session: pytest.Session) -> None:
    """What is collected stays: nobody looks for garbage in it."""
    gc.disable()
    worker = getattr(session.config, "workerinput", None)
    if worker and session.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        number = int(worker["workerid"].removeprefix("gw"))
        read_ahead(session.config, number, worker["workercount"])


def read_ahead(config: pytest.Config, worker: int, workers: int) -> None:
    """Each worker reads another part first: where nothing is compiled yet it is compiled once, and
    not by all of them at the same time."""
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    for path in files[worker::workers]:
        name = ".".join(path.relative_to(config.rootpath).with_suffix("").parts)
        # one that cannot be read is told of when it is collected
        with suppress(Exception):
            if not pytest_ignore_collect(path, config):
                importlib.import_module(name)


def pytest_collection_finish() -> None:
    """Whoever looks for garbage need not go through ten thousand tests, nor look at every turn."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 100)
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first, so that no worker is left with one at the end."""
    # a soak asks everything of both
    asked = list(items if config.option.hypothesis_profile else mostly_on_sqlite(items))
    items[:] = dealt(asked, getattr(config, "workerinput", {}).get("workercount", 1))


def mostly_on_sqlite(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Of each table of cases that says so the first on PostgreSQL, and all others of the tests."""
    there = set[str]()
    for item in items:
        database = getattr(item, "callspec", None) and item.callspec.params.get("new_database")
        if item.get_closest_marker("mostly_sqlite") and database == "postgresql":
            table = item.nodeid.partition("[")[0]
            if table in there:
                continue
            there.add(table)
        yield item


def dealt(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """In as many runs of one length as there are workers, each with its share of long files first.

    Such a run of neighbours is what each worker is given; tests of a file share what it sets up.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = iter([item for item in items if not item.get_closest_marker("slow")])
    files = [list(of_file) for _, of_file in groupby(slow, key=lambda item: item.path)]
    files.sort(key=lambda of_file: place_of(of_file[0].path.stem))
    given = list[pytest.Item]()
    for worker in range(workers):
        given += chain(*files[worker::workers])
        given += islice(quick, max(0, len(items) * (worker + 1) // workers - len(given)))
    return [*given, *quick]


def place_of(file: str) -> int:
    """Where a file stands among those that are begun first; behind them all others."""
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)
