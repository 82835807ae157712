"""What readers of the window must know before they map anything of it."""

import json
import math
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

VERSION = 1
# for so many sites at most: how many minutes the window holds
_LENGTHS = ((5_000, 120), (20_000, 60), (math.inf, 30))
# so long a journal fills it again, whatever was chosen before
LONGEST = max(minutes for _, minutes in _LENGTHS)
# it becomes longer again when so much of a bound is not reached any more
_WELL_BELOW = 0.9
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Head:
    """Which folder holds the arrays, and how they are to be read."""

    version: int
    boot: str
    minutes: int
    folder: str
    session: str
    whole: bool  # a rebuild that was broken off is begun again
    since: float = 0.0  # of what came before that it was not filled again


def window_minutes(sites: float, had: int = 0) -> int:
    """How far the window should reach back for so many sites, where it reached back `had`.

    Shorter at once, for room; longer only well below a bound: whoever hovers around it does not
    read the journal again at each start.
    """
    fits = next(minutes for most, minutes in _LENGTHS if sites <= most)
    if had < fits and had in dict(_LENGTHS).values():
        return max(had, window_minutes(sites / _WELL_BELOW))
    return fits


def next_minutes(folder: Path, setting: int, sites: int) -> int:
    """How long the window in this folder will be when it is next opened; `setting` 0: as it fits
    the sites."""
    head = read_head(folder)
    return setting or window_minutes(sites, 0 if head is None else head.minutes)


def machine_boot() -> str:
    """Changes when the machine restarts; files written through maps may then be incomplete."""
    return _BOOT.read_text().strip() if _BOOT.exists() else ""


def read_head(folder: Path) -> Head | None:
    """What the writer said of its window; None before there is one."""
    try:
        return Head(**json.loads((folder / "head").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_head(folder: Path, head: Head) -> None:
    new = folder / "head.new"
    new.write_text(json.dumps(asdict(head)))
    new.replace(folder / "head")


def go_on(old: Head | None, minutes: int, boot: str, last: str) -> Head:
    """The old window where all is in it, else a new one."""
    name, session = f"w-{secrets.token_hex(4)}", secrets.token_hex(4)
    fresh = Head(VERSION, boot, minutes, name, session, False)
    if old is None or last not in ("", old.folder):
        # another engine has folded since: what it took in is not here
        return fresh
    same = (old.version, old.boot, old.minutes, old.whole) == (VERSION, boot, minutes, True)
    return replace(old, session=session) if same else fresh
