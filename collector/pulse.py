"""Loops that somebody outside waits for: they say each time that they go round."""

import asyncio
import math
import threading
from collections.abc import Callable


async def beat(alive: Callable[[], None], every_s: float) -> None:
    """Call `alive` for as long as this loop goes round; nothing to do where nobody waits."""
    while every_s < math.inf:
        alive()
        await asyncio.sleep(every_s)


class Asked(threading.Event):
    """The wish for an end; the main thread that asks for it is one that goes round."""

    def __init__(self, alive: Callable[[], None]) -> None:
        super().__init__()
        self._alive = alive

    def is_set(self) -> bool:
        if threading.current_thread() is threading.main_thread():
            self._alive()
        return super().is_set()
