"""Sends our incidents to each Alertmanager: at once what is new or over, again and again what is
open, because Alertmanager forgets what it is not told.

Nothing waits in a queue: what is to be sent is worked out of the incidents and of what was written
down as sent, so that a restart of either side loses nothing.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine

from alerts import incidents
from alerts.alertmanager import told
from alerts.alertmanager.alert import ROUNDS, Alert, Plan, plan
from alerts.alertmanager.credentials import authorization_of
from alerts.alertmanager.describing import MOST, Describing
from alerts.channels import NotifyFailed
from alerts.channels.http import Web
from alerts.channels.judging import by_status
from alerts.telling import Teller
from collector.db import meta_get, meta_set, reading, writing
from collector.reach import EVERYWHERE
from collector.settings import Settings

log = logging.getLogger(__name__)

KEY = "alertmanager:"
PATH = "/api/v2/alerts"
# in one request
AT_ONCE = 100
# after a failure, twice as long each time, up to the pace
AGAIN_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class State:
    """How the last round to one went; `host` is all of the address that is shown."""

    host: str
    fine: bool
    says: str
    at: float
    open: int = 0
    left_out: int = 0
    fine_at: float = 0.0


class Line:
    """The way to one Alertmanager."""

    def __init__(self, url: str, headers: Mapping[str, str], web: Web) -> None:
        self.target = url.rstrip("/")
        self.host = urlsplit(url).netloc
        self._headers, self._web = headers, web
        self.heard_to = -1
        self.whole_at = float("-inf")
        self.failures = 0
        self.tried_at = float("-inf")
        self.under_way: Future[None] | None = None
        self.state: State | None = None

    def due(self, newest: int, every_s: float, now: float) -> bool:
        if self.under_way is not None and not self.under_way.done():
            return False
        if self.failures:
            wait_s = min(AGAIN_AFTER_S * 2.0 ** (self.failures - 1), every_s)
            return not 0 <= now - self.tried_at < wait_s
        return newest != self.heard_to or self.whole_due(every_s, now)

    def whole_due(self, every_s: float, now: float) -> bool:
        """Whether everything is told again, not only what differs."""
        return bool(self.failures) or not 0 <= now - self.whole_at < every_s

    def post(self, alerts: Sequence[dict[str, object]]) -> None:
        """NotifyFailed when it does not take them."""
        # none at all is asked, too: it tells whether somebody is there
        for begin in range(0, max(1, len(alerts)), AT_ONCE):
            some = alerts[begin : begin + AT_ONCE]
            answer = self._web.post_json(self.target + PATH, some, self._headers)
            if not 200 <= answer.status < 300:
                raise by_status(answer)


class Sender:
    """Sends beside the deliveries and never in their way; one thread for each Alertmanager."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        teller: Teller,
        environment: Mapping[str, str],
        web: Web | None = None,
    ) -> None:
        urls = list(dict.fromkeys(settings.alertmanager_urls))
        self._every_s, self._store = settings.alertmanager_every_s, store
        # only who writes settings names one, wherever it is: as with receivers of remote_write
        self._asked = web or Web(EVERYWHERE)
        headers = authorization_of(settings, environment) if urls else {}
        self._secrets = [word for text in headers.values() for word in text.split()[1:]]
        self._lines = [Line(url, headers, self._asked) for url in urls]
        # each has its own: words are described in its thread
        self._describing = {line.target: Describing(settings, teller) for line in self._lines}
        self._threads = ThreadPoolExecutor(len(urls), "alertmanager") if urls else None
        self._begun = False

    def send(self, now: float) -> int:
        """Begin what is due; to how many."""
        if not self._begun:
            self._begin()
        if self._threads is None:
            return 0
        with reading(self._store) as connection:
            newest = incidents.newest_rev(connection)
        due = [line for line in self._lines if line.due(newest, self._every_s, now)]
        for line in due:
            line.under_way = self._threads.submit(self._round, line, now)
        return len(due)

    def wait(self) -> None:
        """Return when what was begun is through."""
        for line in self._lines:
            if line.under_way is not None:
                line.under_way.result()

    def _begin(self) -> None:
        with writing(self._store) as connection:
            told.keep_only(connection, [line.target for line in self._lines])
        self._begun = True

    def _round(self, line: Line, now: float) -> None:
        try:
            self._try(line, now)
        except Exception:
            # no database: it is tried again, and nothing was taken for sent
            line.failures += 1
            log.exception("alertmanager %s", line.host)

    def _try(self, line: Line, now: float) -> None:
        whole = line.whole_due(self._every_s, now)
        line.tried_at = now
        self._let_go(line)
        with reading(self._store) as connection:
            newest = incidents.newest_rev(connection)
            wanted, left_out = self._describing[line.target].open(connection, now)
            todo = plan(wanted, told.there(connection, line.target), whole)
            ended = self._describing[line.target].ended(connection, todo.ended, now)
            ends = _ends(connection, todo.ended, now)
        if todo.new:
            with writing(self._store) as connection:
                told.begin(connection, line.target, todo.new)
        state = State(line.host, True, "taken", now, len(wanted), left_out, now)
        try:
            bodies = self._bodies(replace(todo, ended=ended), ends, now)
            if not bodies and not whole:
                line.heard_to = newest
                return
            line.post(bodies)
        except NotifyFailed as failed:
            line.failures += 1
            before = line.state.fine_at if line.state else 0.0
            state = replace(state, fine=False, says=self._clean(failed.reason), fine_at=before)
        else:
            line.failures, line.heard_to = 0, newest
            line.whole_at = now if whole else line.whole_at
            if todo.ended:
                with writing(self._store) as connection:
                    told.over(connection, line.target, todo.ended)
        self._keep(line, state)

    def _let_go(self, line: Line) -> None:
        """Of what one that is away for long was not told the end of: it has long taken the oldest
        for over by itself."""
        with reading(self._store) as connection:
            many = told.there(connection, line.target)[: -2 * MOST]
        if many:
            log.warning("alertmanager %s: %d ends are not told", line.host, len(many))
            with writing(self._store) as connection:
                told.over(connection, line.target, many)

    def _bodies(self, todo: Plan, ends: Mapping[int, float], now: float) -> list[dict[str, object]]:
        later = now + ROUNDS * self._every_s
        over = [one.told(ends.get(one.incident, now)) for one in todo.ended]
        return [*over, *(one.told(later) for one in todo.going)]

    def _clean(self, words: str) -> str:
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return words[:200]

    def _keep(self, line: Line, state: State) -> None:
        before, line.state = line.state, state
        if before is None or before.fine != state.fine:
            say = log.info if state.fine else log.warning
            say("alertmanager %s: %s", line.host, state.says)
        with writing(self._store) as connection:
            row = json.dumps(asdict(state), ensure_ascii=False)
            meta_set(connection, f"{KEY}{line.host}", row)


def states(connection: Connection, settings: Settings) -> list[State]:
    """How the last round to each went, of those that there was one to."""
    hosts = dict.fromkeys(urlsplit(url).netloc for url in settings.alertmanager_urls)
    texts = [meta_get(connection, f"{KEY}{host}") for host in hosts]
    return [State(**json.loads(text)) for text in texts if text]


def _ends(connection: Connection, ended: Sequence[Alert], now: float) -> dict[int, float]:
    """When these were over; an alert whose labels changed ends now."""
    found = incidents.some(connection, [one.incident for one in ended])
    return {one.id: one.resolved_at or now for one in found if one.over}
