"""Does the centre see anything beyond itself? Its own targets, asked every few seconds.

Blind is only who has targets, reaches none of them, and hears no agent but its own machine's.
"""

import asyncio
from collections.abc import Callable, Sequence

from collector.intake.ticks import wait

LOOK_EVERY_S = 5.0
LIMIT_S = 3.0
# a report from elsewhere this short a time ago came in by the uplink that seems gone
HEARD_S = 15.0


class Outlook:
    """What was seen last; targets are HOST:PORT, asked for a TCP connection."""

    def __init__(
        self,
        targets: Sequence[tuple[str, int]],
        clock: Callable[[], float],
        limit_s: float = LIMIT_S,
    ) -> None:
        self._targets, self._clock, self._limit_s = targets, clock, limit_s
        self._reached: bool | None = None
        self._heard_at = float("-inf")

    def heard(self) -> None:
        """An agent on another machine reports: what it came by works."""
        self._heard_at = self._clock()

    def uplink(self) -> bool | None:
        """Whether the world is there; None: nobody asked us to look, or we have not looked yet."""
        if not self._targets or self._reached is None:
            return None
        return self._reached or self._clock() - self._heard_at <= HEARD_S

    async def look(self) -> None:
        """Ask all targets at once; the first that answers is enough."""
        asked = [asyncio.create_task(self._reach(*target)) for target in self._targets]
        try:
            for answer in asyncio.as_completed(asked):
                if await answer:
                    self._reached = True
                    return
            self._reached = False
        finally:
            for task in asked:
                task.cancel()

    async def keep_looking(self, stop: asyncio.Event) -> None:
        """Look until `stop`; at once when there is nothing to look at."""
        while self._targets and not stop.is_set():
            await self.look()
            await wait(stop, LOOK_EVERY_S)

    async def _reach(self, host: str, port: int) -> bool:
        try:
            async with asyncio.timeout(self._limit_s):
                _, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True
