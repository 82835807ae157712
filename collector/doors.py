"""The addresses the centre listens on: is one free for us, and is it open yet?"""

import asyncio
import contextlib
import socket
import time
from typing import Any

from agent.strict import Refused
from collector.settings import split_address

# processes of a centre that was killed hold their addresses for up to a second
PATIENCE_S = 3.0
_LOOK_EVERY_S = 0.1
_OPEN_EVERY_S = 0.01


def claim(setting: str, address: str, patience_s: float = 0.0) -> None:
    """Refused, naming the setting, when somebody listens at `address` for `patience_s`.

    The servers themselves would share it without a word, or end in a panic.
    """
    deadline = time.monotonic() + patience_s
    while True:
        problem = _problem(address)
        if problem is None:
            return
        if time.monotonic() >= deadline:
            raise Refused(setting, f"{address}: {problem}")
        time.sleep(_LOOK_EVERY_S)


async def until_open(address: str, serving: "asyncio.Task[Any]") -> None:
    """Wait until the server answers there, or has ended."""
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(*split_address(address))
            writer.close()
            return
        await asyncio.sleep(_OPEN_EVERY_S)


def _problem(address: str) -> str | None:
    host, port = split_address(address)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        return error.strerror or str(error)
    return None
