"""What a citizen may say, and how far a report has come."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong, in the citizen's own terms; an idea is no complaint."""

    DEAD = "dead"
    SLOW = "slow"
    APP = "app"
    IDEA = "idea"


class State(StrEnum):
    """How far a report has come."""

    WAITING = "waiting"
    JOINED = "joined"
    SOLVED = "solved"
    CLOSED = "closed"
    SPAM = "spam"


class Tell(StrEnum):
    """What its reporter is still to hear, who left a contact."""

    NOTHING = ""
    ANSWERED = "answered"
    SOLVED = "solved"
    CLOSED = "closed"


# what somebody has still to look after
OPEN = (State.WAITING, State.JOINED)
# what is measured by the same things, and counted together
TOPICS = {Kind.DEAD: "internet", Kind.SLOW: "internet", Kind.APP: "app"}
# keys of the incidents that citizens raise: citizens:SITE/TOPIC
KEY = "citizens:"


def topic(kind: str) -> str:
    """What a kind is about; "" for an idea."""
    return TOPICS.get(Kind(kind), "")


def key(site: str, about: str) -> str:
    """The key of the incident that citizens raise of this."""
    return f"{KEY}{site}/{about}"


@dataclass(frozen=True, slots=True)
class Report:
    """One row; `text` is what moderation left of it, `shown` whether somebody let it be shown.

    `reporter` is a digest that nobody can turn back, empty after a while; `raised_at`: since when
    it is one of those for which an incident was opened.
    """

    id: int
    number: str
    site: str
    kind: str
    via: str
    language: str
    text: str
    held: str
    shown: bool
    reporter: str
    at: float
    state: str
    incident: int
    why: str
    raised_at: float | None
    handled_at: float | None
    over_at: float | None
    answer: str
    answered_at: float | None
    by: str
    tell: str

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def deadline(self, within_s: float) -> float:
        """When it has to be handled."""
        return self.at + within_s

    def overdue(self, within_s: float, now: float) -> bool:
        """Nobody has handled it within the time that villages are promised."""
        return self.open and self.handled_at is None and now > self.deadline(within_s)
