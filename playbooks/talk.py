"""The talk of one run with its device: begun when it is needed, and again after it is lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from playbooks.hosts import Host
from playbooks.session import Output, Session, Unreachable, WrongHostKey
from playbooks.times import Times

T = TypeVar("T")

# a device that does not answer is tried again after so long
RETRY_S = 5.0


@dataclass(slots=True)
class Talk:
    """`connect` opens a session or raises Unreachable; `opening_s`: how long it waited by now for a
    way to the device to be opened, which says nothing of the device."""

    host: Host
    connect: Callable[[Host], Session]
    times: Times
    opening_s: float = field(default=0.0, init=False)
    _session: Session | None = field(default=None, init=False)

    def run(self, text: str, limit_s: float) -> Output:
        """Run a command once; Unreachable when the device cannot be talked to."""
        return self._lasting(lambda session: session.run(text, limit_s))

    def run_by(self, text: str, limit_s: float, until: float, last: float = float("inf")) -> Output:
        """The same, but a device that cannot be reached is tried until then; a command that may
        have begun is not repeated, and none is begun after `last`."""
        while True:
            try:
                # to come to a device may take longer than is left
                self._opened()
                if self.times.ticks() > last:
                    raise Unreachable("it was reached too late for what was left to do")
                return self.run(text, limit_s)
            except WrongHostKey:
                raise
            except Unreachable as lost:
                if lost.sent or self.times.ticks() + RETRY_S > until:
                    raise
            self.times.pause(RETRY_S)

    def fetch(self, text: str, limit_s: float, most: int) -> bytes:
        """What a command prints, as it is."""
        return self._lasting(lambda session: session.fetch(text, limit_s, most))

    def put_by(self, data: bytes, place: str, limit_s: float, until: float) -> Output:
        """Write a file there, again where the line was lost: it lies there whole or not at all."""
        while True:
            try:
                return self._lasting(lambda session: session.put(data, place, limit_s))
            except WrongHostKey:
                raise
            except Unreachable:
                if self.times.ticks() + RETRY_S > until:
                    raise
            self.times.pause(RETRY_S)

    def close(self) -> None:
        """End the session; a later command opens another."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _opened(self) -> Session:
        if self._session is None:
            began = self.times.ticks()
            try:
                self._session = self.connect(self.host)
            finally:
                self.opening_s += self.times.ticks() - began if self.host.reach_s else 0.0
        return self._session

    def _lasting(self, use: Callable[[Session], T]) -> T:
        session = self._opened()
        try:
            return use(session)
        except Unreachable:
            self.close()
            raise
