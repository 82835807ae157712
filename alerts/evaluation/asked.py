"""What the alerts floor asks of the evaluation of rules."""

from collections.abc import Iterable, Set
from typing import Protocol

from sqlalchemy import Connection

from alerts.evaluation.model import Change
from alerts.evaluation.status import Status


class Rules(Protocol):
    """The evaluation of rules."""

    @property
    def ended(self) -> int:
        """How many rounds are over, but for those of rules over days."""

    def wake(self, connection: Connection) -> None:
        """Begin from the alarms that are committed."""

    def wrong(self) -> Set[str]:
        """Sites where something is wrong by a rule: any news of theirs is to be looked at."""

    def found(self, sites: Iterable[str], told: Iterable[str]) -> None:
        """States of these sites changed, and checks of those: look there in the next step."""

    def step(self, now: float) -> list[Change]:
        """What the rules say now; within a slice of time."""

    def status(self, now: float) -> Status:
        """How the rules themselves are."""
