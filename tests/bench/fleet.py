"""`ronda simulate` beside a centre, as a process: what it says, and what it takes itself."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.db import open_store
from collector.secret import load_secret
from collector.series.window_head import window_minutes
from collector.simulate.enrolment import enrol
from tests.bench.vitals import cpu_s
from tests.bench.watching import answers
from tests.stories.centre import Centre

REPORTS = "/api/v1/reports"
# rows of a country are made first; its agents say goodbye at the end
ENROL_S, GOODBYE_S = 900.0, 300.0
_CAUGHT_UP_S, _REST_S = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the fleet said when it ended; no figures when it was killed or failed."""

    figures: dict[str, Any]
    remarks: str
    cpu_s: float


def centre_for(sites: int, folder: Path) -> Centre:
    """A centre with the one setting that docs/operator.md advises by the number of sites."""
    return Centre(folder, RONDA_WINDOW_MINUTES=str(window_minutes(sites)))


class Fleet:
    """One fleet by its seed; what it prints lies beside the centre's folder."""

    def __init__(self, centre: Centre, sites: int, seed: int = 1, **words: object) -> None:
        options = {"sites": sites, "seed": seed, "data": centre.folder, **words}
        command = centre.command("simulate", "--ingest", centre.ingest_url, "--json")
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        self._said = centre.folder.parent / f"fleet-{seed}.json"
        self._remarked = centre.folder.parent / f"fleet-{seed}.log"
        self.spent_s = 0.0
        with self._said.open("w") as said, self._remarked.open("w") as remarked:
            self.process = subprocess.Popen(command, stdout=said, stderr=remarked)

    def runs(self) -> bool:
        self.spent_s = max(self.spent_s, cpu_s(self.process.pid))
        return self.process.poll() is None

    def end(self, limit_s: float = GOODBYE_S) -> Told:
        """Wait for it, and kill it when it does not end."""
        deadline = time.monotonic() + limit_s
        while self.runs() and time.monotonic() < deadline:
            time.sleep(0.2)
        self.kill()
        said = self._said.read_text()
        figures = json.loads(said) if said.strip() else {}
        return Told(figures, self._remarked.read_text().strip(), self.spent_s)

    def kill(self) -> None:
        """At once, without a goodbye, if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def enrolled(centre: Centre, sites: int, interval: int, seed: int = 1) -> None:
    """The villages of a fleet and their agents stand in the inventory, and the centre knows it."""
    store, secret = open_store(centre.settings), load_secret(centre.settings.folder)
    try:
        enrol(store, secret, sites, seed, interval, time.time())
    finally:
        store.dispose()
    calm(centre, ENROL_S)


def first_report(centre: Centre, fleet: Fleet) -> float:
    """The moment at which the first report was answered; before it the fleet's rows are made."""
    began, before = time.monotonic(), answers(centre)[REPORTS, 200]
    while fleet.runs() and time.monotonic() - began < ENROL_S:
        if answers(centre)[REPORTS, 200] > before:
            break
        time.sleep(0.5)
    print(f"   the fleet reports after {time.monotonic() - began:.0f} s", flush=True)
    return time.monotonic()


def calm(centre: Centre, limit_s: float) -> None:
    """Until the fold keeps up; told when it does not, for then figures are of no steady state."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        time.sleep(_REST_S)
        lag = centre.health().get("fold_lag_s")
        if lag is not None and float(lag) <= _CAUGHT_UP_S:
            return
    print(f"   the fold is still {centre.health().get('fold_lag_s')} s behind", flush=True)
