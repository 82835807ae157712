"""Rounds of SIGKILL under load, and the count afterwards: nothing lost, nothing twice."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from collector import db, inventory, positions
from collector.fold.commit import FOLD
from collector.journal.opening import open_reader
from collector.series.history import History
from tests.stories.centre import Centre, wait_for
from tests.stories.witness import NAMES, Witness, enrol

VICTIMS = ("ingest", "engine", "web", "up")
SITES = 8


def run_rounds(folder: Path, rounds: int, seed: int, database_url: str = "") -> dict[str, float]:
    """Kill a random process `rounds` times while agents report; figures of what was checked.

    AssertionError names the site and the entries when history differs from what was called safe.
    """
    chance = random.Random(seed)
    centre = Centre(folder, database_url=database_url).start()
    try:
        witnesses = enrolled(centre, seed)
        stop = threading.Event()
        threads = [threading.Thread(target=w.run, args=(stop,)) for w in witnesses]
        for thread in threads:
            thread.start()
        victims = islice(in_turn(chance), rounds)
        slowest = max(_one_round(centre, chance, victim) for victim in victims)
        stop.set()
        for thread in threads:
            thread.join()
        for witness in witnesses:
            witness.drain()
        all_folded(centre)
        entries = sum(compare(centre, witness) for witness in witnesses)
    finally:
        centre.stop()
    failures = Counter[int]()
    for witness in witnesses:
        failures.update(witness.answers)
    return {"rounds": rounds, "entries": entries, "slowest_s": slowest, **_by_status(failures)}


def enrolled(centre: Centre, seed: int) -> list[Witness]:
    """An agent at each of a few new sites."""
    rows = [f"35.10.12.{2001 + i},Desa {i},1" for i in range(SITES)]
    listing = centre.folder.parent / "sites.csv"
    listing.write_text("code,name,report_every_s\n" + "\n".join(rows) + "\n")
    done = centre.run("sites", "import", str(listing))
    assert done.returncode == 0, done.stderr
    codes = centre.ask("sites", "codes")
    return [
        enrol(centre.ingest_url, c["code"], c["site"], seed * 1000 + i) for i, c in enumerate(codes)
    ]


def in_turn(chance: random.Random) -> Iterator[str]:
    """Whom to kill: everybody once in any order, then everybody again."""
    while True:
        yield from chance.sample(VICTIMS, len(VICTIMS))


def _one_round(centre: Centre, chance: random.Random, victim: str) -> float:
    """Kill somebody; seconds until everything serves again."""
    time.sleep(chance.uniform(0.2, 1.5))
    began = time.monotonic()
    centre.kill(victim)
    if victim == "up":
        centre.start()
    wait_for(f"serving after the kill of {victim}", lambda: _serving(centre), 20)
    return time.monotonic() - began


def _serving(centre: Centre) -> bool:
    return all(centre.health(port)["status"] == "ok" for port in ("ingest", "console"))


def all_folded(centre: Centre) -> None:
    """Wait until the fold has committed everything that is in the journal now."""
    with closing(open_reader(centre.settings)) as journal:
        end = journal.end
    wait_for("the fold has taken in everything", lambda: _position(centre) >= end, 30)


def _position(centre: Centre) -> int:
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            return positions.get(connection, FOLD)
    finally:
        store.dispose()


def compare(centre: Centre, witness: Witness) -> int:
    """Look for every entry called safe, once, at its time; how many they are."""
    history = History(centre.settings)
    with db.reading(db.open_store(centre.settings)) as connection:
        row = inventory.site_rows(connection)[witness.site]
    times, values = history.range(row, [NAMES[0]], 0, time.time() + 60)[NAMES[0]]
    found = Counter(int(v) for v in values)
    twice = [n for n, count in found.items() if count > 1]
    assert not twice, f"{witness.site}: twice in history: {twice[:10]}"
    lost = [n for n in witness.safe if n not in found]
    assert not lost, f"{witness.site}: called safe and not in history: {lost[:10]}"
    for at, n in zip(times, values, strict=True):
        assert abs(witness.safe[int(n)] - at) < 2, f"{witness.site}: entry {n} is placed at {at}"
    return len(witness.safe)


def _by_status(answers: Counter[int]) -> dict[str, float]:
    return {f"answers_{status or 'none'}": count for status, count in sorted(answers.items())}


if __name__ == "__main__":
    print(run_rounds(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
