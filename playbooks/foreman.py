"""Which runs go on, on which devices, and what became of those that nobody leads any more.

One engine process leads all runs. A device that rows call under way and nobody works on was cut
off, by the end of the process before or by trouble of our own: that is written down at once, and
the device asked how its net stands.
"""

from collections.abc import Callable, Hashable
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

# a red run waits so long for a second person, and any run so long to begin
PROPOSED_S = 86400.0
_STALE = {
    RunState.PROPOSED: "nobody approved it within a day",
    RunState.WAITING: "it could not begin within a day",
}
# our own trouble in asking a device how it stands is not had five times a second
AGAIN_S = 60.0
INTERRUPTED = "interrupted at step {step}"
_NOBODY = "ronda"


@dataclass(slots=True)
class Foreman:
    """`scene` is what is known of a site, for a run, at a time. `work` does a run on one device
    to its end; `settle` asks what became of one. `clock` is for what is written, `ticks` goes
    evenly."""

    store: Engine
    library: Callable[[], Library]
    scene: Callable[[str, int, float], Scene]
    crew: Crew
    work: Callable[[Run, Playbook, HostRow], Ending]
    settle: Callable[[Run, HostRow], Ending]
    clock: Callable[[], float]
    ticks: Callable[[], float]
    _again: dict[Hashable, float] = field(default_factory=dict, init=False)

    def round(self, now: float) -> None:
        """Begin what may begin, and end what has ended."""
        self._take_over()
        with reading(self.store) as connection:
            open_runs = run_rows.open_runs(connection)
            lost = run_rows.in_state(connection, HostState.SETTLING)
        for host in lost:
            if self._again.get(_key(host), float("-inf")) <= self.ticks():
                self._settle(host)
        for run in open_runs:
            if run.state in _STALE and _is_stale(run, now):
                with writing(self.store) as connection:
                    run_rows.stop(connection, run.id, _NOBODY, now, _STALE[run.state])
            elif run.state is not RunState.PROPOSED and run.not_before <= now:
                self._go_on(run, now)

    # --- after a crash ----------------------------------------------------------------------

    def _take_over(self) -> None:
        """What nobody works on any more, and what of it was never written."""
        with reading(self.store) as connection:
            running = run_rows.in_state(connection, HostState.RUNNING)
        for host in running:
            # one that ended between the two looks is no more RUNNING, and is left as it is
            if not self.crew.has(_key(host)):
                self._leave(host)

    def _leave(self, host: HostRow) -> None:
        with writing(self.store) as connection:
            steps = run_rows.steps_of(connection, host.run, host.site, host.device)
            last = steps[-1].number if steps else 0
            run_rows.leave(connection, host, INTERRUPTED.format(step=last))

    def _settle(self, host: HostRow) -> None:
        def work() -> None:
            with writing(self.store) as connection:
                # an asking that was cut off itself
                run_rows.cut(connection, host)
                run = run_rows.get(connection, host.run)
            if run is not None:
                self._end(host, self.settle(run, host))

        def later() -> None:
            self._again[_key(host)] = self.ticks() + AGAIN_S

        self.crew.begin(_key(host), work, later)

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
        if following.begin:
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
        try:
            scene = self.scene(host.site, run.id, now)
        except Refused as refused:
            # blind is no reason to begin, nor to keep other runs from it
            self._waits(host, str(refused))
            return False
        why_not = "" if run.dry else blocking.why_not(playbook, scene)
        wait = "" if run.dry else blocking.must_wait(playbook, scene)
        if wait and not why_not:
            self._waits(host, wait)
            return False
        with writing(self.store) as connection:
            if why_not:
                run_rows.end(connection, host, Ending(HostState.BLOCKED, why_not), now)
                return False
            return run_rows.take(connection, host, now, playbook.changes and not run.dry)

    def _waits(self, host: HostRow, wait: str) -> None:
        # rounds come several times a second
        if wait != host.reason:
            with writing(self.store) as connection:
                run_rows.waits(connection, host, wait)

    def _work(self, run: Run, playbook: Playbook, host: HostRow) -> None:
        def work() -> None:
            self._end(host, self.work(run, playbook, host))

        self.crew.begin(_key(host), work, lambda: self._broke(host))

    def _broke(self, host: HostRow) -> None:
        """Our own trouble in the middle of a run: as after a crash, the device is asked."""
        with writing(self.store) as connection:
            run_rows.leave(connection, host, "the centre could not go on")

    def _end(self, host: HostRow, ending: Ending) -> None:
        with writing(self.store) as connection:
            run_rows.end(connection, host, ending, self.clock())


def _is_stale(run: Run, now: float) -> bool:
    """What was wanted a day ago, before the centre was away, say, nobody may want any more."""
    return now - max(run.approved_at or run.asked_at, run.not_before) > PROPOSED_S


def _key(host: HostRow) -> tuple[int, str, str]:
    """What the crew knows a run on one device by."""
    return host.run, host.site, host.device
