"""The heartbeat to somewhere outside: asked for as long as the centre works, so that its silence
tells somebody else that it does not.

It beats while the fold moves and messages leave; the address is judged like that of a webhook.
"""

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine

from alerts import queue
from alerts.channels import NotifyFailed
from alerts.channels.http import Web
from alerts.channels.webhook import judge
from collector.db import meta_get, meta_set, reading, writing
from collector.evidence import seals
from collector.evidence.seals import Head
from collector.reach import parse
from collector.settings import Settings
from collector.trouble import tell

log = logging.getLogger(__name__)

KEY = "heartbeat"
LONGEST_LAG_S = 30.0
# a message whose time came this long ago has not left
LONGEST_WAIT_S = 120.0
# what did not go well is tried again sooner
AGAIN_AFTER_S = 10.0


class Why(StrEnum):
    """Whether to beat."""

    WELL = "the fold moves, messages leave"
    FOLD_SILENT = "the fold has said nothing for half a minute"
    FOLD_BEHIND = "the fold is more than half a minute behind"
    STUCK = "messages do not leave"


@dataclass(frozen=True, slots=True)
class Beat:
    """How it was the last time; `host` is all of the address that is shown."""

    fine: bool
    says: str
    at: float
    host: str


def judged(lag_s: float, folded_at: float, oldest_due: float | None, now: float) -> Why:
    """Is the centre well enough to say so? `oldest_due`: since when a message waits to leave."""
    if now - folded_at > LONGEST_LAG_S:
        return Why.FOLD_SILENT
    if lag_s > LONGEST_LAG_S:
        return Why.FOLD_BEHIND
    if oldest_due is not None and now - oldest_due > LONGEST_WAIT_S:
        return Why.STUCK
    return Why.WELL


class Heartbeat:
    """Beats beside the deliveries and never in their way."""

    def __init__(self, settings: Settings, store: Engine, web: Web | None = None) -> None:
        self._url, self._every_s = settings.heartbeat_url, settings.heartbeat_every_s
        self._host = urlsplit(self._url).hostname or ""
        self._store, self._web = store, web or Web(parse(settings.allow_targets))
        self._begun_at = float("-inf")
        self._last: Beat | None = None
        self._under_way: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "heartbeat") if self._url else None

    def beat(self, now: float) -> bool:
        """Begin a beat when it is due; whether one began."""
        busy = self._under_way is not None and not self._under_way.done()
        fine = self._last is None or self._last.fine
        every_s = self._every_s if fine else min(self._every_s, AGAIN_AFTER_S)
        if self._thread is None or busy or 0 <= now - self._begun_at < every_s:
            return False
        self._begun_at = now
        self._under_way = self._thread.submit(self._beat, now)
        return True

    def wait(self) -> None:
        """Return when the beat that was begun is through."""
        if self._under_way is not None:
            self._under_way.result()

    def _beat(self, now: float) -> None:
        try:
            with reading(self._store) as connection:
                why, head = look(connection, now), seals.head(connection)
            beat = self._ask(why, with_head(self._url, head), now)
            self._keep(beat)
        except Exception as error:
            # no database: no beat, which is what somebody else should notice
            tell("the heartbeat", error)

    def _ask(self, why: Why, url: str, now: float) -> Beat:
        if why is not Why.WELL:
            return Beat(False, f"held back: {why}", now, self._host)
        try:
            says = judge(self._web.get(url))
        except NotifyFailed as failed:
            return Beat(False, self._clean(failed.reason), now, self._host)
        return Beat(True, self._clean(says), now, self._host)

    def _clean(self, words: str) -> str:
        # what the far end says may hold the address, which is a secret
        parts = urlsplit(self._url)
        for secret in (parts.path.strip("/"), parts.query, parts.password or ""):
            if len(secret) > 3:
                words = words.replace(secret, "***")
        return words[:200]

    def _keep(self, beat: Beat) -> None:
        before, self._last = self._last, beat
        if before is None or before.fine != beat.fine:
            say = log.info if beat.fine else log.warning
            say("heartbeat to %s: %s", beat.host, beat.says)
        with writing(self._store) as connection:
            meta_set(connection, KEY, json.dumps(asdict(beat), ensure_ascii=False))


def with_head(url: str, head: Head) -> str:
    """The address with the newest head of the evidence: whoever keeps what was asked for there can
    tell years later whether a chain was rebuilt or cut."""
    if not head.number:
        return url
    parts = urlsplit(url)
    told = f"ronda_head={head.number}:{head.link}"
    return parts._replace(query=f"{parts.query}&{told}" if parts.query else told).geturl()


def look(connection: Connection, now: float) -> Why:
    """How the fold and the outbox are, by what they wrote down."""
    told = json.loads(meta_get(connection, "fold_status", "{}"))
    lag_s, at = float(told.get("lag_s", 0.0)), float(told.get("at", 0.0))
    return judged(lag_s, at, queue.waits_since(connection), now)


def last(connection: Connection) -> Beat | None:
    """How the last beat was; None: there was none yet."""
    text = meta_get(connection, KEY)
    return Beat(**json.loads(text)) if text else None
