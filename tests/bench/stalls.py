"""For how long does the event loop of ingest do something else?

By CPU: a busy machine adds nothing.

A turn is what the process computes, in all threads, between two looks of a task that asks to be
called every few milliseconds: what a report has to wait for, on a machine of its own.
"""

import asyncio
import gc
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

_EVERY_S = 0.01


class Stalls:
    """Watches the running loop; SIGUSR1 prints what was seen since the last one, as one line."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._longest: list[tuple[float, float]] = []
        self._collected = 0.0
        self._began = 0.0
        self._task = self._loop.create_task(self._watch())
        self._loop.add_signal_handler(signal.SIGUSR1, self._tell)
        gc.callbacks.append(self._collecting)

    def close(self) -> None:
        gc.callbacks.remove(self._collecting)
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            all_s, own_s = time.process_time(), time.thread_time()
            await asyncio.sleep(_EVERY_S)
            turn = (time.process_time() - all_s, time.thread_time() - own_s)
            self._longest = sorted([*self._longest, turn], reverse=True)[:3]

    def _collecting(self, phase: str, _: object) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self._collected = max(self._collected, time.thread_time() - self._began)

    def _tell(self) -> None:
        turns = [(round(a * 1000), round(o * 1000)) for a, o in self._longest]
        told = {"turns_ms": turns, "gc_ms": round(self._collected * 1000), "rss_mb": _resident_mb()}
        print(json.dumps(told), flush=True)
        self._longest, self._collected = [], 0.0


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def ask(pid: int) -> None:
    """Have the process say its line."""
    os.kill(pid, signal.SIGUSR1)


if __name__ == "__main__":
    sys.exit("it watches the ingest of another bench")
