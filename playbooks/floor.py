"""The playbooks floor as a centre runs it: runs that were asked for are led to their end."""

import threading
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine

from collector.db import reading, writing
from collector.promql.source import Centre
from collector.secret import load_secret
from collector.settings import Settings
from playbooks import asking, files, run_rows
from playbooks.archives import keep
from playbooks.asking import Asked
from playbooks.crew import Crew
from playbooks.diary import Interrupted
from playbooks.evidence import Evidence
from playbooks.foreman import Foreman
from playbooks.guards.table import GUARDS
from playbooks.hands import Hands
from playbooks.leading import Lead
from playbooks.reaching import Reach
from playbooks.run_rows import Wish
from playbooks.runner import Runner, Work
from playbooks.schedules import Schedule
from playbooks.shelf import Shelf
from playbooks.times import Times
from playbooks.timetable import Timetable
from playbooks.transport.connecting import connect

KEPT_S = 400 * 86400.0
_REST_S = 0.2


class Floor:
    """What `collector.engine` calls; `deliver` in a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        stop: threading.Event,
        clock: Callable[[], float],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._centre: Centre | None = None
        self._settings = settings
        self._secret = load_secret(settings.folder)
        self._shelf = Shelf(settings.data)
        self._timetable = Timetable(store, self._scheduled)
        self.lead = Lead(settings.folder)
        evidence = Evidence(store, self._numbers)

        def pause(seconds: float) -> None:
            if stop.wait(seconds):
                raise Interrupted

        times = Times(clock, ticks, pause)
        reach = Reach(settings, store, connect, times)
        archive = partial(keep, settings, clock)
        runner = Runner(reach, GUARDS, evidence, times, archive, self._brought)
        hands = Hands(settings, store, self._secret, runner)
        self.foreman = Foreman(
            store,
            self._shelf.now,
            evidence.scene,
            Crew(settings.playbooks_at_once),
            hands.work,
            hands.settle,
            clock,
            ticks,
        )

    def _brought(self, work: Work, source: str) -> bytes:
        return files.load(self._settings, work.host, source).data

    def _scheduled(self, one: Schedule) -> Wish:
        """The run of a schedule; Refused says why there is none."""
        playbook = self._shelf.now().get(one.playbook)
        with reading(self._store) as connection:
            sites = asking.sites_of(connection, playbook, one.scope)
            asked = Asked(playbook, sites, one.params, one.by)
            return asking.wish(connection, self._secret, self._settings, asked)

    def step(self, now: float, position: int) -> None:
        """Nothing of a run depends on the fold's place."""

    def deliver(self, now: float) -> None:
        """Begin what may begin; the work itself is done by threads."""
        if self.lead.taken():
            self._timetable.look(now)
            self.foreman.round(now)

    def rest(self) -> None:
        """Begin nothing more, and give up the lead once what is under way here has ended: whoever
        leads next takes what has not for cut off."""
        self._timetable.close()
        while not self.foreman.crew.idle:
            time.sleep(_REST_S)
        self.lead.leave()

    def forget(self, now: float) -> None:
        """Each night: runs of long ago go."""
        with writing(self._store) as connection:
            run_rows.forget(connection, now - KEPT_S)

    def _numbers(self) -> Centre:
        if self._centre is None:
            self._centre = Centre(self._settings, self._store)
        return self._centre


def open_floor(settings: Settings, store: Engine) -> Floor:
    """What `collector.engine` is handed; its threads end with the process."""
    return Floor(settings, store, threading.Event(), time.time)
