"""Two centres of real processes, one above the other: a regency and its province."""

import json
from pathlib import Path
from typing import Any

import pytest

from collector import centres
from collector.db import open_store, reading
from tests.stories.centre import Centre, wait_for

pytestmark = pytest.mark.slow

SITES = "code,name\n35.10.06.2005,Benculuk\n35.10.11.2002,Bulurejo\n"


def figures(province: Centre) -> dict[str, str]:
    """The regency's sites by state, as the province has them now."""
    try:
        told = province.ask("query", 'ronda_centre_sites{area="35.10"}')
    except AssertionError:
        # its status is 1: there are none
        return {}
    return {one["metric"]["state"]: one["value"][1] for one in told["data"]["result"]}


def test_a_regency_reports_to_its_province_and_goes_on_alone(tmp_path: Path) -> None:
    above = Centre(tmp_path / "above")
    with above:
        code = json.loads(
            above.run(
                "centres", "add", "35.10", "--name", "Banyuwangi", "--every", "2", "--json"
            ).stdout.strip()
        )["code"]
        below = Centre(tmp_path / "below", RONDA_PARENT_URL=above.ingest_url)
        with below:
            sites = tmp_path / "sites.csv"
            sites.write_text(SITES)
            below.ask("sites", "import", str(sites))
            assert below.run("parent", "status").returncode == 1
            done = below.run("parent", "enrol", code)
            assert done.returncode == 0, done.stderr
            wait_for("figures", lambda: figures(above).get("unknown") == "2")
            used = below.run("parent", "enrol", code.replace("-", "")[::-1])
            assert used.returncode in (1, 2)
            assert used.stderr.count("\n") == 1
            told = wait_for("it says so", lambda: well(below))
            assert (told["dropped"], told["trouble"]) == (0, "")
            # the province is gone: the regency goes on by itself and keeps what it has to tell
            above.stop()
            wait_for("it waits", lambda: waiting(below) >= 5, 40)
            assert below.health()["status"] == "ok"
            above.start()
            wait_for("it was delivered", lambda: waiting(below) <= 1, 60)
            wait_for("figures again", lambda: figures(above).get("unknown") == "2")
            # its process is killed: what is on its disk goes on, too
            below.kill("parent")
            wait_for("figures after all", lambda: figures(above).get("unknown") == "2")
        (one,) = above.ask("centres", "list")
        assert (one["area"], one["name"], one["every_s"]) == ("35.10", "Banyuwangi", 2)
        site = "35.10.00.0000-pusat"
        wait_for("silent is unknown", lambda: standing(above, site) == "unknown")
        wait_for("and no figure", lambda: figures(above) == {})


def well(centre: Centre) -> Any:
    """What it says of the way up, once it is as it should be."""
    try:
        return centre.ask("parent", "status")
    except AssertionError:
        return None


def waiting(centre: Centre) -> int:
    store = open_store(centre.settings)
    with reading(store) as connection:
        told = centres.status(connection)
    store.dispose()
    return int(told["waiting"])


def standing(centre: Centre, site: str) -> str:
    found = {one["code"]: one for one in centre.ask("sites", "list")}
    return str(found[site]["state"])
