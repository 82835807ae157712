"""The diary of a run, in rows; every text is cleaned of the run's secrets before it is kept."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from collector.db import writing
from playbooks import run_rows
from playbooks.plan import Planned
from playbooks.run_rows import HostRow
from playbooks.session import MOST_OUTPUT, Output
from playbooks.states import StepState
from playbooks.transport.known_secrets import hide
from playbooks.transport.redacting import Redactor

_CUT = "\n(more was printed and is not kept)"


@dataclass(frozen=True, slots=True)
class RowDiary:
    """`secrets` are those of the run, to be taken out of every text; what devices print is freed
    of what looks like one, too."""

    store: Engine
    host: HostRow
    clock: Callable[[], float]
    secrets: Redactor

    def begin(self, step: Planned) -> None:
        row = {
            "number": step.number,
            "part": step.part.value,
            "shown": self.secrets.clean(step.shown),
            "began_at": self.clock(),
            "state": StepState.RUNNING.value,
        }
        with writing(self.store) as connection:
            run_rows.write(connection, self.host, row)

    def end(
        self, step: Planned, state: StepState, output: Output | None = None, reason: str = ""
    ) -> None:
        text = "" if output is None else self._kept(output)
        came = {
            "state": state.value,
            "ended_at": self.clock(),
            "exit": None if output is None else output.exit,
            "output": text,
            "reason": self.secrets.clean(hide(reason)),
        }
        with writing(self.store) as connection:
            run_rows.rewrite(connection, self.host, step.number, came)

    def _kept(self, output: Output) -> str:
        cut = output.cut or len(output.text) > MOST_OUTPUT
        text = self.secrets.clean(hide(output.text[:MOST_OUTPUT]), cut)
        return text + _CUT if cut else text

    def guarded(self, until: float) -> None:
        with writing(self.store) as connection:
            run_rows.guarded(connection, self.host, until)
