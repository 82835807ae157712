"""What readers of the window must know before they map anything of it."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

VERSION = 1
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


def window_minutes(sites: int) -> int:
    """How far the window should reach back for so many sites."""
    if sites <= 5_000:
        return 120
    return 60 if sites <= 20_000 else 30


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
    kept = replace(old, session=fresh.session, whole=False, since=fresh.since)
    same = old.whole and kept == replace(fresh, folder=old.folder)
    return replace(old, session=session) if same else fresh
