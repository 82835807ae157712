"""Which runs go on, on which devices, and what became of those that nobody leads any more.

One engine process leads all runs. A run it finds under way when it begins was cut off by the end
of the one before: that is written down at once, and the device asked how its net stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from agent.strict import Refused
from collector.db import reading, writing
from playbooks import blocking, run_rows, waves
from playbooks.blocking import Scene
from playbooks.crew import Crew
from playbooks.diary import Ending
from playbooks.library import Library
from playbooks.model import Playbook
from playbooks.run_rows import HostRow, Run
from playbooks.states import OPEN_HOSTS, HostState, RunState

INTERRUPTED = "interrupted at step {step}"
_NOBODY = "ronda"


@dataclass(slots=True)
class Foreman:
    """`scene` is what is known of a site, for a run, at a time. `work` does a run on one device
    to its end; `settle` asks what became of one."""

    store: Engine
    library: Callable[[], Library]
    scene: Callable[[str, int, float], Scene]
    crew: Crew
    work: Callable[[Run, Playbook, HostRow], Ending]
    settle: Callable[[Run, HostRow], Ending]
    clock: Callable[[], float]
    _begun: bool = field(default=False, init=False)

    def round(self, now: float) -> None:
        """Begin what may begin, and end what has ended."""
        if not self._begun:
            self._take_over()
            self._begun = True
        with reading(self.store) as connection:
            open_runs = run_rows.open_runs(connection)
            lost = run_rows.in_state(connection, HostState.SETTLING)
        for host in lost:
            self._settle(host)
        for run in open_runs:
            if run.state is not RunState.PROPOSED and run.not_before <= now:
                self._go_on(run, now)

    # --- after a crash ----------------------------------------------------------------------

    def _take_over(self) -> None:
        """What the process before was doing: nobody does it any more."""
        with writing(self.store) as connection:
            for host in run_rows.in_state(connection, HostState.RUNNING):
                steps = run_rows.steps_of(connection, host.run, host.site, host.device)
                last = steps[-1].number if steps else 0
                run_rows.leave(connection, host, INTERRUPTED.format(step=last))

    def _settle(self, host: HostRow) -> None:
        def work() -> None:
            with reading(self.store) as connection:
                run = run_rows.get(connection, host.run)
            if run is not None:
                self._end(host, self.settle(run, host))

        self.crew.begin((host.run, host.site, host.device), work, lambda: None)

    # --- runs -------------------------------------------------------------------------------

    def _go_on(self, run: Run, now: float) -> None:
        with reading(self.store) as connection:
            hosts = run_rows.hosts_of(connection, run.id)
        if all(host.state not in OPEN_HOSTS for host in hosts):
            good = all(host.state is HostState.DONE for host in hosts)
            with writing(self.store) as connection:
                after = RunState.DONE if good else RunState.FAILED
                run_rows.move(connection, run.id, run.state, after, now)
            return
        following = waves.following([host.state for host in hosts], self.crew.most)
        if following.stop:
            with writing(self.store) as connection:
                run_rows.stop(connection, run.id, _NOBODY, now, following.stop)
            return
        self._begin(run, [hosts[place] for place in following.begin], now)

    def _begin(self, run: Run, hosts: list[HostRow], now: float) -> None:
        try:
            playbook = self.library().get(run.playbook)
        except Refused as refused:
            with writing(self.store) as connection:
                run_rows.stop(connection, run.id, _NOBODY, now, str(refused))
            return
        if run.state is RunState.WAITING:
            with writing(self.store) as connection:
                run_rows.move(connection, run.id, RunState.WAITING, RunState.RUNNING, now)
        for host in hosts[: max(0, self.crew.room)]:
            if self._taken(run, playbook, host, now):
                self._work(run, playbook, host)

    def _taken(self, run: Run, playbook: Playbook, host: HostRow, now: float) -> bool:
        """Take a device for the run, unless something speaks against it."""
        scene = self.scene(host.site, run.id, now)
        why_not = "" if run.dry else blocking.why_not(playbook, scene)
        wait = "" if run.dry else blocking.must_wait(playbook, scene)
        with writing(self.store) as connection:
            if why_not:
                run_rows.end(connection, host, Ending(HostState.BLOCKED, why_not), now)
                return False
            if wait:
                run_rows.waits(connection, host, wait)
                return False
            return run_rows.take(connection, host, now, playbook.changes and not run.dry)

    def _work(self, run: Run, playbook: Playbook, host: HostRow) -> None:
        def work() -> None:
            self._end(host, self.work(run, playbook, host))

        self.crew.begin((host.run, host.site, host.device), work, lambda: self._broke(host))

    def _broke(self, host: HostRow) -> None:
        """Our own trouble in the middle of a run: as after a crash, the device is asked."""
        with writing(self.store) as connection:
            run_rows.leave(connection, host, "the centre could not go on")

    def _end(self, host: HostRow, ending: Ending) -> None:
        with writing(self.store) as connection:
            run_rows.end(connection, host, ending, self.clock())
