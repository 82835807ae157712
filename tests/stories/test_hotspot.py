"""A hotspot end to end: a real centre whose agent is a guest of it; told once, and over again."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import incidents
from collector import db
from collector.own import CODE
from tests.agent.hotspot.village import ROOT, Village
from tests.stories.centre import Centre, wait_for

pytestmark = pytest.mark.slow

SERVICES = """name,kind,target,interface,every_s
wifi desa,journey,http://10.77.0.1:8080/login,eth0,1
"""


class InTheVillage(Centre):
    """Centre and agent on the machine that is a guest of the hotspot."""

    def __init__(self, village: Village, folder: Path) -> None:
        super().__init__(folder, options=(), PYTHONPATH=str(ROOT))
        self._village = village

    def command(self, *arguments: str) -> list[str]:
        words = [sys.executable, "-m", "ronda", *arguments]
        # commands work on the data, from anywhere
        return self._village.guest.words(*words) if arguments[0] == "up" else words

    def stop(self) -> int:
        """Ctrl-C, as a terminal sends it: to whoever is behind nsenter, too."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    (tmp_path / "village").mkdir()
    made = Village(tmp_path / "village")
    try:
        made.serve()
        made.lease()
        made.capture()
        yield made
    finally:
        made.close()


def verdict(centre: Centre) -> tuple[str, str]:
    (site,) = centre.ask("sites", "list")
    found = [check for check in site["checks"] if check["name"] == "wifi desa"]
    return (found[0]["verdict"], found[0]["reason"]) if found else ("", "")


def told(centre: Centre) -> list[tuple[str, str]]:
    """Template and reason of all open incidents about the hotspot."""
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            found = [one.details for one in incidents.listing(connection)]
    finally:
        store.dispose()
    known = [(one["told"].get("message", ""), one["told"].get("reason", "")) for one in found]
    return [one for one in known if one[0] in ("hotspot", "app", "suspended")]


def test_a_login_page_without_a_form_is_one_incident(village: Village, tmp_path: Path) -> None:
    assert os.geteuid() == 0
    with InTheVillage(village, tmp_path / "var") as centre:
        table, sites = tmp_path / "services.csv", tmp_path / "sites.csv"
        table.write_text(SERVICES)
        sites.write_text(f"code,name,report_every_s\n{CODE},Pusat,2\n")
        for kind, path in (("sites", sites), ("services", table)):
            centre.ask(kind, "import", str(path))
        wait_for("a good journey", lambda: verdict(centre)[0] == "good", 90)

        village.mode("portal", "no form")
        wait_for("the incident", lambda: told(centre), 120)
        assert told(centre) == [("hotspot", "@step_portal")]
        assert verdict(centre) == ("bad", "the login page has no form")
        village.mode("portal", "form")
        wait_for("its end", lambda: not told(centre), 60)
        assert verdict(centre)[0] == "good"
