"""A run on one device, from its rows to its ending: what the foreman's threads do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from agent.strict import Refused
from collector.db import reading
from collector.settings import Settings
from playbooks import as_shown, asking, host_rows, run_rows
from playbooks.diary import Ending
from playbooks.given import given
from playbooks.guards.guard import Guard
from playbooks.hosts import Host
from playbooks.model import Playbook
from playbooks.plan import Guarding, Part, dry
from playbooks.row_diary import RowDiary
from playbooks.run_rows import HostRow, Run, StepRow
from playbooks.runner import Runner, Work
from playbooks.settling import WayBack, last_told
from playbooks.states import HostState
from playbooks.talk import Talk
from playbooks.transport.redacting import Redactor


@dataclass(frozen=True, slots=True)
class Hands:
    """`secret` is the centre's, which opens what is sealed."""

    settings: Settings
    store: Engine
    secret: bytes
    runner: Runner

    def work(self, run: Run, playbook: Playbook, row: HostRow) -> Ending:
        """Run it; what cannot even begin has failed, with the reason."""
        try:
            if not as_shown.same_playbook(self.settings, playbook, run):
                return Ending(HostState.FAILED, as_shown.CHANGED)
            host, secrets = self._opened(run, row)
            work = self._planned(run, playbook, host, secrets, row.mark)
        except Refused as refused:
            return Ending(HostState.FAILED, str(refused))
        diary = self._diary(row, host, secrets)
        ending = self.runner.go(work, diary)
        return Ending(ending.state, diary.secrets.clean(ending.reason))

    def settle(self, run: Run, row: HostRow) -> Ending:
        """What became of a run that nobody led to its end."""
        with reading(self.store) as connection:
            steps = run_rows.steps_of(connection, row.run, row.site, row.device)
        acted = any(step.part == Part.DO for step in steps)
        prepared = any(step.shown == Guarding.PREPARE for step in steps)
        if row.guard_until is None and not prepared:
            return _cut_off(row, acted and run.changes)
        try:
            host, secrets = self._opened(run, row)
        except Refused as refused:
            return Ending(HostState.UNKNOWN, f"{row.reason}; {refused}")
        diary, until = self._diary(row, host, secrets), row.guard_until
        if until is None:
            self.runner.clear(run.id, host, diary, len(steps) + 1)
            return _cut_off(row, acted and run.changes)
        told = last_told((step.shown, step.output) for step in steps)
        ends = self._ticks_of(until, steps)

        def back(guard: Guard, talk: Talk) -> WayBack:
            return WayBack(run.id, guard, talk, diary, ends, acted, len(steps) + 1, told)

        ending = self.runner.settle(back, host, row.reason)
        return Ending(ending.state, diary.secrets.clean(ending.reason))

    def _ticks_of(self, until: float, steps: Sequence[StepRow]) -> float:
        """When a net that was armed by a process before is over. A clock that was set back since
        would have it wait for ever: it never had longer than from its arming."""
        times = self.runner.times
        armed = [until - step.began_at for step in steps if step.shown == Guarding.ARM]
        return times.ticks() + min([until - times.now(), *armed])

    def _opened(self, run: Run, row: HostRow) -> tuple[Host, dict[str, str]]:
        """The device with its login, and the run's secret parameters."""
        with reading(self.store) as connection:
            host = host_rows.opened(connection, self.secret, row.site, row.device)
        return host, as_shown.secrets_of(self.secret, run)

    def _planned(
        self, run: Run, playbook: Playbook, host: Host, secrets: dict[str, str], shown: str
    ) -> Work:
        """What is to be done, if it is what was shown when the run was asked for."""
        params = asking.parameters(playbook, host, {**run.params, **secrets})
        loads = as_shown.loads(self.settings, playbook, host, params, shown)
        whole = asking.planned(self.settings, playbook, host, params, loads, run=run.id)
        ready = {**params, **given(self.settings, host, run.id)}
        return Work(run.id, playbook.name, host, dry(whole) if run.dry else whole, ready)

    def _diary(self, row: HostRow, host: Host, secrets: dict[str, str]) -> RowDiary:
        logins = [host.login] if host.jump is None else [host.login, host.jump.login]
        hidden = [*secrets.values(), *(text for one in logins for text in (one.password, one.key))]
        return RowDiary(self.store, row, self.runner.times.now, Redactor(hidden))


def _cut_off(row: HostRow, changed: bool) -> Ending:
    """A run without a net that nobody leads any more."""
    left = "what was done stays" if changed else "nothing was changed"
    return Ending(HostState.INTERRUPTED, f"{row.reason}; {left}")
