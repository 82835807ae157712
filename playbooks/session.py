"""A way to give commands to one device, whatever carries them."""

from dataclasses import dataclass
from typing import Protocol

# more of what a command prints is not kept
MOST_OUTPUT = 65_536
# the largest file that is put onto a device
MOST_FILE = 10 << 20


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed and how it ended; `exit` 0 is success, None where the platform has
    no number for a failure. `cut`: it printed more than MOST_OUTPUT characters."""

    text: str
    exit: int | None
    took_s: float
    cut: bool = False


class Unreachable(Exception):
    """The device cannot be talked to; `sent`: the command may have begun all the same."""

    def __init__(self, reason: str, sent: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.sent = reason, sent


class WrongHostKey(Unreachable):
    """What answers shows a key that is not pinned for the device; nothing was said to it.

    `shown` is the key's fingerprint, `key` the key itself as it would be pinned; `on_the_way`: it
    is not the device itself, but the machine that leads there.
    """

    def __init__(self, reason: str, shown: str, key: str = "") -> None:
        super().__init__(reason)
        self.shown, self.key = shown, key
        self.on_the_way = False


class Session(Protocol):
    """One connection to one device, used by one thread."""

    def run(self, text: str, limit_s: float) -> Output:
        """Run a command and wait for its end; Unreachable when the connection is lost or the time
        is over."""

    def fetch(self, text: str, limit_s: float, most: int) -> bytes:
        """What a command prints, as it is, for archives; Unreachable also beyond `most` bytes and
        where the command fails, for what it printed is not whole then."""

    def put(self, data: bytes, place: str, limit_s: float) -> Output:
        """Write a file there, whole or not at all, for its owner alone; `exit` is 0 once it lies at
        its place with every byte. Twice does no harm. Refused where the platform takes none."""

    def close(self) -> None:
        """End it; harmless where it has ended."""
