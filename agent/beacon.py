"""A sign of life every ten seconds by UDP, and a word over TCP when nobody answers it."""

import hmac
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from agent.config import Check
from agent.dial import Address
from agent.meter import METER
from agent.report import Reading, Verdict

EVERY_S = 10.0
# an echo that takes longer counts as missed
ECHO_WITHIN_S = 3.0
CONFIRM_AFTER = 2
ON_BATTERY, DEGRADED, SHUTTING_DOWN, ECHO = 1, 2, 4, 0x80
DEGRADED_LOSS = 0.1
# agent, counter, flags; then 16 bytes of their HMAC
_HEAD = struct.Struct(">IQB")
_SEAL_BYTES = 16
SIZE = _HEAD.size + _SEAL_BYTES
_PACKET_BYTES = SIZE + 28
# changes of flags are told at once, but not in a loop
_LEAST_APART_S = 1.0


class Line(Protocol):
    """The way to the collector: whom we speak to, and who we are."""

    @property
    def peer(self) -> Address | None: ...

    @property
    def who(self) -> tuple[int, bytes] | None: ...


class Carrier(Protocol):
    """Who delivers reports. `began` is the collector's time in its first answer to this run."""

    began: float | None
    unanswered: int | None
    no_beacons: bool

    def confirm(self) -> None: ...

    def hurry(self) -> None: ...


def pack(key: bytes, agent: int, counter: int, flags: int) -> bytes:
    """One beacon, or its echo with the flag ECHO."""
    head = _HEAD.pack(agent, counter, flags)
    return head + hmac.digest(key, head, "sha256")[:_SEAL_BYTES]


def signs(readings: Iterable[tuple[Check, Reading]]) -> int:
    """The flags that the newest readings make."""
    flags = 0
    for check, reading in readings:
        if check.uplink and reading.verdict is Verdict.BAD:
            flags |= DEGRADED
        for name, value in reading.values.items():
            if value == 0.0 and "_power_on_mains" in name:
                flags |= ON_BATTERY
            elif value and value > DEGRADED_LOSS and name.startswith("ronda_uplink_loss_ratio"):
                flags |= DEGRADED
    return flags


class Echoes:
    """How many beacons in a row went unanswered."""

    def __init__(self) -> None:
        self.missed = 0

    def heard(self) -> bool:
        """True when the way has just opened again."""
        again, self.missed = self.missed >= CONFIRM_AFTER, 0
        return again

    def lost(self) -> bool:
        """True when it is time to ask over TCP: once in each row of missed ones."""
        self.missed += 1
        return self.missed == CONFIRM_AFTER


class Beacon:
    """Sends while it is `on`, from a thread of its own.

    The counter's upper half is the collector's time when it first answered this run: larger at
    each start, with nothing on the card that could be forgotten or copied.
    """

    def __init__(self, line: Line, carrier: Carrier, steady: Callable[[], float]) -> None:
        self.on = False
        self.flags = 0
        self.sent = self.answered = 0
        self._line, self._carrier, self._steady = line, carrier, steady
        self._echoes = Echoes()
        self._start: int | None = None
        self._sequence = 0
        self._counting = threading.Lock()
        self._socket: socket.socket | None = None
        self._call = threading.Event()
        self._stopped = False

    def use(self, on: bool) -> None:
        """Send from now on, or do not; the collector is told, so that it misses nothing."""
        if self.on and not on:
            self._carrier.confirm()
        self._carrier.no_beacons = not on
        self._carrier.unanswered = None
        self.on = on
        self._call.set()

    def tell(self, flags: int) -> None:
        """What the readings say now; a change is sent at once."""
        if flags != self.flags:
            self.flags = flags
            self._call.set()

    def run(self) -> None:
        """Until `stop`."""
        due = self._steady()
        while not self._stopped:
            if not self.on:
                self._pause(None)
            elif not self._ready():
                self._pause(self._steady() + EVERY_S / 2)
            else:
                due = max(due + EVERY_S, self._steady() + EVERY_S / 2)
                self.turn()
                time.sleep(_LEAST_APART_S)
                self._pause(due)

    def stop(self) -> None:
        self._stopped = True
        self._call.set()

    def _pause(self, until: float | None) -> None:
        self._call.wait(None if until is None else max(0.0, until - self._steady()))
        self._call.clear()

    def turn(self) -> None:
        """One beacon and the wait for its echo."""
        counter = self._send(self.flags)
        if counter is not None and self._is_answered(counter):
            self.answered += 1
            METER.add(_PACKET_BYTES)
            self._carrier.unanswered = None
            if self._echoes.heard():
                # what waits for a lost network need not wait any longer
                self._carrier.hurry()
            return
        if self._echoes.lost():
            self._carrier.confirm()
        if self._echoes.missed >= CONFIRM_AFTER:
            self._carrier.unanswered = self._counter

    def farewell(self) -> None:
        """One last beacon: what follows is no silence."""
        if self.on and self._ready():
            self._send(self.flags | SHUTTING_DOWN)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def _counter(self) -> int:
        return (self._start or 0) << 32 | self._sequence

    def _ready(self) -> bool:
        """Known to the collector, which has told its time."""
        if self._start is None and self._carrier.began is not None:
            self._start = int(self._carrier.began) & 0xFFFFFFFF
        return self._start is not None and self._line.who is not None

    def _send(self, flags: int) -> int | None:
        """The counter it was sent with; None when it did not leave this machine."""
        who, to = self._line.who, self._target()
        with self._counting:
            self._sequence += 1
            counter = self._counter
        if who is None or to is None or self._socket is None:
            return None
        try:
            self._socket.sendto(pack(who[1], who[0], counter, flags), to[1])
        except OSError:
            return None
        self.sent += 1
        METER.add(_PACKET_BYTES)
        return counter

    def _is_answered(self, counter: int) -> bool:
        """Has the echo of this very beacon come? Anybody can send us something else."""
        end = self._steady() + ECHO_WITHIN_S
        who, echo = self._line.who, self._socket
        if who is None or echo is None:
            return False
        while (left_s := end - self._steady()) > 0:
            if not select.select([echo], (), (), left_s)[0]:
                break
            try:
                packet = echo.recv(SIZE + 1)
            except OSError:
                continue
            if self._fits(packet, who, counter):
                return True
        return False

    def _fits(self, packet: bytes, who: tuple[int, bytes], counter: int) -> bool:
        if len(packet) != SIZE:
            return False
        agent, number, flags = _HEAD.unpack_from(packet)
        if (agent, number) != (who[0], counter) or not flags & ECHO:
            return False
        return hmac.compare_digest(packet, pack(who[1], agent, number, flags))

    def _target(self) -> Address | None:
        """Where the collector answered last, over TCP: no name is looked up for a beacon."""
        peer = self._line.peer
        if peer is not None and (self._socket is None or self._socket.family != peer[0]):
            self.close()
            self._socket = socket.socket(peer[0], socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        return peer
