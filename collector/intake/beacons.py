"""The UDP socket of ingest: drains it, answers what fits, and knows the agents' keys."""

import asyncio
import contextlib
import logging
import socket
import time
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector.intake.auth import Tokens
from collector.intake.enrol import beacon_key
from collector.intake.heard import SIZE, Heard
from collector.intake.wire import Beats
from collector.settings import split_address

log = logging.getLogger(__name__)

# others on the loop get their turn after so many packets
_AT_ONCE = 256
_MOST_BATCHES = 32
# at the country's 8,400 a second this is most of a second
_BUFFER_BYTES = 4 << 20
# Linux: beyond the limit for everybody, where we may
_RCVBUFFORCE = 33


class Keys:
    """The keys an agent may sign with, derived when they are first needed."""

    def __init__(self, tokens: Tokens, secret: bytes) -> None:
        self._tokens, self._secret = tokens, secret
        self._known: dict[int, tuple[int, tuple[bytes, ...]]] = {}

    def of(self, agent: int) -> tuple[bytes, ...]:
        """The newest first; beside it the one before, while its token may still be used."""
        row = self._tokens.by_id(agent)
        if row is None:
            self._known.pop(agent, None)
            return ()
        known = self._known.get(agent)
        if known is not None and known[0] == row.rev:
            return known[1]
        generations = [row.generation]
        if row.old_token_hash is not None and row.generation > 1:
            generations.append(row.generation - 1)
        keys = tuple(bytes.fromhex(beacon_key(self._secret, agent, g)) for g in generations)
        self._known[agent] = row.rev, keys
        return keys


class Beacons:
    """Listens in the running event loop until `close`."""

    def __init__(self, address: str, heard: Heard) -> None:
        self.heard = heard
        self._socket = _listen(address)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._read)

    def news(self, at: float) -> Beats | None:
        """What changed with the agents since the last call; `at` is now, on the wall."""
        # so that nobody is called late who is only unread; as much as comes in meanwhile can wait
        for _ in range(_MOST_BATCHES):
            if not self._read():
                break
        return self.heard.news(self._loop.time(), at)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _read(self) -> bool:
        """True when there may be more."""
        take, receive, answer = self.heard.take, self._socket.recvfrom, self._socket.sendto
        # time of the batch, not of each packet: a batch takes milliseconds
        steady = self._loop.time()
        for _ in range(_AT_ONCE):
            try:
                packet, sender = receive(SIZE + 1)
            except BlockingIOError:
                return False
            except OSError:
                # what an earlier answer met on its way; the next packet has nothing to do with it
                continue
            echo = take(packet, steady)
            if echo is not None:
                with contextlib.suppress(OSError):
                    answer(echo, sender)
                    self.heard.counts["echo"] += 1
        return True


def lost(address: str, table: Path = Path("/proc/net")) -> int:
    """Packets the kernel had no room for at this port; 0 where it does not tell."""
    ending = f":{split_address(address)[1]:04X}"
    found = 0
    for name in ("udp", "udp6"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in (table / name).read_text().splitlines()[1:]:
                words = line.split()
                if words[1].endswith(ending):
                    found += int(words[-1])
    return found


def _listen(address: str) -> socket.socket:
    host, port = split_address(address)
    made = None
    try:
        family, _, _, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, socket.SOCK_DGRAM)
        _bind(made, place)
    except OSError as error:
        if made is not None:
            made.close()
        raise Refused("ingest", f"{address} (UDP): {error.strerror or error}") from error
    made.setblocking(False)
    with contextlib.suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        made.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER_BYTES)
    return made


def _bind(made: socket.socket, place: tuple[Any, ...], patience_s: float = 3.0) -> None:
    """An ingest that was killed holds its port for up to a second."""
    end = time.monotonic() + patience_s
    while True:
        try:
            return made.bind(place)
        except OSError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)
