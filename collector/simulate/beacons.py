"""The fleet's beacons: one UDP socket for all, echoes counted as the real agent counts them."""

import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from collector.intake.heard import EVERY_S, SIZE, pack
from collector.simulate.fate import Fate

ECHO_WITHIN_S = 3.0
CONFIRM_AFTER = 2
_AT_ONCE = 1000
_BUFFER_BYTES = 4 << 20
_HEAD = struct.Struct(">IQ")

Signer = tuple[int, bytes]
Sites = NDArray[np.int64]
Times = NDArray[np.float64]


class Beacons:
    """`signers` are number and key of each site's agent; `confirm` sends a site's short report."""

    def __init__(
        self,
        url: str,
        signers: Sequence[Signer],
        fate: Fate,
        seed: int,
        now: float,
        confirm: Callable[[int, float], None],
    ) -> None:
        self.sent = self.echoed = 0
        self._signers, self._fate, self._confirm = signers, fate, confirm
        self._socket = _connected(url)
        self._lots = Random(seed)
        self._site_of = {agent: site for site, (agent, _) in enumerate(signers)}
        self._start, self._began = int(now), now
        self._sequence = [0] * len(signers)
        self._missed = [0] * len(signers)
        self._waits = [False] * len(signers)
        self._gap_s = EVERY_S / len(signers)
        self._order = np.random.default_rng(seed + 2).permutation(len(signers))
        self._asked = self._judged = 0

    def tick(self, now: float) -> None:
        """Send what is due, take what came, miss what did not come in time."""
        self._take(now)
        due = self._due(self._asked, now)
        if len(due):
            self._asked += len(due)
            self._ask(due, np.full(len(due), now))
        late = self._due(self._judged, now - ECHO_WITHIN_S)
        if len(late):
            self._judged += len(late)
            silent = self._fate.silent(late, np.full(len(late), now)).tolist()
            for site, dark in zip(late.tolist(), silent, strict=True):
                self._judge(site, dark, now)

    def close(self) -> None:
        self._socket.close()

    def _due(self, done: int, now: float) -> Sites:
        count = int((now - self._began) / self._gap_s) + 1
        turns = np.arange(done, min(count, done + _AT_ONCE))
        return self._order[turns % len(self._order)]

    def _ask(self, sites: Sites, times: Times) -> None:
        sites = sites[~self._fate.dead(sites, times)]
        times = times[: len(sites)]
        dark, loss = self._fate.silent(sites, times), self._fate.beacon_loss(sites, times)
        for site, stays, ratio in zip(sites.tolist(), dark.tolist(), loss.tolist(), strict=True):
            self._sequence[site] += 1
            self._waits[site] = True
            if stays or self._is_lost(ratio):
                continue
            agent, key = self._signers[site]
            with suppress(OSError):
                self._socket.send(pack(key, agent, self._start << 32 | self._sequence[site], 0))
                self.sent += 1

    def _take(self, now: float) -> None:
        came = []
        with suppress(OSError):
            while True:
                packet = self._socket.recv(SIZE + 1)
                if len(packet) == SIZE:
                    agent, counter = _HEAD.unpack_from(packet)
                    came.append((self._site_of.get(agent, -1), counter & 0xFFFFFFFF))
        mine = [site for site, sequence in came if site >= 0 and self._sequence[site] == sequence]
        sites = np.array(mine, dtype=np.int64)
        loss = self._fate.beacon_loss(sites, np.full(len(sites), now)).tolist()
        for site, ratio in zip(mine, loss, strict=True):
            if not self._is_lost(ratio):
                self.echoed += 1
                self._waits[site] = False

    def _judge(self, site: int, dark: bool, now: float) -> None:
        waits, self._waits[site] = self._waits[site], False
        self._missed[site] = self._missed[site] + 1 if waits else 0
        if self._missed[site] == CONFIRM_AFTER and not dark:
            self._confirm(site, now)

    def _is_lost(self, ratio: float) -> bool:
        return ratio > 0 and self._lots.random() < ratio


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    family, _, _, _, place = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_DGRAM)[0]
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    made.connect(place)
    return made
