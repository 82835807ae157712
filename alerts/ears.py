"""Channels that are asked for what people answered: Telegram by long polling, gammu by its inbox.

Nothing from outside has to reach the centre for it. One thread a channel; how far it has read is
kept, and what is heard twice does no harm.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alerts import health
from alerts.channels import NotifyFailed
from alerts.channels.config import Line, behind, hears
from alerts.channels.sms import Gammu
from alerts.channels.telegram import Telegram
from alerts.inbox import Inbox
from alerts.replies import Heard
from collector.db import meta_get, meta_set, reading, writing
from collector.trouble import tell

log = logging.getLogger(__name__)

POLL_S = 25
LOOK_EVERY_S = 2.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5.0, 300.0
_MOST_FILES = 50
_MOST_BYTES = 8192
# a file this young may still be being written
_YOUNG_S = 1.0
# IN<date>_<time>_<serial>_<sender>_<part>.txt, as gammu-smsd-files(7) has it
_NAME = re.compile(r"IN[0-9]{8}_[0-9]{6}_[0-9]+_(?P<sender>.*)_(?P<part>[0-9]+)\.txt")


class Stop(Protocol):
    """A threading.Event, as far as it is asked here."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float, /) -> object: ...


class Ears:
    """Listens at the channels that can be listened at, from the first `begin` on."""

    def __init__(
        self,
        store: Engine,
        lines: Sequence[Line],
        home: str,
        clock: Callable[[], float] = time.time,
        poll_s: int = POLL_S,
        citizens: bool = False,
        hides: Sequence[str] = (),
    ) -> None:
        self._store, self._clock = store, clock
        self._inbox = Inbox(store, lines, home, citizens=citizens, hides=hides)
        self._ears: list[TelegramEar | GammuEar] = []
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        for line in lines:
            channel = behind(line)
            if isinstance(channel, Telegram) and hears(line):
                self._ears.append(
                    TelegramEar(store, line.name, channel, self._inbox, clock, poll_s)
                )
            elif isinstance(channel, Gammu) and hears(line):
                self._ears.append(GammuEar(line.name, channel, self._inbox, clock))

    def begin(self) -> None:
        """Start listening, once; the threads end with the process, whatever they wait for."""
        if self._threads or self._stop.is_set():
            return
        for ear in self._ears:
            name, told = f"ear-{ear.name}", (ear, self._stop, self._note)
            thread = threading.Thread(target=listen, args=told, name=name, daemon=True)
            self._threads.append(thread)
        for thread in self._threads:
            thread.start()

    def _note(self, name: str, trouble: str) -> None:
        try:
            with writing(self._store) as connection:
                health.put_deaf(connection, name, trouble)
        except SQLAlchemyError as error:
            # it is in the log, and what keeps us from listening may be this very database
            tell(f"channel {name}", error)

    def end(self, limit_s: float) -> None:
        """Listen no more; waits for what is being heard."""
        self._stop.set()
        for thread in self._threads:
            thread.join(limit_s)


def listen(
    ear: "TelegramEar | GammuEar",
    stop: Stop,
    note: Callable[[str, str], None] = lambda name, trouble: None,
) -> None:
    """Listen until `stop`; trouble is told once, waited out and tried again."""
    failures, said = 0, ""
    note(ear.name, "")
    while not stop.is_set():
        try:
            wait_s = ear.once()
            if said:
                log.info("channel %s hears again", ear.name)
                note(ear.name, "")
            failures, said = 0, ""
        except Exception as error:
            failures += 1
            wait_s = pause_s(failures, error)
            why = str(error) if isinstance(error, NotifyFailed | OSError) else repr(error)
            if why != said:
                log.warning("channel %s does not hear: %s", ear.name, ear.clean(why))
                note(ear.name, ear.clean(why))
                said = why
        stop.wait(wait_s)


def pause_s(failures: int, error: Exception) -> float:
    """How long to wait after so many failures, or as long as the other side asks."""
    asked = error.retry_after_s if isinstance(error, NotifyFailed) else None
    waited: float = min(_FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE_S)
    return max(waited, asked or 0.0)


class TelegramEar:
    """What is written to a bot."""

    def __init__(
        self,
        store: Engine,
        name: str,
        channel: Telegram,
        inbox: Inbox,
        clock: Callable[[], float],
        poll_s: int = POLL_S,
    ) -> None:
        self.name, self._store, self._channel, self._inbox = name, store, channel, inbox
        self._clock, self._poll_s = clock, poll_s
        self._key = f"telegram:{channel.bot}"

    def once(self) -> float:
        """Wait for messages, hear them; then how far is written down."""
        with reading(self._store) as connection:
            after = int(meta_get(connection, self._key, "0"))
        updates, upto = self._channel.hear(after, self._poll_s)
        for update in updates:
            number = str(update.number)
            told = (update.sender, update.text, number, update.chat, update.alias)
            self._inbox.hear(Heard(self.name, *told), self._clock())
        if upto != after:
            with writing(self._store) as connection:
                meta_set(connection, self._key, str(upto))
        return 0.0

    def clean(self, words: str) -> str:
        return words.replace(self._channel.token, "***")


class GammuEar:
    """What gammu-smsd put into its inbox folder; a file that was heard is deleted."""

    def __init__(self, name: str, channel: Gammu, inbox: Inbox, clock: Callable[[], float]) -> None:
        self.name, self._inbox, self._clock = name, inbox, clock
        self._folder = Path(channel.inbox)
        # what was heard and cannot be deleted is not heard again
        self._stays: set[str] = set()

    def once(self) -> float:
        """Hear all files that are whole."""
        for path in self._files():
            found = _NAME.fullmatch(path.name)
            if found is not None and int(found["part"]) == 0:
                text = words_of(path)
                self._inbox.hear(Heard(self.name, found["sender"], text, path.name), self._clock())
            self._stays.add(path.name)
            path.unlink()
            self._stays.discard(path.name)
        return LOOK_EVERY_S

    def clean(self, words: str) -> str:
        return words

    def _files(self) -> Iterable[Path]:
        old = self._clock() - _YOUNG_S
        # glob finds nothing in a folder that is not there, and says nothing
        self._folder.stat()
        there = sorted(self._folder.glob("IN*.txt"))
        self._stays &= {path.name for path in there}
        whole = (p for p in there if p.name not in self._stays and p.stat().st_mtime <= old)
        return list(whole)[:_MOST_FILES]


def words_of(path: Path) -> str:
    """The text of an SMS as gammu-smsd wrote it: UTF-16 with its mark, or UTF-8."""
    with path.open("rb") as file:
        raw = file.read(_MOST_BYTES)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8", "replace")
