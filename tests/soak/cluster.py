"""Kills on several machines: two of the centre, three of the journal, one of the database.

python -m tests.soak.cluster [--rounds 50] [--seed 7]

Nothing that was answered 200 is lost or twice in history; each fault in a village is one incident,
told once, or twice where whoever delivered it died before the answer was written down.
"""

import argparse
import math
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alerts import incidents
from collector import db
from tests import nats
from tests.bench.messages import Gateway
from tests.postgres import own_connections, running_server
from tests.soak.machines import DELIVERING, KINDS, Fold, Machines, looking
from tests.soak.villages import EVERY_S, Faults, Village, check_name, moved_on
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import compare
from tests.stories.witness import enrol

# those of the second number fall silent once each, the others have checks that go bad
TALKING, QUIET = 6, 5
_SERVES_S = 120.0
_CHECK_EVERY, _SILENCE_EVERY = 2, 9


class Rounds:
    """Kills one after the other, and how long each kind took to be made up for."""

    def __init__(
        self, machines: Machines, villages: Sequence[Village], faults: Faults, chance: random.Random
    ) -> None:
        self._machines, self._villages, self._faults = machines, villages, faults
        self._chance = chance
        self._kinds = _in_turn(chance)
        self.slowest: dict[str, float] = {}
        self.count: Counter[str] = Counter()
        # when somebody died on whom a delivery may have hung
        self.kills: list[float] = []

    def run(self, rounds: int, limit_s: float) -> None:
        """So many, but none is begun after `limit_s`."""
        until = time.monotonic() + limit_s
        with looking(self._machines) as fold:
            for number in range(rounds):
                if time.monotonic() > until:
                    break
                if number % _CHECK_EVERY == 0:
                    self._faults.begin_check(self._chance)
                if number % _SILENCE_EVERY == 1:
                    self._faults.begin_silence()
                self._one(number, fold)
                self._faults.end_told()

    def _one(self, number: int, fold: Fold) -> None:
        kind = next(self._kinds)
        time.sleep(self._chance.uniform(0.2, 1.5))
        if kind == "PostgreSQL":
            # the kind of a check that nobody has seen yet is known to the database alone
            wait_for("verdicts are kept", lambda: all(v.all_told for v in self._villages))
        before, began = [len(village.safe) for village in self._villages], time.monotonic()
        who, bring_back = self._machines.victim(kind, self._chance)
        if kind in DELIVERING:
            self.kills.append(began)
        if kind == "PostgreSQL":
            # nobody goes on without it: what is measured is how soon they do afterwards
            bring_back()
        wait_for(f"kept after {who}", lambda: moved_on(self._villages, before), _SERVES_S)
        kept_s = time.monotonic() - began
        fold.catches_up()
        folded_s = time.monotonic() - began
        if kind != "PostgreSQL":
            bring_back()
        wait_for(f"all serve after {who}", self._machines.serve, _SERVES_S)
        wait_for("one engine works", lambda: len(self._machines.working()) == 1, _SERVES_S)
        self.count[kind] += 1
        for what, seconds in ((f"{kind}, kept", kept_s), (f"{kind}, folded", folded_s)):
            self.slowest[what] = max(seconds, self.slowest.get(what, 0.0))
        print(
            f"{number:4} {who:18} kept {kept_s:5.1f} s, folded {folded_s:5.1f} s,"
            f" all back {time.monotonic() - began:5.1f} s",
            flush=True,
        )


def _in_turn(chance: random.Random) -> Iterator[str]:
    """Each kind once in any order, then each again."""
    while True:
        yield from chance.sample(KINDS, len(KINDS))


def run(folder: Path, rounds: int, seed: int, limit_s: float = math.inf) -> dict[str, float]:
    """Figures of so many rounds, or of `limit_s`; AssertionError: what was lost, or told twice."""
    chance, gateway = random.Random(seed), Gateway()
    with (
        nats.running(3) as nodes,
        running_server() as postgres,
        own_connections(),
        Machines(folder, nodes, postgres, RONDA_ALLOW_TARGETS="127.0.0.0/8").running() as machines,
    ):
        villages = _villages(machines, gateway, rounds, seed)
        faults = Faults(villages[:TALKING], villages[TALKING:], gateway)
        rounds_of = Rounds(machines, villages, faults, chance)
        with _reporting(villages):
            rounds_of.run(rounds, limit_s)
            faults.end_all()
        entries = _kept(machines, villages)
        with db.reading(db.open_store(machines.one.settings)) as connection:
            twice = faults.checked(incidents.listing(connection, all=True), rounds_of.kills)
    gateway.server.shutdown()
    return {
        "rounds": rounds_of.count.total(),
        "entries": entries,
        "faults": len(faults.begun),
        "of them silences": faults.silences,
        "messages": len(gateway.got),
        "told twice": twice,
        **dict(sorted(rounds_of.slowest.items())),
    }


def _villages(machines: Machines, gateway: Gateway, rounds: int, seed: int) -> list[Village]:
    """An agent at each site, services enough for every fault, and one who is told of all."""
    sites = [f"35.10.{1 + n:02}.2001" for n in range(TALKING + QUIET)]
    rows = [f"{site},Desa {n},{EVERY_S}" for n, site in enumerate(sites)]
    _load(machines.one, "sites", ["code,name,report_every_s", *rows])
    checks = [
        f"{check_name(n)},{site},http,http://{site}/{n}"
        for n in range(rounds)
        for site in sites[:TALKING]
    ]
    _load(machines.one, "services", ["name,site,kind,target", *checks])
    _load(machines.one, "contacts", ["scope,name,role,webhook", f"*,noc,noc,{gateway.url}"])
    made = []
    for n, given in enumerate(machines.one.ask("sites", "codes")):
        url, own = machines.urls[n % 2], seed * 1000 + n
        known = enrol(url, given["code"], given["site"], own)
        made.append(Village(url, known.token, known.site, own, urls=machines.urls))
    return sorted(made, key=lambda village: village.site)


def _load(centre: Centre, kind: str, lines: Sequence[str]) -> None:
    listing = centre.folder.parent / f"{kind}.csv"
    listing.write_text("\n".join(lines) + "\n")
    done = centre.run(kind, "import", str(listing))
    assert done.returncode == 0, done.stderr


@contextmanager
def _reporting(villages: Sequence[Village]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=village.run, args=(stop,)) for village in villages]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _kept(machines: Machines, villages: Sequence[Village]) -> int:
    """How many entries were called safe: all are in history, each once, where the first machine
    has all of its window from the journal."""
    for village in villages:
        village.drain()
    machines.other.stop()
    wait_for("the first machine's engine works", lambda: machines.working() == ["one"], _SERVES_S)
    with looking(machines) as fold:
        # what comes from now on it alone takes in, behind all of its window
        fold.catches_up()
    return sum(compare(machines.one, village) for village in villages)


def say(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        print(f"{name:>20}  {value:.4g}", flush=True)
    print("nothing called safe was lost or is there twice; each fault is one incident", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no round after them")
    parser.add_argument("--folder", type=Path, help="one to keep, for who looks for a reason")
    args = parser.parse_args()
    if args.folder:
        args.folder.mkdir()
        say(run(args.folder, args.rounds, args.seed, args.minutes * 60))
        return
    with tempfile.TemporaryDirectory(prefix="ronda-cluster-") as folder:
        say(run(Path(folder), args.rounds, args.seed, args.minutes * 60))


if __name__ == "__main__":
    main()
