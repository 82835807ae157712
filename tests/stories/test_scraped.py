"""A real Prometheus scrapes an agent and both ports of a centre; promtool finds no fault there."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.stories.centre import Centre, wait_for
from tests.stories.scraper import agent, ask, prometheus, read

pytestmark = pytest.mark.slow
SITE = "35.10.12.2004"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scraped")


@pytest.fixture(scope="module")
def centre(folder: Path) -> Iterator[Centre]:
    with Centre(folder / "var") as centre:
        sites = folder / "sites.csv"
        sites.write_text(f"code,name\n{SITE},Benculuk\n")
        centre.ask("sites", "import", str(sites))
        yield centre


@pytest.fixture(scope="module")
def targets(centre: Centre, folder: Path) -> Iterator[Mapping[str, str]]:
    with agent(centre, SITE, folder / "agent") as address:
        yield {
            "agent": address,
            "console": centre.settings.console,
            "ingest": centre.settings.ingest,
        }


def test_promtool_finds_no_fault_in_what_is_served(targets: Mapping[str, str]) -> None:
    for job, target in targets.items():
        text = read(f"http://{target}/metrics")
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, b""), job


def test_a_prometheus_scrapes_all_three(
    centre: Centre, targets: Mapping[str, str], folder: Path
) -> None:
    token = centre.ask("users", "token", "--role", "viewer", "--name", "prometheus")["token"]
    with prometheus(folder / "prometheus", targets, token) as url:
        wait_for("all are up", lambda: ask(url, "up") == dict.fromkeys(targets, 1.0), 30)
        seen = ask(url, "ronda_host_load1 or ronda_fold_lag_seconds or ronda_ingest_agents")
        assert set(seen) == set(targets)
        assert seen["ingest"] == 1
