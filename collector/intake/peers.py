"""Several ingests of one centre: what one of them learns of an agent the others are told.

Little is said, and nothing that must not be lost: each reads the database and the journal at its
start. A word that does not arrive means that a clone is noticed by the next report, or that an
order is given twice.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from collector.intake.clash import Began
from collector.intake.known import Known
from collector.intake.orders import Orders
from collector.journal.opening import open_talk
from collector.settings import Settings


class Word(msgspec.Struct, omit_defaults=True):
    """`asked`: what this agent was told to do; else when a spool of its began."""

    agent: int
    asked: list[str] = []
    spool: str = ""
    boot: str = ""
    at: float = 0.0
    up: float = 0.0


_read = msgspec.json.Decoder(Word).decode
_write = msgspec.json.Encoder().encode


class Peers:
    """The others, if there can be any; made inside the event loop."""

    def __init__(self, settings: Settings, known: Known, orders: Orders) -> None:
        self._known, self._orders = known, orders
        self._loop = asyncio.get_running_loop()
        self._talk = open_talk(settings, self._hear)

    @property
    def untold(self) -> int:
        """Words that could not be said."""
        return self._talk.unsaid if self._talk else 0

    def attend(self) -> None:
        """Listen to them; may wait for a moment."""
        if self._talk is not None:
            self._talk.attend()

    def tell_spool(self, agent: int, spool: str, seen: Began) -> None:
        if self._talk is not None:
            self._talk.say(_write(Word(agent, [], spool, seen.boot, seen.at, seen.up)))

    def tell_asked(self, agent: int, what: Sequence[str]) -> None:
        if self._talk is not None and what:
            self._talk.say(_write(Word(agent, list(what))))

    def close(self) -> None:
        if self._talk is not None:
            self._talk.close()

    def take(self, word: Word) -> None:
        """What one of them has said."""
        if word.asked:
            self._orders.forget(word.agent, word.asked)
        else:
            self._known.of(word.agent).note(word.spool, Began(word.boot, word.at, word.up))

    def _hear(self, words: bytes) -> None:
        try:
            word = _read(words)
        except msgspec.MsgspecError:
            return
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.take, word)
