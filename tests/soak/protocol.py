"""Spin looks at every way an entry can go: none may be lost or counted twice, none may wait.

`python -m tests.soak.protocol` prints what docs/protocol/README.md explains; with `--trail NAME`
the way in which a safeguard that was taken away was missed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MODEL = Path(__file__).parent.parent.parent / "docs" / "protocol" / "reports.pml"
# of memory, and of time should the machine be busy
_MIB, _LIMIT_S = 1900, 900.0
_COMPILE = ("gcc", "-O1", "-w", "-DSAFETY", "-DCOLLAPSE", f"-DMEMLIM={_MIB}", "-o", "pan", "pan.c")
_EXPLORE = ("./pan", "-m20000")

LOST = "what was called safe is in the history"
TWICE = "nothing is counted twice"
LEFT = "what a village still has comes in"
DOUBLE = "only a double is refused"
WAITS = "nothing waits for ever"
# what the assertions of the model say, by a part of each
_BROKEN = {
    "due": LOST,
    "history)))==0)": LEFT,
    "counted>>": TWICE,
    "cloned": DOUBLE,
    "ingest_is": WAITS,
    "asks": WAITS,
    "invalid end state": WAITS,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One exploration; `broken` is the property that does not hold, "" when all do."""

    broken: str
    states: int
    mib: float
    cpu_s: float


# what may happen, how often: all that can come of it is looked at
WHOLE: Mapping[str, str] = {
    "an answer lost, ingest killed, the centre's power cut": "SAMPLES=2 LOST=1 KILLS=1 DARK=1",
    "an answer lost, the fold killed, the centre's power cut": "SAMPLES=2 LOST=1 STOPS=1 DARK=1",
    "an answer lost, the village's power cut": "SAMPLES=2 LOST=1 CUTS=1",
    "the village's power cut twice": "SAMPLES=2 CUTS=2",
    "a restore, the fold killed": "SAMPLES=2 RESTORES=1 STOPS=1",
    "a restore, the village's power cut": "SAMPLES=2 RESTORES=1 CUTS=1",
    "a copied disk, an answer lost": "SAMPLES=2 CLONES=1 LOST=1 TIGHT=0",
    "a copied disk, one is refused": "SAMPLES=3 CLONES=1 TIGHT=0",
}

# a safeguard that is taken away, what may happen then, and what has to be found broken
WITHOUT: Sequence[tuple[str, str, str]] = (
    ("ANSWERED_EARLY", "SAMPLES=1 DARK=1", LOST),
    ("SETTLED_UNHEARD", "SAMPLES=1 LOST=1", LEFT),
    ("NO_DEDUPE", "SAMPLES=1 LOST=1", TWICE),
    ("SPOOL_KEPT", "SAMPLES=2 CUTS=1", LOST),
    ("OLDER_REFUSED", "SAMPLES=2 CUTS=1", DOUBLE),
    ("READ_UNSYNCED", "SAMPLES=1 LOST=1 DARK=1", TWICE),
    ("POSITION_FIRST", "SAMPLES=1 STOPS=1", LOST),
    ("NOT_SYNCED", "SAMPLES=1 DARK=1", LOST),
    ("NOT_CAUGHT_UP", "SAMPLES=1 LOST=1 STOPS=1", TWICE),
    ("DROPPED_EARLY", "SAMPLES=1 LOST=1 STOPS=1", TWICE),
    ("COPIED_APART", "SAMPLES=1 RESTORES=1", LOST),
    ("NOT_HELD", "SAMPLES=1 RESTORES=1", LOST),
    ("EPOCH_KEPT", "SAMPLES=2 RESTORES=1", LEFT),
    ("NOT_OFFERED_AGAIN", "SAMPLES=2 RESTORES=1", LEFT),
    ("EPOCH_NOTED_FIRST", "SAMPLES=2 RESTORES=1 CUTS=1", LEFT),
)


def explore(folder: Path, names: Sequence[str]) -> Found:
    """All states of the model with these names defined; RuntimeError when it was not all."""
    shutil.copy(MODEL, folder)
    before = os.times()
    _run(folder, ("spin", "-a", *(f"-D{name}" for name in names), MODEL.name))
    _run(folder, _COMPILE)
    said = _run(folder, _EXPLORE)
    after = os.times()
    spent = sum(after[2:4]) - sum(before[2:4])
    broken = _broken(said)
    if not broken and ("errors: 0" not in said or "not completed" in said):
        raise RuntimeError(f"{' '.join(names)}: not all was looked at:\n{said}")
    return Found(broken, int(_number(said, "states, stored")), _number(said, "total actual"), spent)


def prove() -> bool:
    """Print the table; did everything come out as it has to?"""
    good = True
    for what, names in WHOLE.items():
        good = _row(what, names.split(), "") and good
    for name, names, must in WITHOUT:
        good = _row(f"without: {name}", [name, *names.split()], must) and good
    return good


def trail(name: str) -> str:
    """How it comes to what is found broken without this safeguard, step by step."""
    names = next(names for known, names, _ in WITHOUT if known == name)
    with tempfile.TemporaryDirectory(prefix="ronda-model-") as place:
        folder = Path(place)
        explore(folder, [name, *names.split()])
        defined = [f"-D{one}" for one in [name, *names.split()]]
        return _run(folder, ("spin", "-t", "-p", "-g", *defined, MODEL.name))


def _row(what: str, names: Sequence[str], must: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="ronda-model-") as place:
        found = explore(Path(place), names)
    said = found.broken or "all holds"
    figures = f"{found.states:>9} states {found.mib:5.0f} MiB {found.cpu_s:5.1f} CPU-s"
    wrong = "" if found.broken == must else f"  WRONG: {must or 'all must hold'}"
    print(f"{what:<56} {figures}  {said}{wrong}", flush=True)
    return not wrong


def _broken(said: str) -> str:
    found = re.search(r"pan:1: (.*)", said)
    if found is None:
        return ""
    return next((name for part, name in _BROKEN.items() if part in found[1]), found[1])


def _number(said: str, what: str) -> float:
    found = re.search(rf"([\d.e+]+)\s+{what}", said)
    return float(found[1]) if found else 0.0


def _run(folder: Path, command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_LIMIT_S)
    said = done.stdout + done.stderr
    if done.returncode and command is not _EXPLORE:
        raise RuntimeError(f"{' '.join(command)}: {said.strip()[-2000:]}")
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trail", choices=[name for name, _, _ in WITHOUT], metavar="NAME")
    wanted = parser.parse_args().trail
    if wanted:
        print(trail(wanted))
    elif not prove():
        sys.exit("the protocol, or its model, is wrong")


if __name__ == "__main__":
    main()
