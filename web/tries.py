"""Rules tried out over the last 30 days: one at a time, in a thread, within a bounded time.

Kept in memory only: a try is an answer to somebody who is about to change a threshold.
"""

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Engine

from agent.strict import Refused
from alerts import overrides, rehearsal
from alerts.overrides import Override
from alerts.rehearsal import Both
from alerts.rules.rule import Rule
from collector.db import open_history, reading
from collector.promql.source import Centre, query_source
from collector.settings import Settings

log = logging.getLogger(__name__)

LONGEST_S = 90.0
MOST_KEPT, MOST_WAITING = 50, 8


@dataclass(slots=True)
class Try:
    """One question and what is known of its answer so far."""

    id: str
    by: str
    rule: Rule
    wanted: Override
    before: Override | None
    sites: Sequence[str]
    found: Both = field(default_factory=Both)
    looked: int = 0
    over: bool = False
    broken: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def cut(self) -> bool:
        """Time was over before all sites were looked at."""
        return self.over and self.looked < len(self.sites)


class Tries:
    """All that were asked for, the newest first to be kept."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        clock: Callable[[], float],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._stopwatch = stopwatch
        self._kept: OrderedDict[str, Try] = OrderedDict()
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None

    def begin(
        self, by: str, rule: Rule, wanted: Override, before: Override | None, sites: Sequence[str]
    ) -> Try | None:
        """Start one; None while too many wait."""
        made = Try(secrets.token_urlsafe(9), by, rule, wanted, before, sites)
        with self._lock:
            if sum(not one.over for one in self._kept.values()) >= MOST_WAITING:
                return None
            self._kept[made.id] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="try")
            self._thread.submit(self._run, made)
        return made

    def find(self, number: str, by: str) -> Try | None:
        """One of this person's."""
        with self._lock:
            found = self._kept.get(number)
        return found if found is not None and found.by == by else None

    def wait(self, number: str, limit_s: float = LONGEST_S) -> None:
        """Until one is over, however it ended."""
        with self._lock:
            found = self._kept.get(number)
        if found is not None:
            found.done.wait(limit_s)

    def close(self) -> None:
        """What runs ends at its next site."""
        with self._lock:
            kept, thread = list(self._kept.values()), self._thread
            for one in kept:
                one.over = True
        if thread is not None:
            thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, made: Try) -> None:
        try:
            blocks = open_history(self._settings)
            try:
                self._look(made, Centre(self._settings, self._store, blocks))
            finally:
                blocks.dispose()
        except Exception:
            # a thread of its own: nobody else would say so
            log.exception("trying rule %s", made.rule.name)
            made.broken = True
        finally:
            made.over = True
            made.done.set()

    def _look(self, made: Try, centre: Centre) -> None:
        with reading(self._store) as connection:
            known = overrides.everything(connection)
        ends, until = self._clock(), self._stopwatch() + LONGEST_S
        others = [o for o in known if (o.rule, o.scope) != (made.wanted.rule, made.wanted.scope)]
        for site in made.sites:
            if made.over or self._stopwatch() > until:
                return
            now = overrides.closest(known, made.rule.name, site)
            then = overrides.closest([*others, made.wanted], made.rule.name, site)
            self._at(made, centre, site, (now, then), ends)
            made.looked += 1

    def _at(
        self,
        made: Try,
        centre: Centre,
        site: str,
        both: tuple[Override | None, Override | None],
        ends: float,
    ) -> None:
        query = query_source(centre)
        for override, found in zip(both, (made.found.now, made.found.wanted), strict=True):
            rule = rehearsal.tuned(made.rule, override)
            try:
                found[site] = rehearsal.at_site(query, rule, site, ends, self._stopwatch)
            except Refused as refused:
                made.found.failed[site] = refused.problem
