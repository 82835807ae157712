"""Notices leave here: claimed before sending, sent at least once, tried again in good time."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import groupby

from sqlalchemy import Engine

from alerts import notices
from alerts.channels import Channel, NotifyFailed
from alerts.notices import Notice
from collector.db import meta_get, meta_set, reading, writing

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 900.0
# what an older restored outbox holds has long been told, or is no news any more
STALE_S = 900.0
_BATCH = 64
_SENDERS = 16
_EPOCH = "alerts_epoch"

Target = tuple[str, str]  # channel and address


class Outbox:
    """Sends what is due. One per centre: claims found at the start are of a process that died."""

    def __init__(
        self,
        store: Engine,
        channels: Mapping[str, Channel],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._channels, self._stopwatch = store, channels, stopwatch
        self._begun = False
        self._senders = ThreadPoolExecutor(_SENDERS, "notice")
        self._under_way: dict[Target, Future[None]] = {}

    def send_due(self, now: float) -> int:
        """Begin to send what is due at `now`; how many notices that is.

        One slow address holds up nobody else; to one address things go in order.
        """
        self._begin(now)
        for target in [target for target, done in self._under_way.items() if done.done()]:
            del self._under_way[target]
        with reading(self._store) as connection:
            due = notices.due(connection, now, _BATCH, [t for _, t in self._under_way])
        begun = 0
        offset = now - self._stopwatch()
        # those that failed before stand behind those that were not tried
        by_target = sorted(due, key=lambda n: (n.channel, n.target, n.attempts, n.id))
        for target, same in groupby(by_target, key=lambda n: (n.channel, n.target)):
            if target not in self._under_way:
                some = list(same)
                begun += len(some)
                self._under_way[target] = self._senders.submit(self._send_all, some, offset)
        return begun

    def wait(self) -> None:
        """Return when all that was begun is through."""
        wait(list(self._under_way.values()))

    def close(self) -> None:
        self._senders.shutdown()

    def _begin(self, now: float) -> None:
        """What a crash or a restore left behind is put right before anything is sent."""
        with reading(self._store) as connection:
            epoch, known = meta_get(connection, "epoch"), meta_get(connection, _EPOCH)
        if self._begun and epoch == known:
            return
        with writing(self._store) as connection:
            if known and epoch != known:
                why = "not sent: older than the restore of the centre"
                skipped = notices.skip_older(connection, now - STALE_S, why)
                log.warning("restored from a backup: %d old notices are not sent", skipped)
            if not self._begun:
                notices.requeue_claimed(connection, now)
            meta_set(connection, _EPOCH, epoch)
        self._begun = True

    def _send_all(self, same: Sequence[Notice], offset: float) -> None:
        for place, notice in enumerate(same):
            try:
                again_at = self._send(notice, offset)
            except Exception:
                # the row stays claimed or queued: a database that is gone comes back
                log.exception("notice %d", notice.id)
                return
            if again_at is not None:
                # the address is in trouble: the others would only wait for it one by one
                with writing(self._store) as connection:
                    notices.postpone(connection, same[place + 1 :], again_at)
                return

    def _send(self, notice: Notice, offset: float) -> float | None:
        """Send one; the time to try again when the far end is in trouble."""
        if not self._take(notice):
            return None
        try:
            channel = self._channels.get(notice.channel)
            if channel is None:
                raise NotifyFailed(f"no channel {notice.channel!r}", permanent=True)
            answer = channel.send(notice.target, {**json.loads(notice.body), "notice": notice.id})
        except NotifyFailed as failed:
            return self._failed(notice, failed, self._stopwatch() + offset)
        sent_at = self._stopwatch() + offset
        with writing(self._store) as connection:
            notices.settle(connection, notice, notices.SENT, sent_at=sent_at, answer=answer)
        return None

    def _take(self, notice: Notice) -> bool:
        """Claim a notice; one about the end of what its reader never heard of is skipped."""
        with writing(self._store) as connection:
            never_heard = notice.news != "opened" and not notices.told(
                connection, notice.incident, notice.target
            )
            if never_heard:
                notices.skip(connection, notice, "not sent: its beginning was not told")
                return False
            return notices.claim(connection, notice)

    def _failed(self, notice: Notice, failed: NotifyFailed, now: float) -> float | None:
        attempts = notice.attempts + 1
        final = failed.permanent or attempts >= MAX_ATTEMPTS
        again_at = now + wait_s(attempts, failed.retry_after_s)
        log.warning("notice %d to %s: %s", notice.id, notice.person, failed)
        with writing(self._store) as connection:
            state = notices.FAILED if final else notices.QUEUED
            notices.settle(connection, notice, state, next_try=again_at, answer=str(failed))
        return None if final else again_at


def wait_s(attempts: int, retry_after_s: float | None = None) -> float:
    """How long to wait after this many attempts: twice as long each time, or as long as asked."""
    waited: float = min(FIRST_WAIT_S * 2.0 ** (attempts - 1), LONGEST_WAIT_S)
    return waited if retry_after_s is None else max(retry_after_s, FIRST_WAIT_S / 5)
