"""Which agents let us hear from them? A table of beacons, and what changed in it for the journal.

No clock: `steady` is any time that only goes forward, `at` the same moment on the wall.
"""

import hmac
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable

import msgspec

from collector.intake.wire import Beat, Beats

EVERY_S = 10.0
# a beacon is missed when it is so late: the way there, and a machine that was busy
SLACK_S = 2.0
# one missed: suspect; three missed: gone, unless reports go on
SUSPECT, GONE = 1, 3
ON_BATTERY, DEGRADED, SHUTTING_DOWN, ECHO = 1, 2, 4, 0x80
# in the journal only: it reports, but sends no beacons any more
OFF = 0x100
# loss is told of about so many seconds
LOSS_OVER_S = 240.0
# why packets are dropped
WAS = ("size", "unknown", "hmac", "replay")
# the table was not served for so long: what agents sent meanwhile may be lost
STALLED_S = 5.0
_HEAD = struct.Struct(">IQB")
_SEAL_BYTES = 16
SIZE = _HEAD.size + _SEAL_BYTES


def pack(key: bytes, agent: int, counter: int, flags: int) -> bytes:
    """One beacon, or its echo with the flag ECHO."""
    head = _HEAD.pack(agent, counter, flags)
    return head + hmac.digest(key, head, "sha256")[:_SEAL_BYTES]


class _Agent(msgspec.Struct, gc=False):
    """`missed` None: not told of since the table began anew."""

    last: int = -1
    base: int = -1
    heard: float = 0.0
    span_began: float = 0.0
    flags: int = 0
    got: int = 0
    missed: int | None = None


class Heard:
    """`keys` gives the keys an agent may sign with now; none: nobody we know.

    As large as the number of agents whose key fitted.
    """

    def __init__(self, keys: Callable[[int], tuple[bytes, ...]]) -> None:
        self.counts: Counter[str] = Counter()
        self._keys = keys
        self._agents: dict[int, _Agent] = {}
        # in the order in which they were heard last
        self._well: OrderedDict[int, _Agent] = OrderedDict()
        self._late: OrderedDict[int, _Agent] = OrderedDict()
        self._changed: dict[int, None] = {}
        self._loss: list[tuple[int, float]] = []
        self._begins = True
        self._asked: float | None = None

    def __len__(self) -> int:
        return len(self._well)

    def take(self, packet: bytes, steady: float) -> bytes | None:
        """One packet came; its echo, or None: it is dropped, and counted by what is wrong."""
        if len(packet) != SIZE:
            was, echo = "size", None
        else:
            was, echo = self._judge(packet, steady)
        self.counts[was] += 1
        return echo

    def name(self, agent: int, counter: int) -> None:
        """The agent itself, by its token, says which counter it used last."""
        known = self._agents.get(agent)
        if known is None:
            known = self._agents[agent] = _Agent()
        known.last = counter

    def end(self, agent: int, steady: float) -> None:
        """The agent itself, by its token, says that it sends no beacons."""
        known = self._agents.get(agent)
        if known is None:
            known = self._agents[agent] = _Agent()
        self._well.pop(agent, None)
        self._late.pop(agent, None)
        known.heard, known.flags, known.missed = steady, OFF, 0
        self._changed[agent] = None

    def begin(self) -> None:
        """Everything from the start but the counters: nobody is late because we were."""
        self._begins = True
        self._well.clear()
        self._late.clear()
        self._changed.clear()
        self._loss.clear()
        for known in self._agents.values():
            known.missed = None

    def news(self, steady: float, at: float) -> Beats | None:
        """What changed since the last call; None when nothing did."""
        if self._asked is not None and steady - self._asked > STALLED_S:
            self.begin()
        self._asked = steady
        self._sweep(self._well, self._late, steady - EVERY_S - SLACK_S, SUSPECT)
        self._sweep(self._late, None, steady - GONE * EVERY_S - SLACK_S, GONE)
        if not (self._begins or self._changed or self._loss):
            return None
        told = [self._beat(agent, steady, at) for agent in self._changed]
        found = Beats(self._begins, told, self._loss)
        self._begins, self._changed, self._loss = False, {}, []
        return found

    def _judge(self, packet: bytes, steady: float) -> tuple[str, bytes | None]:
        agent, counter, flags = _HEAD.unpack_from(packet)
        keys = self._keys(agent)
        if not keys or flags & ECHO:
            return "unknown", None
        key = keys[0]
        if not _fits(packet, key):
            # its token was replaced a short time ago
            other = next((k for k in keys[1:] if _fits(packet, k)), None)
            if other is None:
                return "hmac", None
            key = other
        known = self._agents.get(agent)
        if known is None:
            known = self._agents[agent] = _Agent()
        if counter <= known.last:
            return "replay", None
        self._hear(agent, known, counter, flags, steady)
        return "heard", pack(key, agent, counter, flags | ECHO)

    def _hear(self, agent: int, known: _Agent, counter: int, flags: int, steady: float) -> None:
        self._count(agent, known, counter, steady)
        if known.missed != 0 or flags != known.flags:
            self._changed[agent] = None
        self._late.pop(agent, None)
        self._well.pop(agent, None)
        known.last, known.heard, known.flags, known.missed = counter, steady, flags, 0
        if not flags & SHUTTING_DOWN:
            self._well[agent] = known

    def _count(self, agent: int, known: _Agent, counter: int, steady: float) -> None:
        """How many of those it sent came? Counters tell, within one start of the agent."""
        if known.base >> 32 != counter >> 32:
            known.base, known.got, known.span_began = counter, 0, steady
            return
        known.got += 1
        if steady - known.span_began >= LOSS_OVER_S:
            sent = max(1, counter - known.base)
            self._loss.append((agent, round(max(0.0, 1 - known.got / sent), 4)))
            known.base, known.got, known.span_began = counter, 0, steady

    def _sweep(
        self,
        queue: OrderedDict[int, _Agent],
        into: OrderedDict[int, _Agent] | None,
        before: float,
        missed: int,
    ) -> None:
        while queue:
            agent, known = next(iter(queue.items()))
            if known.heard >= before:
                return
            del queue[agent]
            known.missed = missed
            self._changed[agent] = None
            if into is not None:
                into[agent] = known
            elif not self._keys(agent):
                # revoked: it is told of once more, and forgotten
                del self._agents[agent]

    def _beat(self, agent: int, steady: float, at: float) -> Beat:
        known = self._agents.get(agent)
        if known is None:
            return Beat(agent, GONE, round(at - GONE * EVERY_S - SLACK_S, 3), 0)
        return Beat(agent, known.missed or 0, round(at - (steady - known.heard), 3), known.flags)


def _fits(packet: bytes, key: bytes) -> bool:
    seal = hmac.digest(key, packet[: _HEAD.size], "sha256")[:_SEAL_BYTES]
    return hmac.compare_digest(seal, packet[_HEAD.size :])
