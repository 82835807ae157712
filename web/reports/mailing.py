"""Sends each month's report to the people whom a setting names by their roles; never twice."""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from alerts.channels import Channel
from collector.db import reading
from collector.inventory.contacts import of_roles
from collector.inventory.scope import Scope
from collector.secret import derive, load_secret
from collector.settings import Settings
from web import words
from web.reports import editions, letters, wording
from web.reports.editions import Edition, Wanted
from web.reports.letters import Letter
from web.reports.post import Post, email
from web.reports.press import Press
from web.tongue import gettext, speaking

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
# letters of one look: a report is made and sent for minutes, and nobody waits for it
AT_ONCE = 5
# of a file that goes along; larger ones stand in the console
MOST_BYTES = 8 << 20
# contacts that are looked at, with an address or without
_MOST_PEOPLE = 5000
_BOOK = "report_letters"


class Mailing:
    """What `collector.engine` calls; it works in `deliver`."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        channel: Callable[[Settings], Channel | None] | None = None,
        press: Press | None = None,
    ) -> None:
        self._settings, self._store = settings, store
        self._channel = channel or email
        self._post = Post(store, _BOOK)
        self._press = press or Press(settings)
        self._secret = derive(load_secret(settings.folder), "reports", "letters")
        self._looked_at = float("-inf")

    def step(self, now: float, position: int) -> None:
        """Nothing here depends on the fold's place."""

    def forget(self, now: float) -> None:
        """The book holds one month."""

    def deliver(self, now: float) -> None:
        """Send what is due; what is not made yet is begun, and sent at a later look."""
        if not self._settings.report_roles or 0 <= now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        found = letters.due(now, ZoneInfo(self._settings.timezone))
        channel = self._channel(self._settings) if found else None
        if found is None or channel is None:
            return
        month, since = found
        for letter in self._open(month, now)[:AT_ONCE]:
            wanted = Wanted(month, letter.area, "", letter.language)
            edition = editions.newest(self._settings.folder, wanted)
            if edition is None or edition.at < since:
                self._ask(wanted)
                continue
            told = message(letter, wanted, edition, self._settings)
            subject = f"report:{month}/{letter.area}"
            if why := self._post.send(channel, letter, month, told, subject, now):
                log.warning("report %s was not sent: %s", wanted.key, why)

    def _open(self, month: str, now: float) -> list[Letter]:
        roles = self._settings.report_roles
        with reading(self._store) as connection:
            people = of_roles(connection, roles, Scope(), _MOST_PEOPLE)
        everybody = letters.letters(people, roles, month, self._secret)
        return self._post.open(everybody, month, now)

    def _ask(self, wanted: Wanted) -> None:
        job = self._press.job(wanted)
        if job is not None and job.failed:
            log.warning("report %s: %s", wanted.key, job.failed)
        self._press.ask(wanted)


def message(
    letter: Letter, wanted: Wanted, edition: Edition, settings: Settings
) -> Mapping[str, Any]:
    """The letter: the month in a few lines, where the rest is, the paper where it is not too
    large."""
    with speaking(letter.language):
        text = "\n".join(_lines(wanted, edition, settings))
    path = edition.path("pdf")
    fits = path is not None and path.stat().st_size <= MOST_BYTES
    files = [(wanted.file("pdf"), "application/pdf", path.read_bytes())] if path and fits else []
    return {"notice": f"report-{letter.mark}", "text": text, "files": files}


def _lines(wanted: Wanted, edition: Edition, settings: Settings) -> list[str]:
    one = edition.figures
    total, incidents = one["total"], one["incidents"]
    name = one["place_name"] or gettext("all regencies")
    month = wording.named(wanted.month)
    percent, in_time = total["availability_percent"], incidents["in_time_percent"]
    lines = [
        f"{gettext('Report on the networks of villages')}, {month}: {name}",
        "",
        f"{gettext('Villages')}: {words.number(one['villages_count'])}",
        f"{gettext('Known')}: {wording.part(total.get('known_percent'))}",
        f"{gettext('Available, of what is known')}: {wording.part(percent)}",
        f"{gettext('Down')}: {wording.span(total['down_s'])}",
        f"{gettext('Handled in time')}: {wording.part(in_time)}",
        f"{gettext('Refund')}: {wording.rupiah(one['refunds_rp'])}",
        f"{gettext('Head of the sealed chain')}: {one['head']['record']}:{one['head']['link']}",
    ]
    if settings.public_url:
        area = f"&area={wanted.area}" if wanted.area else ""
        link = f"{settings.public_url.rstrip('/')}/reports?month={wanted.month}{area}"
        lines += ["", gettext("All of it: %(link)s", link=link)]
    return lines
