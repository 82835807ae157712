"""Asks one device and waits for its answer, not longer than it may."""

import os
import socket
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from agent.probes.snmp.message import Ask, Denied, Garbled, Plain, Told
from agent.probes.snmp.who import Community, User

_LARGEST = 65535
# who it is, what time it is there, the question, and the time once more
_TURNS = 4


class Silent(Exception):
    """No answer in time."""


class Voice(Protocol):
    """How a version of SNMP writes and reads."""

    @property
    def introduced(self) -> bool: ...

    def hello(self, request: int) -> bytes: ...

    def write(self, ask: Ask, request: int) -> bytes: ...

    def read(self, datagram: bytes) -> Told | None: ...


class Session:
    """A conversation with one device; `deadline` (monotonic) ends it in any case.

    `heard`: it has answered a question.
    """

    def __init__(
        self, host: str, port: int, who: Community | User, timeout_s: float, deadline: float
    ) -> None:
        self._timeout_s, self._deadline = timeout_s, deadline
        self._voice = _voice(who)
        # a device that greets and then drops what we ask cannot read it
        self._greeted = self.heard = False
        self._request = int.from_bytes(os.urandom(3), "little") + 1
        self._socket = _connected(host, port)

    def close(self) -> None:
        self._socket.close()

    def ask(self, ask: Ask, tries: int = 2) -> Told:
        """The answer. Silent, Denied, or OSError where the port is closed."""
        for _ in range(_TURNS):
            try:
                told = self._turn(ask, tries)
            except Silent:
                if self._greeted and not self.heard:
                    raise Denied("it says who it is, but not a word to this user") from None
                raise
            if told is not None:
                self.heard = True
                return told
            self._greeted = True
        raise Silent

    def _turn(self, ask: Ask, tries: int) -> Told | None:
        """One exchange; None when it only taught us how to ask."""
        if not self._voice.introduced:
            return self._exchange(self._voice.hello, tries)
        return self._exchange(lambda request: self._voice.write(ask, request), tries)

    def _exchange(self, make: Callable[[int], bytes], tries: int) -> Told | None:
        """The same question under the same number, so that a late answer to it counts too."""
        self._request += 1
        datagram, began = make(self._request), monotonic()
        for _ in range(tries):
            until = min(monotonic() + self._timeout_s, self._deadline)
            self._socket.send(datagram)
            while (left := until - monotonic()) > 0:
                self._socket.settimeout(left)
                try:
                    told = self._voice.read(self._socket.recv(_LARGEST))
                except (TimeoutError, Garbled):
                    continue
                if told is None or told.request == self._request:
                    # a slow device is waited for from now on, not asked twice; it may first
                    # answer, one after the other, what it was asked again this time
                    self._timeout_s = max(self._timeout_s, 4 * (monotonic() - began))
                    return told
        raise Silent


def _connected(host: str, port: int) -> socket.socket:
    """Connected, so that the kernel drops what others send and tells of a closed port."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, where = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.connect(where)
    except OSError:
        made.close()
        raise
    return made


def _voice(who: Community | User) -> Voice:
    if isinstance(who, Community):
        return Plain(who.word, who.version)
    # the algorithms of v3 cost memory that v2c has no use for
    from agent.probes.snmp.usm import Secret

    return Secret(who)
