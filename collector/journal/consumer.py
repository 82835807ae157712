"""One consumer of a stream: gives its messages from a sequence on, each once, in order.

It lives on the server for as long as somebody asks it, and is not kept: whoever reads knows where
it is, and begins another one there when anything is not as expected.
"""

import json
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from collector.journal.protocol import JournalFailed

ANSWER_S = 2.0
_FORGOTTEN_AFTER_S = 60
# how the server says that this was all there is
_NO_MORE = ("404", "408")


class Consumer:
    """`pull` gives (sequence, content) of what follows; JournalFailed: begin another one."""

    def __init__(self, stream: str, name: str, inbox: str, given: Subscription, first: int) -> None:
        self._ask = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"
        self._inbox = inbox
        self._given = given
        self._least = first
        self._delivered = 0

    @classmethod
    async def begin(cls, client: Client, stream: str, first: int) -> "Consumer":
        wanted = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=first,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=_FORGOTTEN_AFTER_S,
            # where it is we know ourselves: no node need write it down
            mem_storage=True,
            num_replicas=1,
        )
        made = await client.jsm().add_consumer(stream, wanted)
        inbox = client.new_inbox()
        given = await client.subscribe(inbox)
        return cls(stream, made.name, inbox, given, first)

    async def pull(self, client: Client, most: int) -> list[tuple[int, bytes]]:
        """At most so many of the next messages; [] when there are none now."""
        ask = json.dumps({"batch": most, "no_wait": True}).encode()
        await client.publish(self._ask, ask, reply=self._inbox)
        found: list[tuple[int, bytes]] = []
        while len(found) < most:
            message = await self._given.next_msg(timeout=ANSWER_S)
            if status := (message.headers or {}).get("Status"):
                if status not in _NO_MORE:
                    raise JournalFailed(f"journal: the stream answers {status}")
                break
            found.append((self._in_order(message), message.data))
        return found

    async def end(self) -> None:
        """Hear nothing more of it."""
        with suppress(NatsError):
            await self._given.unsubscribe()

    def _in_order(self, message: Msg) -> int:
        """Its sequence; a message that was lost on the way, or of another life, is no answer."""
        place = message.metadata.sequence
        if place.consumer != self._delivered + 1 or place.stream < self._least:
            raise JournalFailed("journal: the stream does not go on where it was")
        self._delivered, self._least = place.consumer, place.stream + 1
        return place.stream
