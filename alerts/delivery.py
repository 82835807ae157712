"""One notice on its way: claimed, sent, settled, handed on to the reader's next way."""

import json
import logging

from sqlalchemy import Connection, Engine

from alerts import notices
from alerts.channels import NotifyFailed
from alerts.channels.config import Line
from alerts.incidents import lineage
from alerts.notices import PHONE, Notice
from collector.db import writing

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20
# the reader's next way is as good as one more try
ATTEMPTS_A_WAY = 3
# who has another way does not wait longer than this for a channel that asks for patience
MOST_PATIENCE_S = 60.0
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 900.0


def take(connection: Connection, notice: Notice) -> bool:
    """Claim a notice, if it is to go out now and by this way.

    The end of a story goes by the way by which its beginning went; whom nobody told of the
    beginning is not told of the end.
    """
    if notice.news not in notices.BEGINNINGS:
        way = notices.told_by(connection, lineage(connection, notice.incident), notice.ways)
        if way is None:
            notices.skip(connection, notice, "not sent: its beginning was not told")
            return False
        if way != notice.ways[0]:
            notices.turn(connection, notice, way)
            return False
    return notices.claim(connection, notice)


def send(line: Line, notice: Notice) -> str:
    """Send a claimed notice; what the gateway answered."""
    message = {**json.loads(notice.body), "notice": notice.id}
    return line.channel.send(notice.target, message)


def sent(store: Engine, notice: Notice, answer: str, now: float) -> None:
    """The gateway took it: written down, and nobody needs to phone any more."""
    with writing(store) as connection:
        notices.settle(connection, notice, notices.SENT, sent_at=now, answer=answer)
        why = f"not needed: told by {notice.channel} after all"
        notices.close_tasks(connection, notice.incident, why, notice.person)


def failed(store: Engine, notice: Notice, reason: NotifyFailed, now: float) -> float | None:
    """What becomes of a notice that was not taken; when to try again, if at all."""
    attempts = notice.attempts + 1
    log.warning("notice %d to %s by %s: %s", notice.id, notice.person, notice.channel, reason)
    final = reason.permanent or attempts >= MAX_ATTEMPTS
    again_at = now + wait_s(attempts, reason.retry_after_s)
    with writing(store) as connection:
        if final or _moves_on(notice, reason, attempts):
            notices.settle(connection, notice, notices.FAILED, answer=str(reason))
            notices.hand_on(connection, notice, now, f"{notice.channel}: {reason}")
            return None
        values: dict[str, object] = {"next_try": again_at, "answer": str(reason)}
        if attempts >= ATTEMPTS_A_WAY and notice.further:
            # the last way of a machine is tried on, while somebody is asked to phone
            notices.hand_on(connection, notice, now, f"{notice.channel}: {reason}")
            values["further"] = "[]"
        notices.settle(connection, notice, notices.QUEUED, **values)
    return again_at


def give_up(connection: Connection, notice: Notice, why: str, now: float) -> None:
    """A queued notice is not tried by its way at all."""
    if notices.drop(connection, notice, why):
        notices.hand_on(connection, notice, now, why)


def has_next(notice: Notice) -> bool:
    """Whether a machine can still reach the reader by another way."""
    return bool(notice.further) and notice.further[0][0] != PHONE


def wait_s(attempts: int, retry_after_s: float | None = None) -> float:
    """How long to wait after this many attempts: twice as long each time, or as long as asked."""
    waited: float = min(FIRST_WAIT_S * 2.0 ** (attempts - 1), LONGEST_WAIT_S)
    return waited if retry_after_s is None else max(retry_after_s, FIRST_WAIT_S / 5)


def _moves_on(notice: Notice, reason: NotifyFailed, attempts: int) -> bool:
    if not has_next(notice):
        return False
    return attempts >= ATTEMPTS_A_WAY or (reason.retry_after_s or 0.0) > MOST_PATIENCE_S
