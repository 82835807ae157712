"""Where a run on one device writes down what it does."""

from dataclasses import dataclass
from typing import Protocol

from playbooks.plan import Planned
from playbooks.session import Output
from playbooks.states import HostState, StepState


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run ended on this device, and why."""

    state: HostState
    reason: str = ""


class Diary(Protocol):
    """Each call is on disk when it returns."""

    def begin(self, step: Planned) -> None:
        """This step is about to be done."""

    def end(
        self, step: Planned, state: StepState, output: Output | None = None, reason: str = ""
    ) -> None:
        """What came of it."""

    def guarded(self, until: float) -> None:
        """Until then the device may undo the change by itself."""


class Interrupted(Exception):
    """The centre stops: the run is left as its rows say, and settled at the next start."""
