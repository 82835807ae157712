"""What a reader may do about an incident, and why not the rest. Pure."""

from dataclasses import dataclass
from enum import StrEnum

# each may what those before it may, and more
_TAKES = frozenset({"take", "handled", "note", "photo"})
_STEERS = _TAKES | {"assign", "pause", "resume", "cause", "ticket", "photo_remove"}
_RULES = _STEERS | {"merge", "mute", "settle", "snooze", "split"}
VERBS = {
    "viewer": frozenset[str](),
    "village": _TAKES,
    "technician": _STEERS,
    "noc": _RULES,
    "admin": _RULES,
}
ALL = _RULES
# words, pictures and a better cause are welcome afterwards, too
_AFTERWARDS = frozenset({"note", "photo", "photo_remove", "cause"})


class No(StrEnum):
    """Why somebody may not."""

    ROLE = "role"
    OUTSIDE = "outside"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Powers:
    """Of one reader about one incident; `whole`: all of it lies in the reader's areas."""

    role: str
    whole: bool
    over: bool

    def refusal(self, verb: str) -> No | None:
        """Why not; None: they may."""
        if verb not in VERBS.get(self.role, frozenset()):
            return No.ROLE
        if self.over and verb not in _AFTERWARDS:
            return No.OVER
        # of what lies partly elsewhere one may take one's own part, and say what one saw
        return None if self.whole or verb in _TAKES else No.OUTSIDE

    def may(self, verb: str) -> bool:
        return self.refusal(verb) is None

    @property
    def speaks_as(self) -> str:
        """The role in whose name a word about it counts: a part of it is one village's."""
        return "village" if self.role == "village" or not self.whole else self.role
