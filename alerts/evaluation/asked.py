"""What the alerts floor asks of the evaluation of rules."""

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy import Connection

from alerts.evaluation.model import Change
from alerts.evaluation.status import Status
from collector.stirred import Turn


class Rules(Protocol):
    """The evaluation of rules."""

    def wake(self, connection: Connection) -> None:
        """Begin from the alarms that are committed."""

    def found(self, sites: Sequence[str], turns: Sequence[Turn], fine: Collection[str]) -> None:
        """States of sites, or checks, changed: look there in the next step; `fine`: well now."""

    def step(self, now: float) -> list[Change]:
        """What the rules say now; within a slice of time."""

    def status(self, now: float) -> Status:
        """How the rules themselves are."""
