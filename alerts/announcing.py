"""What webhooks hear: each step of an incident's life, written to the outbox as it is committed."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from alerts import announced, incident_json, incident_rows, incidents, members, notices, webhooks
from alerts.announced import Last
from alerts.channels.config import WEBHOOKS
from alerts.incidents import ACKNOWLEDGED, HANDLED, RESOLVED, Incident
from alerts.notices import QUEUED, WEBHOOK, Draft
from alerts.webhooks import Webhook
from collector.cli_common import iso
from collector.db import reading, writing
from collector.settings import Settings

log = logging.getLogger(__name__)

OPENED, CHANGED, TRIAL = "opened", "changed", "trial"
EVENTS = (OPENED, CHANGED, ACKNOWLEDGED, HANDLED, RESOLVED)
# of one webhook in one step; the rest comes in the next
AT_ONCE = 200
MOST_SITES = 500
# moves with the clock while somebody else is waited for: no news
_MOVING = frozenset({"deadline_at"})

Told = Mapping[str, Any]


def event(before: Told | None, now: Told) -> str | None:
    """What happened between what was told last (None: nothing) and now; None: nothing to tell.

    What began and ended unheard is no news. Pure.
    """
    over = now["state"] == RESOLVED
    if before is None:
        return None if over else OPENED
    if before["state"] != now["state"]:
        # who had it gives it back: that is a change, too
        return now["state"] if now["state"] in EVENTS else CHANGED
    same = all(before.get(key) == now[key] for key in now if key not in _MOVING)
    return None if same else CHANGED


class Announcer:
    """Looks after each step of the engine what incidents have become since."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self._settings, self._store = settings, store

    def step(self, now: float) -> int:
        """Write what is new for each webhook; how many notices that is."""
        if self._settings.demo:
            return 0
        with reading(self._store) as connection:
            newest = incidents.newest_rev(connection)
            behind = [
                one for one in webhooks.listing(connection) if one.active and one.told_to != newest
            ]
        return sum(self._tell(one, newest, now) for one in behind)

    def _tell(self, one: Webhook, newest: int, now: float) -> int:
        # after a restore the numbers begin again: it hears of what is open
        since = one.told_to if one.told_to is not None and one.told_to <= newest else None
        with writing(self._store) as connection:
            if since is None:
                found, read_to = incidents.still_open(connection), newest
                if len(found) > AT_ONCE:
                    log.warning("webhook %s is not told of %d older incidents",
                                one.name, len(found) - AT_ONCE)  # fmt: skip
                found = found[-AT_ONCE:]
            else:
                found = incidents.changed(connection, since, AT_ONCE)
                read_to = found[-1].rev if len(found) == AT_ONCE else max(newest, since)
            count = self._write(connection, one, found, now)
            webhooks.told(connection, one.id, read_to)
        return count

    def _write(
        self, connection: Connection, one: Webhook, found: Sequence[Incident], now: float
    ) -> int:
        target, numbers = str(one.id), [each.id for each in found]
        last = announced.last(connection, WEBHOOKS, target, numbers)
        joined = members.of(connection, numbers)
        drafts = []
        for each in found:
            if not incident_rows.sees(connection, one.scope, each.id):
                continue
            sites = [s for s in incident_json.sites_of(each, joined[each.id]) if one.scope.sees(s)]
            told = body(each, sites[:MOST_SITES], self._settings, now)
            before = last.get(each.id)
            what = event(None if before is None else json.loads(before.body)["incident"], told)
            if what is None:
                continue
            text = letter(what, told, now)
            if not (before and _replaced(connection, before, what, text)):
                person = f"webhook:{one.name}"
                drafts.append(Draft(each.id, WEBHOOK, person, WEBHOOKS, target, text))
        notices.queue(connection, drafts, now)
        return len(drafts)


def body(one: Incident, sites: Sequence[str], settings: Settings, now: float) -> dict[str, Any]:
    """An incident as a webhook hears of it."""
    told = incident_json.core(one, sites, settings, now) | incident_json.further(one)
    return told | {"link": _address(settings, one.id)}


def letter(what: str, told: Told, now: float) -> str:
    """The body of one notice."""
    return json.dumps({"event": what, "at": iso(now), "incident": told}, ensure_ascii=False)


def _address(settings: Settings, number: int) -> str:
    base = settings.public_url.rstrip("/")
    return f"{base}/incidents/{number}" if base else ""


def _replaced(connection: Connection, before: Last, what: str, text: str) -> bool:
    """A change that still waits is told as it is by now, once."""
    waiting = before.state == QUEUED and json.loads(before.body)["event"] == CHANGED == what
    return waiting and announced.rewrite(connection, before, text)
