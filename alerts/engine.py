"""The alerts floor on top of the fold: from changes of checks to incidents, and to people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection, Engine

from alerts import incidents, notices, watch, way_back
from alerts.channels import Channel
from alerts.channels.config import load, plain
from alerts.ears import Ears
from alerts.health import Rounds
from alerts.heartbeat import Heartbeat
from alerts.news import Around, drafts
from alerts.outbox import Outbox
from alerts.watch import Action
from collector import inventory, positions, states
from collector.db import reading, writing
from collector.settings import Settings
from collector.states import CheckState

POSITION = "alerts"
_AT_ONCE = 500
_BATCHES_A_STEP = 4

Key = tuple[str, str]  # site and check


class Alerts:
    """What `collector.engine` calls: `step` after each commit of the fold, `deliver` in a thread.

    The position up to which changes have been read is committed with the incidents and notices
    made of them, so a crash neither loses news nor tells it twice.
    """

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        hold_s: float = 0.0,
        channels: Mapping[str, Channel] | None = None,
    ) -> None:
        self._settings, self._store, self._hold_s = settings, store, hold_s
        lines = load(settings) if channels is None else plain(channels)
        self._serving = [(line.name, line.serves) for line in lines]
        self._rounds = Rounds(store, lines)
        self._outbox = Outbox(store, lines, timezone=settings.timezone)
        self._ears = Ears(store, lines, settings.timezone)
        self._heartbeat = Heartbeat(settings, store)
        self._back = way_back.of(settings, lines)
        self._read_to: int | None = None
        # bad, but held or explained so far: looked at again at every step
        self._waiting: dict[Key, None] = {}

    def step(self, now: float, position: int) -> None:
        """Take in what the fold committed up to `position`; `now` is the time of the last tick."""
        if self._read_to is None:
            self._wake()
        for _ in range(_BATCHES_A_STEP):
            if not self._take_in(now):
                return

    def deliver(self, now: float) -> None:
        """Send what is due; waits for the far ends, each within its time limit."""
        self._outbox.send_due(now)
        self._rounds.begin_due(now)
        self._ears.begin()
        self._heartbeat.beat(now)

    def _wake(self) -> None:
        with reading(self._store) as connection:
            self._read_to = positions.get(connection, POSITION)
            self._waiting = {(c.site, c.name): None for c in incidents.untold(connection)}

    def _take_in(self, now: float) -> bool:
        """One batch of changes; True when there may be more."""
        before = self._read_to
        assert before is not None
        # should anything fail from here on, the next step wakes from what is committed
        self._read_to = None
        with reading(self._store) as connection:
            changed = states.check_changes(connection, before, _AT_ONCE)
            looked_at = self._look_again(connection, changed)
            decided = self._decide(connection, looked_at, now)
        read_to = changed[-1].rev if changed else before
        if decided or read_to != before:
            with writing(self._store) as connection:
                for around, action in decided:
                    self._act(connection, around, action, now)
                positions.put(connection, POSITION, read_to)
        self._read_to = read_to
        return len(changed) >= _AT_ONCE

    def _look_again(
        self, connection: Connection, changed: Sequence[CheckState]
    ) -> list[CheckState]:
        """Changed checks, and some of those that wait: the ones not looked at for longest."""
        for check in changed:
            self._waiting.pop((check.site, check.name), None)
        some = list(islice(self._waiting, _AT_ONCE))
        for key in some:
            del self._waiting[key]
        return [*changed, *(incidents.check_now(connection, some) if some else [])]

    def _decide(
        self, connection: Connection, checks: Sequence[CheckState], now: float
    ) -> list[tuple[Around, Action]]:
        """What is to be done; checks that must wait are remembered."""
        codes = {check.site for check in checks}
        if not codes:
            return []
        sites = {site.code: site for site in inventory.sites(connection, only=codes)}
        standing = {state.code: state for state in states.current(connection, codes)}
        told = incidents.open_at(connection, codes)
        decided: list[tuple[Around, Action]] = []
        for check in checks:
            key = (check.site, check.name)
            around = Around(check, sites.get(check.site), standing.get(check.site), told.get(key))
            action = watch.decide(check, around.scene, now, self._hold_s).action
            if action is Action.WAIT:
                self._waiting[key] = None
            elif action is not Action.NOTHING:
                decided.append((around, action))
        return decided

    def _act(self, connection: Connection, around: Around, action: Action, now: float) -> None:
        if action is Action.OPEN:
            number = incidents.open_incident(connection, _values(around, now), _evidence(around))
            self._tell(connection, "opened", number, around, now)
        elif around.incident is not None:
            over_at = around.check.since if around.check.verdict == "good" else now
            ended = incidents.resolve(connection, around.incident.id, over_at)
            if ended and action is Action.RESOLVE:
                self._tell(connection, "resolved", around.incident.id, around, now)

    def _tell(
        self, connection: Connection, news: str, number: int, around: Around, now: float
    ) -> None:
        incident, site = incidents.find(connection, number), around.site
        if incident is None or site is None:
            return
        contacts = inventory.contacts_for(connection, site)
        zone = inventory.zone(site.code, self._settings.timezone)
        around = replace(around, uplink=inventory.main_uplink(connection, site.code))
        told = drafts(news, incident, around, contacts, zone, now, self._serving, self._back)
        notices.queue(connection, told, now)
        if news != notices.OPENED:
            notices.close_tasks(connection, number, "not needed: it is over")
            notices.let_sleep(connection, number, now, "not needed: over before its reader woke")


def _values(around: Around, now: float) -> dict[str, object]:
    """The columns of a new incident."""
    check, nature = around.check, watch.nature(around.check.kind)
    name = around.site.name if around.site is not None else check.site
    return {
        "site": check.site,
        "check": check.name,
        "subject": nature.subject,
        "title": f"{check.name} {name}",
        "severity": nature.severity,
        "cause": nature.cause,
        "confidence": nature.confidence,
        "down_since": check.since,
        "opened_at": now,
    }


def _evidence(around: Around) -> list[str]:
    return [around.check.reason] if around.check.reason else []
