"""How fast and how much a channel may send: pure arithmetic, the time is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_TROUBLED_BY = 3
_FIRST_PAUSE_S = 30.0
_LONGEST_PAUSE_S = 300.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider documents or bears; 0 is no limit.

    `shared`: one gateway stands behind all addresses, so what ails it ails them all.
    """

    per_s: float = 0.0
    target_every_s: float = 0.0
    group_every_s: float = 0.0
    at_once: int = 4
    daily_cap: int = 0
    shared: bool = True

    def rest_s(self, target: str) -> float:
        """How long an address rests after a message; groups of Telegram begin with a dash."""
        every_s = self.group_every_s if target.startswith("-") else self.target_every_s
        return max(every_s, self.target_every_s)


@dataclass(slots=True)
class Gauge:
    """Tokens of one channel, addresses that rest, and what was sent on this day."""

    limits: Limits
    day: str = ""
    sent_today: int = 0
    _tokens: float = 1.0
    _filled_at: float | None = None
    _rests: dict[str, float] = field(default_factory=dict)

    def free(self, now: float) -> int | None:
        """How many messages may begin now; None is any number."""
        cap = self.limits.daily_cap
        left = max(0, cap - self.sent_today) if cap else None
        if not self.limits.per_s:
            return left
        whole = int(self._fill(now) + 1e-9)
        return whole if left is None else min(whole, left)

    def _fill(self, now: float) -> float:
        most = max(1.0, self.limits.per_s)
        if self._filled_at is None:
            self._tokens = most
        else:
            # a clock that went back fills nothing
            grown = self._tokens + max(0.0, now - self._filled_at) * self.limits.per_s
            self._tokens = min(most, grown)
        self._filled_at = now
        return self._tokens

    def take(self, target: str, now: float) -> None:
        """A message to this address begins."""
        self._tokens -= 1.0 if self.limits.per_s else 0.0
        self.sent_today += 1
        if rest_s := self.limits.rest_s(target):
            self._rests[target] = now + rest_s

    def resting(self, now: float) -> Iterable[str]:
        """Addresses that had a message a moment ago."""
        # a clock that went back makes nobody rest for longer
        self._rests = {
            target: until
            for target, until in self._rests.items()
            if 0 < until - now <= self.limits.rest_s(target)
        }
        return self._rests

    def new_day(self, day: str, sent: int) -> None:
        self.day, self.sent_today = day, sent

    @property
    def full(self) -> bool:
        """Whether the cap of the day is reached."""
        return 0 < self.limits.daily_cap <= self.sent_today


@dataclass(slots=True)
class Trouble:
    """Whether a shared gateway is in trouble: three addresses in a row got no message through."""

    why: str = ""
    _failed: set[str] = field(default_factory=set)
    _pauses: int = 0
    _until: float = 0.0

    def failed(self, target: str, why: str, now: float) -> None:
        self._failed.add(target)
        if len(self._failed) < _TROUBLED_BY and not self.why:
            return
        if self.why and 0 < self._until - now <= _LONGEST_PAUSE_S:
            # was under way when it became clear
            return
        self.why = why
        self._until = now + min(_FIRST_PAUSE_S * 2.0**self._pauses, _LONGEST_PAUSE_S)
        self._pauses = min(self._pauses + 1, 10)

    def went_well(self) -> None:
        self.why, self._pauses = "", 0
        self._failed.clear()

    def room(self, now: float) -> int | None:
        """While in trouble one message a pause goes out to see whether it is over."""
        if not self.why:
            return None
        return 0 if 0 < self._until - now <= _LONGEST_PAUSE_S else 1
