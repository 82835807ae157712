"""Short words between processes that share a stream; who is not there does not hear them."""

import logging
from collections.abc import Callable

from nats.aio.client import Client
from nats.aio.msg import Msg

from collector.journal.link import Link
from collector.journal.protocol import JournalFailed

log = logging.getLogger(__name__)

_LIMIT_S = 2.0
# what waits to be said while nobody listens; beyond it words are dropped and counted
_MOST_WAITING = 1000


class Talk:
    """`say` never waits; `heard` is called in a thread of ours with what others said."""

    def __init__(self, link: Link, subject: str, heard: Callable[[bytes], None]) -> None:
        self._link = link
        self._subject = subject
        self._heard = heard
        self._listens_on: Client | None = None
        self._waiting = 0
        self.unsaid = 0

    def attend(self) -> None:
        """Listen, if that is not so yet; waits at most two seconds."""
        try:
            self._link.call(self._listen, _LIMIT_S)
        except JournalFailed as error:
            log.debug("%s", error)

    def say(self, words: bytes) -> None:
        if self._waiting >= _MOST_WAITING:
            self.unsaid += 1
            return
        self._waiting += 1
        self._link.begin(lambda client: client.publish(self._subject, words), _LIMIT_S, self._said)

    def close(self) -> None:
        self._link.close()

    def _said(self, well: bool) -> None:
        self._waiting -= 1
        self.unsaid += not well

    async def _listen(self, client: Client) -> None:
        # the client listens again by itself when another server has taken it over
        if self._listens_on is not client:
            await client.subscribe(self._subject, cb=self._take)
            await client.flush()
            self._listens_on = client

    async def _take(self, message: Msg) -> None:
        self._heard(message.data)
