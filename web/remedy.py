"""Incidents meet playbooks: what an incident suggests is begun by itself, where somebody chose so.

Only green playbooks, so many times a day at a site, and never again after one that did not end
well, until a person chooses it anew.
"""

import logging

from sqlalchemy import Connection, Engine

from agent.strict import Refused
from alerts import incidents
from alerts.incidents import Incident
from collector.db import reading, writing
from collector.secret import load_secret
from collector.settings import Settings
from playbooks import asking, automatic
from playbooks.asking import Asked
from playbooks.automatic import Automatic
from playbooks.shelf import Shelf

log = logging.getLogger(__name__)
# an incident that is older when we first see it is left to people
FRESH_S = 1800.0
_LOOK_EVERY_S = 5.0
_MOST_TRIED = 10_000


class Remedy:
    """What `collector.engine` calls; it works in `deliver`."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self._settings, self._store = settings, store
        self._secret = load_secret(settings.folder)
        self._shelf = Shelf(settings.data)
        self._tried: dict[int, None] = {}
        self._looked_at = float("-inf")

    def step(self, now: float, position: int) -> None:
        """Nothing here depends on the fold's place."""

    def forget(self, now: float) -> None:
        """It keeps no rows of its own."""

    def deliver(self, now: float) -> None:
        """Begin what incidents suggest; each incident is tried once."""
        if 0 <= now - self._looked_at < _LOOK_EVERY_S:
            return
        self._looked_at = now
        with reading(self._store) as connection:
            chosen = {one.playbook: one for one in automatic.listing(connection) if one.on}
            failed = {name: automatic.failed(connection, one) for name, one in chosen.items()}
            new = incidents.still_open(connection) if chosen else []
        for name, why in failed.items():
            if why:
                self._stop(name, why, now)
                del chosen[name]
        for incident in new:
            one = chosen.get(suggested(incident))
            if one is not None and self._is_new(incident, now):
                self._begin(one, incident, now)

    def _is_new(self, incident: Incident, now: float) -> bool:
        fresh = now - incident.opened_at <= FRESH_S
        return fresh and bool(incident.site) and incident.id not in self._tried

    def _stop(self, name: str, why: str, now: float) -> None:
        with writing(self._store) as connection:
            automatic.stop(connection, name, automatic.BY, why, now)
        log.warning("%s begins no more by itself: %s", name, why)

    def _begin(self, one: Automatic, incident: Incident, now: float) -> None:
        self._tried[incident.id] = None
        while len(self._tried) > _MOST_TRIED:
            del self._tried[next(iter(self._tried))]
        try:
            self._ask(one, incident, now)
        except Refused as refused:
            log.info("incident %d: %s was not begun: %s", incident.id, one.playbook, refused)

    def _ask(self, one: Automatic, incident: Incident, now: float) -> None:
        with reading(self._store) as connection:
            if not _is_due(connection, one, incident, now):
                return
            playbook = self._shelf.now().get(one.playbook)
            asked = Asked(playbook, [incident.site], {}, automatic.BY, incident=incident.id)
            wanted = asking.wish(connection, self._secret, self._settings, asked)
        with writing(self._store) as connection:
            # somebody may have been quicker while it was planned
            if _is_due(connection, one, incident, now):
                asking.ask(connection, wanted, now)


def _is_due(connection: Connection, one: Automatic, incident: Incident, now: float) -> bool:
    """Has nobody asked for a run for it yet? Refused where it began often enough today."""
    if automatic.asked_for(connection, incident.id):
        return False
    if automatic.today(connection, one.playbook, incident.site, now) >= one.a_day:
        raise Refused(incident.site, f"it began {one.a_day} times within a day")
    return True


def suggested(incident: Incident) -> str:
    """The playbook that an incident's rule names; "" for none."""
    return str(incident.details.get("told", {}).get("playbook", ""))
