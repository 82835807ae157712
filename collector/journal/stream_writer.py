"""Appends to a stream; a group counts as kept when the servers have said so of all of it.

An answer that is lost costs nothing: the same message is sent again under its number and not kept
twice. When that does not help in time, the sender is told to come again, and the fold recognises
what was kept without our hearing of it by its (agent, spool, n).
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from itertools import count

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import Header
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from collector.journal.framing import Entry
from collector.journal.grouping import grouped
from collector.journal.link import Link, connected
from collector.journal.places import Places, beginning
from collector.journal.protocol import JournalFailed, JournalTooLarge
from collector.journal.stream import Shape, ensure, look, move

# a leader that is gone is replaced within about that time
PATIENCE_S = 5.0
# while they are known to be away nobody is kept waiting for long
SHORT_S = 1.0
_ATTEMPT_S = 1.5
_PAUSE_S = 0.05

log = logging.getLogger(__name__)

Message = tuple[str, bytes, str]


class StreamWriter:
    """One of any number of writers; `folded` says what has been folded when a stream is opened.

    `site_of` an agent decides where its records go; None: what is of the whole centre.
    """

    torn_bytes = 0

    def __init__(
        self,
        link: Link,
        shape: Shape,
        folded: Callable[[], int | None],
        site_of: Callable[[int], str | None],
    ) -> None:
        self._link = link
        self._shape = shape
        self._folded = folded
        self._site_of = site_of
        self._places: Places | None = None
        self._well = True
        self._numbers = count()
        self._run = secrets.token_hex(8)
        self.end = 0

    def append(self, entries: Sequence[Entry]) -> int:
        """Publish all of `entries` and return the position after them."""
        messages = [
            (subject, data, f"{self._run}-{next(self._numbers)}")
            for subject, data in grouped(entries, self._subject_of)
        ]
        at_least = self._at_least() if self._places is None else None
        limit_s = PATIENCE_S if self._well else SHORT_S
        try:
            self.end = self._link.call(lambda c: self._keep(c, messages, at_least), limit_s)
        except JournalTooLarge:
            raise
        except JournalFailed:
            self._well = False
            # whoever comes back may have lost something: look again before going on
            self._places = None
            raise
        self._well = True
        return self.end

    def close(self) -> None:
        self._link.close()

    def _at_least(self) -> int | None:
        folded = self._folded()
        return self.end or None if folded is None else max(folded, self.end)

    def _subject_of(self, agent: int) -> str:
        return self._shape.subject(self._site_of(agent) if agent else None)

    async def _keep(self, client: Client, messages: Sequence[Message], at_least: int | None) -> int:
        self._check_size(client, messages)
        if self._places is None:
            self._places = await ensure(client, self._shape, at_least)
        first, last = await _publish(client, messages)
        if self._places.position(first) < self.end:
            self._places = await self._behind(client, first)
        return self._places.position(last + 1)

    async def _behind(self, client: Client, first: int) -> Places:
        """The stream has lost messages it had answered for: go on behind what was given out."""
        found = await look(client, self._shape)
        if found is None:
            raise JournalFailed("journal: the stream is gone")
        info, places = found
        if places.position(first) >= self.end:
            # another ingest saw it first
            return places
        return await move(client, self._shape, info, beginning(first, self.end))

    @staticmethod
    def _check_size(client: Client, messages: Sequence[Message]) -> None:
        for _, data, _ in messages:
            if len(data) > client.max_payload:
                problem = f"{len(data)} bytes in one piece; max_payload is {client.max_payload}"
                raise JournalTooLarge(f"journal: {problem}")


async def _publish(client: Client, messages: Sequence[Message]) -> tuple[int, int]:
    """Send until each has its answer; the lowest and the highest sequence. Whoever calls us
    bounds how long."""
    stream, kept = client.jetstream(), list[int]()
    waiting = list(messages)
    while waiting:
        # begun in this order, so they are sent and kept in this order
        answers = await asyncio.gather(*(_send(stream, message) for message in waiting))
        kept += [answer for answer in answers if answer is not None]
        waiting = [m for m, answer in zip(waiting, answers, strict=True) if answer is None]
        if waiting:
            log.info(
                "%d of %d messages were not answered for; once more", len(waiting), len(answers)
            )
            await asyncio.sleep(_PAUSE_S)
            await connected(client)
    return min(kept), max(kept)


async def _send(stream: JetStreamContext, message: Message) -> int | None:
    """The sequence under which it is kept; None: send it again."""
    subject, data, number = message
    try:
        kept = await stream.publish(
            subject, data, timeout=_ATTEMPT_S, headers={Header.MSG_ID: number}
        )
    except (NoStreamResponseError, TimeoutError):
        return None
    except APIError as error:
        if error.err_code in _AGAIN or error.description == _NOT_LEADER:
            return None
        raise
    except NatsError:
        return None
    return kept.seq


# JetStream's own numbers for: the cluster has no leader now, is not ready; since 2.11: what was
# sent before under this number is not kept yet, too much is on its way
_AGAIN = frozenset({10008, 10009, 10158, 10167})
# of one that has just lost its lead, without a number
_NOT_LEADER = "raft: not leader"
