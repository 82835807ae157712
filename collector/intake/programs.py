"""The agent as one file, as this centre took it in, for whoever puts one in: `/agent/NAME`.

Nothing of it is secret and nobody has a token yet, so it is given to everybody; so many a minute,
because reports share the line. Whether it is the right one the signature says, and its key has to
come another way.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from collector.intake.body import Problem, Reply

# where `ronda playbooks agent --take` puts it
FOLDER = "agent"
FILE = "ronda-agent.pyz"
SIGNATURE = f"{FILE}.sig"
SUM = f"{FILE}.sha256"
KEY = "ronda-agent.pub"
# by what is asked for: the file in the folder
NAMES: Mapping[str, str] = {FILE: FILE, SIGNATURE: SIGNATURE, SUM: FILE, KEY: "signer.pub"}
MOST_A_MINUTE = 60
_MOST_BYTES = 32 << 20
_MINUTE_S = 60.0


class Turns:
    """So many in each minute, whoever asks."""

    def __init__(self, most: int = MOST_A_MINUTE) -> None:
        self._most, self._begun, self._taken = most, -_MINUTE_S, 0

    def take(self, now: float) -> None:
        """Problem 503 where this minute has none left."""
        if not 0 <= now - self._begun < _MINUTE_S:
            self._begun, self._taken = now, 0
        if self._taken >= self._most:
            wait_s = int(self._begun + _MINUTE_S - now) + 1
            raise Problem(503, "many fetch the agent at this moment", wait_s)
        self._taken += 1


def reply(data: Path, name: str) -> Reply:
    """One of `NAMES`; Problem 404 where no agent was taken in."""
    path = data / FOLDER / NAMES[name]
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError:
        raise Problem(404, "no agent was taken in here") from None
    if name == SUM:
        content = f"{hashlib.sha256(content).hexdigest()}  {FILE}\n".encode()
    kind = "application/octet-stream" if name in (FILE, SIGNATURE) else "text/plain"
    return Reply(200, content, [("content-type", kind), ("x-content-type-options", "nosniff")])
