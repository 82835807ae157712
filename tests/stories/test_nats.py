"""The journal on three servers of NATS: any of them, ingest or the engine dies, nothing is lost."""

import contextlib
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import nats
from tests.stories.centre import Centre, ask, free_port, wait_for
from tests.stories.kills import _serving, all_folded, compare, enrolled
from tests.stories.streams import elsewhere, on_streams
from tests.stories.witness import Witness

pytestmark = pytest.mark.slow


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


@pytest.mark.soak
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
        assert "journal" in str(centre.health()["why"])
        before = [centre.pid(role) for role in ("ingest", "engine")]
        for node in servers:
            node.start()
        wait_for("kept again", witness.send, 40)
        all_folded(centre)
        assert compare(centre, witness) == 2
        assert [centre.pid(role) for role in ("ingest", "engine")] == before


@contextlib.contextmanager
def second_ingest(centre: Centre) -> Iterator[str]:
    """Another ingest of the same centre; its address."""
    url = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        centre.command("serve", "--role", "ingest"),
        env={**centre.environment, "RONDA_DATA": str(centre.folder), "RONDA_INGEST": url},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("the second ingest", lambda: ask("GET", f"http://{url}/healthz")[0] == 200, 40)
        yield f"http://{url}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.soak
def test_agents_go_from_one_ingest_to_the_other_and_a_clone_is_seen_by_both(tmp_path: Path) -> None:
    with (
        nats.running(3) as servers,
        on_streams(tmp_path / "var", list(servers)) as centre,
        second_ingest(centre) as other,
    ):
        urls = [centre.ingest_url, other]
        witnesses = enrolled(centre, seed=9)
        for turn in range(12):
            for place, witness in enumerate(witnesses):
                witness.sample()
                # some wander, some stay until they are not answered
                if place % 2 and turn % 3 == 0:
                    elsewhere(witness, urls)
                if not witness.send():
                    elsewhere(witness, urls)
            if turn == 4:
                os.kill(centre.pid("ingest"), 9)
        wait_for("the first is back", lambda: _serving(centre), 40)
        for witness in witnesses:
            witness.drain()
        all_folded(centre)
        assert sum(compare(centre, witness) for witness in witnesses) == 12 * len(witnesses)
        stolen(witnesses[0], urls)


def stolen(mine: Witness, urls: list[str]) -> None:
    """The token is used by another program too, at the other address: the older one is told."""
    mine.url, thief = urls[0], Witness(urls[1], mine.token, mine.site, seed=99)
    # of one boot their uptimes tell who is newer, without the time that is left between machines
    thief._boot, thief._began = mine._boot, mine._began

    def refused() -> bool:
        for one in (mine, thief):
            one.sample()
            with contextlib.suppress(AssertionError):
                one.send()
        return mine.answers.get(409, 0) > 0

    wait_for("the older one is refused", refused, 30, pause_s=0.5)
    assert 409 not in thief.answers


def test_when_a_machine_dies_another_one_takes_over_all_of_it(
    tmp_path: Path, postgres_url: str
) -> None:
    with nats.running() as servers:
        one, other = (
            on_streams(tmp_path / name, list(servers), postgres_url) for name in ("one", "other")
        )
        with one:
            witnesses = enrolled(one, seed=11)
            other.folder.mkdir(mode=0o700)
            shutil.copy(one.folder / "secret.key", other.folder)
            with other:
                reports(witnesses, 20)
                wait_for("the engine stands by", lambda: "stands by" in other.output)
                one.kill("up")
                for witness in witnesses:
                    elsewhere(witness, [one.ingest_url, other.ingest_url])
                reports(witnesses, 20)
                for witness in witnesses:
                    witness.drain()
                wait_for("the other one is well", lambda: _serving(other), 60)
                all_folded(other)
                assert sum(compare(other, witness) for witness in witnesses) == 40 * len(witnesses)


def reports(witnesses: list[Witness], count: int) -> None:
    for _ in range(count):
        for witness in witnesses:
            witness.sample()
            witness.send()


@pytest.mark.soak
def test_restored_beside_its_stream_a_centre_gets_back_what_came_after_the_backup(
    tmp_path: Path,
) -> None:
    with nats.running() as servers:
        with on_streams(tmp_path / "var", list(servers)) as old:
            witnesses = enrolled(old, seed=13)
            reports(witnesses, 5)
            done = old.run("backup", str(tmp_path / "backup"))
            assert done.returncode == 0, done.stderr
            reports(witnesses, 5)
            for witness in witnesses:
                witness.drain()
        new = on_streams(tmp_path / "new", list(servers))
        done = new.run("restore", str(tmp_path / "backup"))
        assert done.returncode == 0, done.stderr
        shutil.copy(old.folder / "secret.key", new.folder)
        with new:
            for witness in witnesses:
                witness.url = new.ingest_url
            reports(witnesses, 5)
            for witness in witnesses:
                witness.drain()
            all_folded(new)
            assert sum(compare(new, witness) for witness in witnesses) == 15 * len(witnesses)
