"""Rounds of kills under load while villages have faults, and the count afterwards: nothing lost,
nothing twice, each fault one incident, told once to each."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from alerts import incidents
from alerts.incidents import Incident
from collector import db, inventory, positions
from collector.fold.commit import FOLD
from collector.journal.opening import open_reader
from collector.series.history import History
from tests.stories.blows import HARD, PLAIN, Blows, in_turn
from tests.stories.centre import Centre, wait_for
from tests.stories.gateway import Gateway
from tests.stories.mischief import Fault, Mischief
from tests.stories.reckoning import NOC, Heard, Reckoning, reckon
from tests.stories.witness import NAMES, Witness, enrol

VICTIMS = tuple(role for _, role in PLAIN)
SITES = 8
# sites that fall silent, each after two and a half of its intervals; the others never do
SLEEPERS = 24
_TALKS_S, _SLEEPER_TALKS_S = 300, 8
CHECK_EVERY, _TELL_EVERY = 20, 25
# of a machine that has much else to do
_LIMIT_S = 180.0


def run_rounds(
    folder: Path, rounds: int, seed: int, database_url: str = "", hard: bool = False
) -> dict[str, float]:
    """Kill processes at random `rounds` times while agents report and have faults; the figures.

    `hard`: in pairs, at their start and all at once, too, and sites fall silent. AssertionError
    names the site and the entries, the fault or the message that is not as it should be.
    """
    with Gateway(seed) as gateway:
        centre = Centre(folder, database_url=database_url, RONDA_ALLOW_TARGETS="127.0.0.0/8")
        try:
            story = _Story(centre.start(), gateway, seed, hard)
            story.run(rounds)
            return story.figures()
        finally:
            centre.stop()


class _Story:
    """One centre, its villages, what was done to it and what came of it."""

    def __init__(self, centre: Centre, gateway: Gateway, seed: int, hard: bool) -> None:
        self._centre, self._gateway = centre, gateway
        self._chance = random.Random(seed)
        self._blows = Blows(centre, self._chance)
        self._turn = in_turn(self._chance, HARD if hard else PLAIN)
        every_s = [_TALKS_S] * SITES + [_SLEEPER_TALKS_S] * (SLEEPERS if hard else 0)
        witnesses = enrolled(centre, seed, every_s)
        self._talkers, self._sleepers = witnesses[:SITES], witnesses[SITES:]
        for witness in self._talkers if hard else ():
            witness.pace_s = (0.1, 0.4)
        for witness in self._sleepers:
            witness.pace_s = (1.0, 2.5)
        _readers(centre, gateway, [witness.site for witness in witnesses])
        self._mischief = Mischief(self._talkers, self._sleepers, self._chance)
        self._heard, self._found = Heard(), Reckoning()
        self._store = db.open_store(centre.settings)
        self._slowest_s, self._rounds, self._entries = 0.0, 0, 0

    def run(self, rounds: int) -> None:
        began, since = time.monotonic(), 0.0
        over, pause = threading.Event(), threading.Event()
        sleepers, talkers = _begin(self._sleepers, over), _begin(self._talkers, pause)
        try:
            for self._rounds in range(1, rounds + 1):
                self._one_round()
                if self._rounds % CHECK_EVERY == 0 and self._rounds < rounds:
                    self._settle(silent=False)
                    _end(talkers, pause)
                    since = self._check(since)
                    pause = threading.Event()
                    talkers = _begin(self._talkers, pause)
                if self._rounds % _TELL_EVERY == 0:
                    self._tell(rounds, time.monotonic() - began)
            self._settle(silent=True)
            _end(talkers, pause)
            self._check(0.0)
        finally:
            pause.set()
            _end(sleepers, over)
        # last of all, and not counted any more: whoever stops for this is silent soon
        self._entries += self._kept(self._sleepers, 0.0)
        self._store.dispose()

    def figures(self) -> dict[str, float]:
        answers = Counter[int]()
        for witness in (*self._talkers, *self._sleepers):
            answers.update(witness.answers)
        return {
            "rounds": self._rounds,
            "kills": self._blows.kills,
            "entries": self._entries,
            "faults": len(self._mischief.faults),
            "incidents": self._found.incidents,
            "messages": self._found.messages,
            "twice": self._found.twice,
            "refused": self._gateway.refused,
            "slowest_s": self._slowest_s,
            **{f"answers_{status or 'none'}": n for status, n in sorted(answers.items())},
        }

    def _one_round(self) -> None:
        self._mischief.begin_some()
        self._mischief.go_on(self._open())
        time.sleep(self._chance.uniform(0.2, 1.5))
        self._blows.deal(next(self._turn))

    def _open(self) -> set[tuple[str, str]]:
        with db.reading(self._store) as connection:
            return {(one.site, one.check) for one in incidents.still_open(connection)}

    def _settle(self, silent: bool) -> None:
        """Everything serves again, and all that went wrong was seen and has ended."""
        began = time.monotonic()
        wait_for("all serve", lambda: _serving(self._centre), _LIMIT_S)
        self._slowest_s = max(self._slowest_s, time.monotonic() - began)

        try:
            wait_for(
                "every fault is seen to begin and to end",
                lambda: not self._open_yet(silent),
                _LIMIT_S,
                0.2,
            )
        except AssertionError as missed:
            raise AssertionError(f"{missed}: {self._open_yet(silent)}") from None

    def _open_yet(self, silent: bool) -> list[Fault]:
        seen = self._open()
        self._mischief.go_on(seen)
        faults = (f for f in self._mischief.faults if silent or f.check)
        return [fault for fault in faults if not fault.over or fault.key in seen]

    def _check(self, since: float) -> float:
        """What those who are not talking now were told is safe is there, once, and incidents and
        messages are right; since when there is nothing of them yet.
        """
        until = time.time()
        self._entries = self._kept(self._talkers, since)
        try:
            wait_for("all is as it was", self._right, _LIMIT_S, 0.5)
        except AssertionError as missed:
            raise AssertionError(f"{missed} {self._found.missing}") from None
        return until

    def _kept(self, witnesses: Sequence[Witness], since: float) -> int:
        for witness in witnesses:
            witness.drain(_LIMIT_S)
        all_folded(self._centre, _LIMIT_S)
        return sum(compare(self._centre, witness, since) for witness in witnesses)

    def _right(self) -> bool:
        # messages first: each is of an incident that is listed by then
        told = self._gateway.taken
        with db.reading(self._store) as connection:
            found: Sequence[Incident] = incidents.listing(connection, all=True)
        with closing(open_reader(self._centre.settings)) as journal:
            self._heard.listen(journal, [witness.agent for witness in self._sleepers])
        self._found = reckon(self._mischief.faults, found, self._heard, told, self._blows.died)
        return not self._found.missing

    def _tell(self, rounds: int, took_s: float) -> None:
        left = took_s / self._rounds * (rounds - self._rounds) / 60
        done = f"{self._rounds:>5} of {rounds} rounds, {self._blows.kills} kills"
        seen = f"{len(self._mischief.faults)} faults, {self._found.messages} messages"
        print(f"{done}, {seen}; {took_s / 60:.0f} min, {left:.0f} to go", flush=True)


def enrolled(centre: Centre, seed: int, every_s: Sequence[int] = (1,) * SITES) -> list[Witness]:
    """An agent at each of a few new sites, which report so often."""
    rows = [f"35.10.12.{2001 + i},Desa {i},{every}" for i, every in enumerate(every_s)]
    _load(centre, "sites", "code,name,report_every_s", rows)
    codes = sorted(centre.ask("sites", "codes"), key=lambda code: str(code["site"]))
    return [
        enrol(centre.ingest_url, c["code"], c["site"], seed * 1000 + i) for i, c in enumerate(codes)
    ]


def _readers(centre: Centre, gateway: Gateway, sites: Sequence[str]) -> None:
    """Somebody who hears of everything, and somebody in each village."""
    rows = [f"{site},Kades,village,1,{gateway.url(site)}" for site in sites]
    rows.append(f"*,NOC,noc,1,{gateway.url(NOC)}")
    _load(centre, "contacts", "scope,name,role,order,webhook", rows)


def _load(centre: Centre, kind: str, head: str, rows: Sequence[str]) -> None:
    listing = centre.folder.parent / f"{kind}.csv"
    listing.write_text("\n".join([head, *rows, ""]))
    centre.ask(kind, "import", str(listing))


def _begin(witnesses: Sequence[Witness], stop: threading.Event) -> list[Future[None]]:
    pool = ThreadPoolExecutor(max(1, len(witnesses)))
    talking = [pool.submit(witness.run, stop) for witness in witnesses]
    pool.shutdown(wait=False)
    return talking


def _end(talking: Sequence[Future[None]], stop: threading.Event) -> None:
    stop.set()
    for one in talking:
        # what an agent did not expect is told here
        one.result()


def _serving(centre: Centre) -> bool:
    return all(centre.health(port)["status"] == "ok" for port in ("ingest", "console"))


def all_folded(centre: Centre, limit_s: float = 30.0) -> None:
    """Wait until the fold has committed everything that is in the journal now."""
    with closing(open_reader(centre.settings)) as journal:
        end = journal.end
    wait_for("the fold has taken in everything", lambda: _position(centre) >= end, limit_s)


def _position(centre: Centre) -> int:
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            return positions.get(connection, FOLD)
    finally:
        store.dispose()


def compare(centre: Centre, witness: Witness, since: float = 0.0) -> int:
    """Look for every entry called safe, of that time or later, once, at its time; how many there
    are in all.
    """
    store, numbers = db.open_store(centre.settings), db.open_history(centre.settings)
    try:
        with db.reading(store) as connection:
            row = inventory.site_rows(connection)[witness.site]
        history = History(centre.settings, numbers)
        times, values = history.range(row, [NAMES[0]], since, time.time() + 60)[NAMES[0]]
    finally:
        # one server has so many connections to give, and there are many agents
        numbers.dispose()
        store.dispose()
    found = Counter(int(v) for v in values)
    twice = [n for n, count in found.items() if count > 1]
    assert not twice, f"{witness.site}: twice in history: {twice[:10]}"
    lost = [n for n, at in witness.safe.items() if at >= since and n not in found]
    assert not lost, f"{witness.site}: called safe and not in history: {lost[:10]}"
    for at, n in zip(times, values, strict=True):
        assert abs(witness.safe[int(n)] - at) < 2, f"{witness.site}: entry {n} is placed at {at}"
    return len(witness.safe)


if __name__ == "__main__":
    print(run_rounds(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), hard=True))
