"""A centre that was killed comes back: each step of it, with what it cost until then."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alerts.evaluation import status
from collector.db import reading
from tests.bench.console import Console
from tests.bench.prober import Prober
from tests.bench.vitals import ROLES, cpu_s, pid_of, read_mib
from tests.bench.watching import opened
from tests.stories.centre import Centre
from web import board

_POLL_S = 0.03
CAUGHT_UP_S = 1.0
_READY = "ready http"


@dataclass(frozen=True, slots=True)
class Stage:
    """`after_s` None: not within the limit. CPU and reads are of the role's process so far."""

    role: str
    what: str
    # is it serving only when this is done?
    serving: bool
    after_s: float | None
    cpu_s: float
    read_mib: float


@dataclass(frozen=True, slots=True)
class _Step:
    role: str
    what: str
    serving: bool
    done: Callable[[], bool]
    # by a process that is not the one that was killed
    anew: bool = False


class Coming:
    """Make it before the kill, then `watch`."""

    def __init__(self, centre: Centre, store: Engine, reader: Console, agent: Prober) -> None:
        self._centre, self._store, self._reader, self._agent = centre, store, reader, agent
        self._pids = {role: pid_of(centre, role) for role in ROLES}
        self._killed_at = time.time()

    def watch(self, victims: Sequence[str], limit_s: float) -> list[Stage]:
        """Call it at the moment of the kill; `victims` have processes of their own again."""
        self._killed_at, began = time.time(), time.monotonic()
        found: list[Stage] = []
        steps = self._steps(victims)
        threads = [
            threading.Thread(target=self._wait, args=(step, began, limit_s, found), daemon=True)
            for step in steps
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        order = [step.what for step in steps]
        return sorted(found, key=lambda stage: order.index(stage.what))

    def _steps(self, victims: Sequence[str]) -> list[_Step]:
        centre, settings = self._centre, self._centre.settings
        steps = [
            _Step("ingest", "ingest listens", False, lambda: listens(settings.ingest)),
            _Step("ingest", "ingest is well", True, lambda: is_well(centre, "ingest")),
            _Step("ingest", "a report is kept", True, lambda: self._agent.report().status == 200),
            _Step("web", "the console listens", False, lambda: listens(settings.console)),
            _Step("web", "the console is well", True, lambda: is_well(centre, "console")),
            _Step("web", "the overview opens", True, lambda: opened(self._reader).status == 200),
            _Step("engine", "the fold has committed", True, lambda: self._lag_s() is not None),
            _Step("engine", "the fold has caught up", False, self._caught_up),
            _Step("engine", "rules are evaluated", False, self._ruled),
        ]
        born = [_Step(r, f"{r} is started", False, lambda: True) for r in victims]
        if "up" in victims:
            told = centre.output.count(_READY)
            born.append(
                _Step("up", "up is ready", False, lambda: told < centre.output.count(_READY))
            )
        # the engine says once a second how it is: of one that lives on, that is no news
        others = [one for one in steps if one.role != "engine" or "engine" in victims]
        return [replace(one, anew=one.role in victims) for one in (*born, *others)]

    def _wait(self, step: _Step, began: float, limit_s: float, found: list[Stage]) -> None:
        after_s = None
        while time.monotonic() - began < limit_s:
            with suppress(SQLAlchemyError):
                if (self._is_new(step.role) or not step.anew) and step.done():
                    after_s = time.monotonic() - began
                    break
            time.sleep(_POLL_S)
        pid = pid_of(self._centre, step.role)
        found.append(Stage(step.role, step.what, step.serving, after_s, cpu_s(pid), read_mib(pid)))

    def _is_new(self, role: str) -> bool:
        pid = pid_of(self._centre, role)
        return pid not in (0, self._pids[role])

    def _lag_s(self) -> float | None:
        """What the fold says since the kill."""
        with reading(self._store) as connection:
            said = board.fold(connection)
        return said.lag_s if said is not None and said.at > self._killed_at else None

    def _caught_up(self) -> bool:
        lag_s = self._lag_s()
        return lag_s is not None and lag_s <= CAUGHT_UP_S

    def _ruled(self) -> bool:
        """A round whose tick came after the kill."""
        with reading(self._store) as connection:
            rules = status.get(connection).rules or {}
        return any(rule.at > self._killed_at for rule in rules.values())


def listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


def is_well(centre: Centre, port: str) -> bool:
    return bool(centre.health(port).get("status") == "ok")


def serving_after_s(stages: Sequence[Stage]) -> float:
    """When the last of what people and agents need was there; NaN: not within the limit."""
    times = [stage.after_s for stage in stages if stage.serving]
    return float("nan") if None in times else max(t for t in times if t is not None)


def spent_s(stages: Sequence[Stage]) -> float:
    """CPU seconds of all processes that were begun anew, each until it served."""
    anew = {stage.role for stage in stages if stage.what.endswith("is started")}
    needed = [stage for stage in stages if stage.serving or stage.role == "up"]
    return sum(max((s.cpu_s for s in needed if s.role == role), default=0.0) for role in anew)
