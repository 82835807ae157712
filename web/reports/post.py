"""Which letters went: written down before each is sent, so that none goes twice. A store file."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Engine

from alerts.channels import Channel, NotifyFailed
from alerts.channels.config import load
from collector import acts
from collector.db import meta_get, meta_set, reading, writing
from collector.settings import Settings
from web.reports import letters
from web.reports.letters import Book, Letter, Sent, State

# verbs of the acts
REPORT, HEAD = "report_mail", "head_mail"


class Post:
    """The book of one kind of letters, reports or heads; what became of each is an act."""

    def __init__(self, store: Engine, book: str, heads: bool = False) -> None:
        self._store, self._key, self._heads = store, book, heads

    def open(self, everybody: Iterable[Letter], period: str, now: float) -> list[Letter]:
        """Those of a period that are to be sent now."""
        with reading(self._store) as connection:
            book = letters.read(meta_get(connection, self._key))
        return letters.open_letters(everybody, _of(book, period), now)

    def send(
        self, channel: Channel, letter: Letter, period: str, told: Mapping[str, Any],
        subject: str, now: float,
    ) -> str:  # fmt: skip
        """Send one, if nobody has begun to; why it was not taken, or nothing."""
        if not self._claim(letter, period):
            return ""
        failed, permanent, why = False, False, ""
        try:
            channel.send(letter.to, told)
        except NotifyFailed as error:
            failed, permanent, why = True, error.permanent, error.reason
        with writing(self._store) as connection:
            book = letters.read(meta_get(connection, self._key))
            sent = letters.after(book.of(letter), failed, permanent, now)
            meta_set(connection, self._key, book.with_(letter, sent).text())
            body = {"state": str(sent.state), "tries": sent.tries, "letter": letter.mark}
            verb = HEAD if self._heads else REPORT
            acts.record(connection, now, "", verb, subject, body)
        return why

    def _claim(self, letter: Letter, period: str) -> bool:
        with writing(self._store) as connection:
            book = _of(letters.read(meta_get(connection, self._key)), period)
            before = book.of(letter)
            if before.state is not State.WAITING:
                return False
            claimed = Sent(State.CLAIMED, before.tries)
            meta_set(connection, self._key, book.with_(letter, claimed).text())
            return True


def email(settings: Settings) -> Channel | None:
    """The first channel that serves e-mail; None: there is none, as in a demo."""
    return next((line.channel for line in load(settings) if line.kind == "email"), None)


def _of(book: Book, period: str) -> Book:
    return book if book.month == period else Book(period)
