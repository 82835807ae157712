"""Each day's head of the chain by e-mail to addresses outside of the centre; never twice.

Who has the machine and its key can make a chain of their own: what others hold gives them away.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from alerts.channels import Channel
from collector.db import meta_get, reading
from collector.evidence import sealing, seals
from collector.evidence.sealer import KEY
from collector.evidence.seals import Head
from collector.inventory import places
from collector.secret import derive, load_secret
from collector.settings import Settings
from web.reports import wording
from web.reports.letters import Letter, marked
from web.reports.post import Post, email
from web.tongue import gettext, speaking

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
# by then the nights of all zones are sealed
HOUR = 6
_BOOK = "head_letters"


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter tells: the newest record, and the newest day that all sites are sealed of."""

    head: Head
    sealed: str


class Heads:
    """What `collector.engine` calls; it works in `deliver`."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        channel: Callable[[Settings], Channel | None] = email,
    ) -> None:
        self._settings, self._store, self._channel = settings, store, channel
        self._post = Post(store, _BOOK, heads=True)
        self._secret = derive(load_secret(settings.folder), "reports", "letters")
        self._looked_at = float("-inf")

    def step(self, now: float, position: int) -> None:
        """Nothing here depends on the fold's place."""

    def forget(self, now: float) -> None:
        """The book holds one day."""

    def deliver(self, now: float) -> None:
        """Send what is due."""
        addresses = self._settings.head_addresses
        if not addresses or 0 <= now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        here = datetime.fromtimestamp(now, ZoneInfo(self._settings.timezone))
        if here.hour < HOUR or (told := self._newest()) is None:
            return
        day, language = here.date().isoformat(), self._settings.language
        everybody = [
            Letter(marked(self._secret, "head", day, to), "", to, language) for to in addresses
        ]
        if not (waiting := self._post.open(everybody, day, now)):
            return
        if (channel := self._channel(self._settings)) is None:
            return
        for letter in waiting:
            subject, text = f"record:{told.head.number}", message(letter, told, self._settings)
            if why := self._post.send(channel, letter, day, text, subject, now):
                log.warning("the head of %s was not sent: %s", day, why)

    def _newest(self) -> Told | None:
        with reading(self._store) as connection:
            head = seals.head(connection)
            mark = sealing.mark(meta_get(connection, KEY))
        if not head.number:
            return None
        return Told(head, mark.sealed() if mark is not None and mark.days else "")


def message(letter: Letter, told: Told, settings: Settings) -> Mapping[str, Any]:
    """The letter: the head, and what it is for."""
    with speaking(letter.language):
        return {"notice": f"head-{letter.mark}", "text": "\n".join(_lines(told, settings))}


def _lines(told: Told, settings: Settings) -> list[str]:
    zone, head = places.zone("", settings.timezone), told.head
    sealed = wording.at(head.sealed_at, zone)
    lines = [
        f"{gettext('Head of the sealed chain')} {wording.short_head(head)}",
        "",
        wording.head(head),
        f"{gettext('Sealed')}: {sealed}",
        f"{gettext('Signed with the key')}: {head.key}",
    ]
    if told.sealed:
        lines.append(f"{gettext('All villages are sealed up to')}: {told.sealed}")
    lines += ["", *wording.verifying(), gettext("Keep this letter."), ""]
    lines.append(wording.command(head.number, head.link))
    return lines + ([settings.public_url] if settings.public_url else [])
