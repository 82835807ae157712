"""Two real Alertmanagers beside a centre: its incidents there, their alerts here, whoever dies."""

import re
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.stories.alertmanager import Alertmanager
from tests.stories.centre import Centre, free_port, wait_for

pytestmark = pytest.mark.slow

SITE = "35.10.12.2004"
BLIND = "CentreBlind"


@dataclass
class Pair:
    """A centre that sees nothing beyond itself, and the two that hear so."""

    centre: Centre
    first: Alertmanager
    second: Alertmanager
    target: int

    def incidents(self, rule: str, *words: str) -> list[dict[str, Any]]:
        found = self.centre.ask("incidents", "list", *words)
        return [one for one in found if one["title"].endswith(rule)]

    def heard(self, was: str) -> int:
        """How many alerts of the first came in and were this."""
        with urllib.request.urlopen(f"{self.centre.console_url}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        found = re.search(rf'^ronda_foreign_alerts_total{{was="{was}"}} (\d+)', text, re.MULTILINE)
        return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder, target = tmp_path_factory.mktemp("am"), free_port()
    first, second = Alertmanager(folder / "a"), Alertmanager(folder / "b")
    with Centre(
        folder / "var",
        RONDA_CENTRE_TARGETS=f"127.0.0.1:{target}",
        RONDA_ALERTMANAGER_URLS=f"{first.url},{second.url}",
        RONDA_ALERTMANAGER_EVERY_S="10",
    ) as centre:
        sites = folder / "sites.csv"
        sites.write_text(f"code,name\n{SITE},Benculuk\n")
        centre.ask("sites", "import", str(sites))
        token = centre.ask("users", "token", "--role", "village", "--name", "am", "--area", "35.10")
        first.hook = (f"{centre.console_url}/api/v1/alertmanager", token["token"])
        first.start()
        second.start()
        yield Pair(centre, first, second, target)
        first.kill()
        second.kill()


def test_both_hear_of_an_incident_and_it_does_not_come_back(pair: Pair) -> None:
    for one in (pair.first, pair.second):
        wait_for("the incident there", lambda one=one: one.names() == [BLIND], 40)
    (alert,) = pair.second.alerts()
    assert alert["labels"]["severity"] == "critical" and alert["annotations"]["summary"]
    wait_for("our own alert, told back", lambda: pair.heard("own") >= 1)
    assert len(pair.centre.ask("incidents", "list")) == 1


def test_one_that_forgot_everything_is_told_again(pair: Pair) -> None:
    pair.second.kill()
    pair.second.start("empty")
    wait_for("told again", lambda: pair.second.names() == [BLIND], 40)


def test_their_alert_is_an_incident_here_until_they_say_that_it_is_over(pair: Pair) -> None:
    words = ["DiskFull", f"site={SITE}", "severity=warning", "--annotation=summary=penuh"]
    pair.first.add(*words)
    (one,) = wait_for("the incident here", lambda: pair.incidents("DiskFull"))
    assert (one["sites"], one["severity"], one["subject"]) == ([SITE], "warning", "service")
    # what they told us they are not told
    assert pair.second.names() == [BLIND]
    ended = datetime.now(UTC) + timedelta(seconds=1)
    pair.first.add(*words, f"--end={ended:%Y-%m-%dT%H:%M:%SZ}")
    wait_for("its end", lambda: not pair.incidents("DiskFull"), 30)
    (one,) = pair.incidents("DiskFull", "--all")
    assert one["state"] == "resolved"


def test_an_alert_of_a_village_that_nobody_knows_is_told(pair: Pair) -> None:
    pair.first.add("DiskFull", "site=35.10.12.2999")
    wait_for("the refusal", lambda: pair.heard("refused") >= 1)
    told = pair.centre.run("doctor").stdout
    assert "the label site names no active site" in told


def test_what_ended_while_the_centre_was_dead_is_ended_there(pair: Pair) -> None:
    pair.centre.stop()
    with socket.create_server(("127.0.0.1", pair.target)):
        pair.centre.start()
        for one in (pair.first, pair.second):
            wait_for("its end there", lambda one=one: BLIND not in one.names(), 60)
