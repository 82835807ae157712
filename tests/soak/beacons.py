"""Silence by beacons with real processes: how soon a dead village is known, and that lost packets
and killed processes silence nobody.

python -m tests.soak.beacons [--agents 20] [--senders 300] [--minutes 5]
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from collector import db, states
from tests.stories.centre import Centre, wait_for

LOSSY = """
[[events]]
kind = "beacon_loss"
sites = 1.0
at_s = 0
ratio = {ratio}
"""


def states_of(centre: Centre) -> dict[str, tuple[str, str]]:
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            return {one.code: (str(one.state), one.reason) for one in states.current(connection)}
    finally:
        store.dispose()


def silences(centre: Centre) -> list[str]:
    """Every site that was ever called silent."""
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            return [
                code
                for code in states_of(centre)
                for interval in states.timeline(connection, code, 0.0, 1e12)
                if interval.reason == "silent"
            ]
    finally:
        store.dispose()


def agents(centre: Centre, count: int, stack: ExitStack) -> dict[str, "subprocess.Popen[bytes]"]:
    """Real agents at new sites, running."""
    rows = [f"35.10.12.{2001 + i},Desa {i},60" for i in range(count)]
    listing = centre.folder.parent / "villages.csv"
    listing.write_text("code,name,report_every_s\n" + "\n".join(rows) + "\n")
    done = centre.run("sites", "import", str(listing))
    assert done.returncode == 0, done.stderr
    found = {}
    for given in centre.ask("sites", "codes"):
        home = centre.folder.parent / f"agent-{given['site']}"
        environment = {**os.environ, "RONDA_AGENT_DATA": str(home)}
        enrol = ["-m", "agent.cli", "enrol", centre.ingest_url, given["code"]]
        subprocess.run([sys.executable, *enrol], env=environment, check=True, capture_output=True)
        log = stack.enter_context((home / "log").open("wb"))
        words = [sys.executable, "-m", "agent.cli", "run"]
        process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        stack.callback(_end, process)
        found[given["site"]] = process
    return found


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(10)


def fault_to_state(centre: Centre, count: int, seed: int, within_s: float = 20.0) -> list[float]:
    """Kill real agents at random moments; seconds until each site's state is unknown."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        running = agents(centre, count, stack)
        wait_for("all report", lambda: set(_known(centre)) >= set(running), 60 + 3.0 * count)
        time.sleep(20)
        began = time.monotonic()
        at = {code: chance.uniform(0, within_s) for code in running}
        died: dict[str, float] = {}
        known: dict[str, float] = {}
        while len(known) < count and time.monotonic() - began < within_s + 60:
            for code, after_s in at.items():
                if code not in died and time.monotonic() - began >= after_s:
                    running[code].send_signal(signal.SIGKILL)
                    died[code] = time.monotonic()
            now, standing = time.monotonic(), states_of(centre)
            for code in died:
                if code not in known and standing[code] == ("unknown", "silent"):
                    known[code] = now - died[code]
            time.sleep(0.1)
        assert len(known) == count, f"{count - len(known)} sites are not known to be silent"
    return sorted(known.values())


def _known(centre: Centre) -> list[str]:
    return [code for code, (state, _) in states_of(centre).items() if state != "unknown"]


def lossy(centre: Centre, senders: int, seconds: float, ratio: float, kills: int = 0) -> list[str]:
    """Sites called silent while so many beacons are lost each way, and processes killed."""
    scenario = centre.folder.parent / "lossy.toml"
    scenario.write_text(LOSSY.format(ratio=ratio))
    options = ["--sites", str(senders), "--interval", "60", "--duration", f"{seconds:g}"]
    options += ["--ingest", centre.ingest_url, "--scenario", str(scenario), "--json"]
    words = centre.command("simulate", *options, "--data", str(centre.folder))
    over = threading.Event()
    killer = threading.Thread(target=_kill, args=(centre, kills, seconds, over))
    killer.start()
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 120)
    finally:
        over.set()
        killer.join()
    assert done.returncode == 0, done.stderr
    print(done.stdout.strip(), done.stderr.strip(), file=sys.stderr)
    return silences(centre)


def _kill(centre: Centre, kills: int, seconds: float, over: threading.Event) -> None:
    for number in range(kills):
        if over.wait(seconds / (kills + 1)):
            return
        centre.kill(("ingest", "engine")[number % 2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--senders", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--loss", type=float, default=0.05)
    parser.add_argument("--kills", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-beacons-") as folder:
        report(Path(folder) / "var", args)


def report(folder: Path, args: argparse.Namespace) -> None:
    with Centre(folder, RONDA_UPLINK_TARGETS="127.0.0.1") as centre:
        if args.senders:
            silent = lossy(centre, args.senders, args.minutes * 60, args.loss, args.kills)
            print(f"called silent of {args.senders} at {args.loss:.0%} loss: {silent or 'none'}")
        if args.agents:
            took = fault_to_state(centre, args.agents, 7)
            p95 = took[min(len(took) - 1, round(0.95 * len(took)))]
            middle, longest = took[len(took) // 2], took[-1]
            print(f"fault to state: median {middle:.1f} p95 {p95:.1f} most {longest:.1f} s")


if __name__ == "__main__":
    main()
