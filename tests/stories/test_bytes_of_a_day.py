"""What an agent costs a village by the byte: the real process, TLS, a wire that is counted."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.clock import Clock
from agent.identity import Home, Identity
from agent.knows import vocabulary
from agent.spool import Spool
from agent.status import ask
from collector.inventory.kinds import CADENCES
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.servers import Authority
from tests.bench.agent_footprint import Relay, snugly

pytestmark = pytest.mark.slow
TOKEN = "token-1" * 6
# what docs/performance.md says that reports of a day cost at most, in bytes
AT_MOST = {"4g": 900_000, "hemat": 500_000}


def eventually(true: Callable[[], Any], within_s: float = 40.0) -> Any:
    end = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
    return found


@contextmanager
def agent(
    folder: Path, centre: FakeCollector, authority: Authority, relay: Relay, config: dict[str, Any]
) -> Iterator[Home]:
    """`ronda-agent run`, enrolled through the relay, with this configuration."""
    home = Home(str(folder / "home"))
    home.make()
    url = f"https://localhost:{relay.port}"
    home.keep_identity(Identity(url=url, agent="7", token=TOKEN, ca=authority.pem))
    centre.tokens, centre.config = {TOKEN}, config
    home.keep_config(config, centre.etag, vocabulary())
    environment = {**os.environ, "RONDA_AGENT_DATA": home.folder}
    words = [sys.executable, "-m", "agent.cli", "run"]
    process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield home
    finally:
        process.terminate()
        process.wait(10)


def standard(report_every_s: float, profile: str, **more: Any) -> dict[str, Any]:
    """What the centre delivers, as far as it can be looked at here."""
    return {
        "profile": profile,
        "check_every_s": 60,
        "report_every_s": report_every_s,
        "checks": [
            {"name": "gateway", "kind": "ping", "host": "127.0.0.1", "uplink": "main"},
            {"name": "link", "kind": "link", "interfaces": ["lo"]},
            {"name": "host", "kind": "host"},
        ],
        **more,
    }


@pytest.mark.parametrize("profile", ["4g", "hemat"])
def test_reports_of_a_day_stay_under_what_is_documented(tmp_path: Path, profile: str) -> None:
    authority = Authority()
    with (
        collector(authority.context(tmp_path)) as centre,
        closing(Relay(centre.port)) as relay,
        agent(tmp_path, centre, authority, relay, standard(2, profile)) as home,
    ):
        centre.wait_for(2, 30)
        began, first = snugly(relay), len(centre.reports)
        centre.wait_for(first + 6, 40)
        each = (snugly(relay) - began) / (len(centre.reports) - first)
        told = ask(home.path("status.sock"))
        wire = snugly(relay)
    assert told is not None
    # the kernel's own figures: what the agent says is what the wire had, but for Ethernet
    assert told["bytes"]["today"] == pytest.approx(wire, rel=0.25)
    day = 86400 / CADENCES[profile][1]
    # an idle connection ends after 330 s: with hemat each report begins one
    handshake = (began - first * each) / relay.connections
    anew = handshake if CADENCES[profile][1] > 330 else 0
    print(json.dumps({"profile": profile, "a report": round(each), "a connection": round(handshake),
                      "a day": round(day * (each + anew))}))  # fmt: skip
    assert day * (each + anew) < AT_MOST[profile]


def test_a_day_that_is_used_up_and_the_next_one(tmp_path: Path) -> None:
    authority = Authority()
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 3600))
    home = Home(str(tmp_path / "home"))
    home.make()
    # an earlier run of this day
    earlier = Spool(home.path("spool"), Clock().boot)
    earlier.notes["bytes"] = [day, 104_000, 900_000]
    earlier.append_findings(1.0, [(time.time(), 1.0, "app", "good", "")])
    config = standard(1, "4g", bytes_per_day=100_000, check_every_s=1)
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    check = {"name": "door", "kind": "tcp", "host": "127.0.0.1", "port": port, "every_s": 1}
    config["checks"].append(check)
    with (
        closing(door),
        collector(authority.context(tmp_path)) as centre,
        closing(Relay(centre.port)) as relay,
        agent(tmp_path, centre, authority, relay, config),
    ):
        # the first report tells the agent what day it is, the next that the day is used up
        spent = eventually(lambda: [r for r in centre.reports if r.get("every_s") == 1800])
        assert spent[0]["used"]["today"] >= 104_000
        time.sleep(3.0)
        quiet = len(centre.reports)
        time.sleep(4.0)
        # four intervals, and not a frame
        assert len(centre.reports) == quiet
        assert all(not r["frames"] for r in centre.reports[-1:])
        # the site's midnight: it is learned from the answer to what is sent next
        centre.time = time.time() + 86400
        door.close()
        found = eventually(lambda: centre.reports[quiet:])
        assert found[0]["findings"][0]["check"] == "door"
        eventually(lambda: any(r["frames"] for r in centre.reports[quiet:]))
        assert "every_s" not in centre.reports[-1]
