"""How many people are logged in to the hotspot? Asked of openNDS, nodogsplash or CoovaChilli.

What they say of each is counted and forgotten.
"""

import re
from collections.abc import Callable

from agent.probes.system import has, run
from agent.report import ProbeFailed

_IN_JSON = re.compile(r'"state"\s*:\s*"Authenticated"', re.IGNORECASE)
_IN_STATUS = re.compile(r"^\s*State:\s*Authenticated\s*$", re.MULTILINE | re.IGNORECASE)
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")


def nds_json(text: str) -> int | None:
    """By `ndsctl json` (its JSON has a comma too many in some versions); None when it is none."""
    text = text.strip()
    if not (text.startswith("{") and text.endswith("}")) or '"client' not in text:
        return None
    return len(_IN_JSON.findall(text))


def nds_status(text: str) -> int | None:
    """By `ndsctl status`; None when it is none."""
    return len(_IN_STATUS.findall(text)) if "Current clients:" in text else None


def chilli(text: str) -> int | None:
    """By `chilli_query list`: MAC, IP, state, session, 1 when logged in, user, ..."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    if not all(len(row) >= 5 and _MAC.fullmatch(row[0]) for row in rows):
        return None
    return sum(row[4] == "1" for row in rows)


_Reader = Callable[[str], int | None]
# the first program that is here is the portal; of its answers the first that can be read counts
PORTALS: dict[str, tuple[tuple[str, _Reader], ...]] = {
    "ndsctl": (("json", nds_json), ("status", nds_status)),
    "chilli_query": (("list", chilli),),
}


def portal() -> str:
    """The program of the portal on this machine; "" when there is none."""
    return next((program for program in PORTALS if has(program)), "")


def sessions(program: str, limit_s: Callable[[], float]) -> float | None:
    """People logged in; None when the portal does not answer."""
    for word, reader in PORTALS[program]:
        try:
            output = run([program, word], limit_s())
        except ProbeFailed:
            return None
        counted = reader(output.out) if output.code == 0 else None
        if counted is not None:
            return float(counted)
    return None
