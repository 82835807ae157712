"""The journal on three servers of NATS: any of them, ingest or the engine dies, nothing is lost."""

import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests import nats
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import _serving, all_folded, compare, enrolled


def on_streams(folder: Path, nodes: list[nats.Node]) -> Centre:
    """A centre whose journal these servers are."""
    servers = tuple(node.url for node in nodes)
    monitors = ",".join(node.monitor_url for node in nodes)
    centre = Centre(folder, RONDA_JOURNAL=",".join(servers), RONDA_JOURNAL_MONITOR=monitors)
    centre.settings = replace(centre.settings, journal=servers)
    return centre


@pytest.mark.slow
def test_nothing_called_safe_is_lost_or_doubled_whoever_dies(tmp_path: Path) -> None:
    chance = random.Random(7)
    with nats.running(3) as servers, on_streams(tmp_path / "var", list(servers)) as centre:
        witnesses = enrolled(centre, seed=7)
        stop = threading.Event()
        threads = [threading.Thread(target=w.run, args=(stop,)) for w in witnesses]
        for thread in threads:
            thread.start()
        # one server at a time, and between them those who write and read
        for victim in chance.sample([*servers, "ingest", "engine"], 5):
            safe = sum(len(w.safe) for w in witnesses)
            if isinstance(victim, nats.Node):
                victim.kill()
            else:
                centre.kill(victim)
            wait_for(
                f"more is kept after the kill of {victim}",
                lambda s=safe: sum(len(w.safe) for w in witnesses) > s + 20 and _serving(centre),
                40,
            )
            if isinstance(victim, nats.Node):
                victim.start().wait()
        stop.set()
        for thread in threads:
            thread.join()
        for witness in witnesses:
            witness.drain()
        all_folded(centre)
        assert sum(compare(centre, witness) for witness in witnesses) > 200


@pytest.mark.slow
def test_while_all_servers_are_away_agents_are_sent_away_and_all_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    with nats.running(3) as servers, on_streams(tmp_path / "var", list(servers)) as centre:
        (witness, *_) = enrolled(centre, seed=8)
        witness.sample()
        wait_for("the first is kept", witness.send)
        for node in servers:
            node.kill()
        witness.sample()
        wait_for("sent away", lambda: witness.send() or witness.answers.get(503), 30)
        assert len(witness.safe) == 1
        before = [centre.pid(role) for role in ("ingest", "engine")]
        for node in servers:
            node.start()
        wait_for("kept again", witness.send, 40)
        all_folded(centre)
        assert compare(centre, witness) == 2
        assert [centre.pid(role) for role in ("ingest", "engine")] == before
