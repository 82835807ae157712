"""What systemd hears of this agent: that it is ready, that it is alive, that it ends.

Where nobody listens, nothing is said.
"""

import contextlib
import math
import os
import socket
import time
from collections.abc import Callable, MutableMapping

_SOCKET, _WATCHDOG, _WHOM = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
_STATUS_CHARACTERS = 200


class Herald:
    """`every_s`: how often `alive` has to be called, infinity where nobody waits for it.

    Children are not to speak for us: the words about it are taken out of the environment.
    """

    def __init__(
        self,
        around: MutableMapping[str, str] = os.environ,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = around.pop(_SOCKET, "")
        period = around.pop(_WATCHDOG, "")
        whom = around.pop(_WHOM, "") or str(os.getpid())
        waits = self._address and period.isdigit() and int(period) and whom == str(os.getpid())
        # twice in the time that is allowed
        self.every_s = int(period) / 2e6 if waits else math.inf
        self._steady, self._beaten, self._status = steady, -math.inf, ""

    def ready(self) -> None:
        self._say("READY=1")

    def alive(self, status: str = "") -> None:
        """We go on, as often as anybody likes; `status` is what `systemctl status` shows of it."""
        words, now = [], self._steady()
        if self.every_s < math.inf and now - self._beaten >= self.every_s / 2:
            self._beaten = now
            words.append("WATCHDOG=1")
        status = " ".join(status.split())[:_STATUS_CHARACTERS]
        if status and status != self._status:
            self._status = status
            words.append(f"STATUS={status}")
        if words:
            self._say(*words)

    def stopping(self) -> None:
        self._say("STOPPING=1")

    def _say(self, *words: str) -> None:
        if not self._address.startswith(("/", "@")):
            return
        # the first @ stands for a zero byte: a name that is no file
        place = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        # systemd that has no time does not keep us from looking
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto("\n".join(words).encode(), place)
