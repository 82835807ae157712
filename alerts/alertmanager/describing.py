"""Open incidents read as alerts, each described once for each of its revisions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts import incidents, members
from alerts.alertmanager import foreign
from alerts.alertmanager.alert import Alert, labels
from alerts.incidents import Incident
from alerts.members import Member
from alerts.scenery import Story, ghost, look
from alerts.telling import Teller
from collector import inventory
from collector.cli_common import iso
from collector.db import meta_get
from collector.promql.store import inventory_mark
from collector.settings import Settings

# more open incidents than this nobody is sent; how many were left out is told
MOST = 1000
# members that one alert's words are made of
_MOST_SAID = 50


class Describing:
    """What it described is kept until the incident, or the inventory, is another."""

    def __init__(self, settings: Settings, teller: Teller) -> None:
        self._base, self._teller = settings.public_url.rstrip("/"), teller
        self._language = settings.language
        self._known: dict[int, tuple[object, Alert]] = {}

    def open(self, connection: Connection, now: float) -> tuple[list[Alert], int]:
        """Those of open incidents, and how many were left out: the newest."""
        found = [one for one in incidents.still_open(connection) if not foreign.of_others(one)]
        kept = found[:MOST]
        self._describe(connection, kept, now)
        still = {one.id for one in kept}
        self._known = {number: self._known[number] for number in still}
        return [self._known[one.id][1] for one in kept], len(found) - len(kept)

    def ended(self, connection: Connection, alerts: Sequence[Alert], now: float) -> list[Alert]:
        """The same with their words: Alertmanager tells of an end what it was told last."""
        rows = incidents.some(connection, sorted({one.incident for one in alerts}))
        self._describe(connection, rows, now)
        told = {one.id: self._known[one.id][1] for one in rows}
        return [
            replace(one, annotations=same.annotations, link=same.link)
            if (same := told.get(one.incident)) is not None
            else one
            for one in alerts
        ]

    def _describe(self, connection: Connection, rows: Sequence[Incident], now: float) -> None:
        mark, centre = inventory_mark(connection), meta_get(connection, "centre")
        fresh = [one for one in rows if self._known.get(one.id, (None,))[0] != (one.rev, mark)]
        joined = members.of(connection, [one.id for one in fresh])
        areas = inventory.area_names(connection) if fresh else {}
        for one in fresh:
            places = _places(connection, one, joined[one.id], areas)
            told = self._annotations(connection, one, joined[one.id], now)
            link = f"{self._base}/incidents/{one.id}" if self._base else ""
            alert = Alert(one.id, labels(one, places, centre), one.down_since, told, link)
            self._known[one.id] = ((one.rev, mark), alert)

    def _annotations(
        self, connection: Connection, one: Incident, joined: Sequence[Member], now: float
    ) -> dict[str, str]:
        bad = [member for member in joined if member.good_at is None] or list(joined)
        ailments = [ghost(one, member) for member in bad[:_MOST_SAID]]
        sites = {
            code: site
            for code in {ailment.site for ailment in ailments}
            if (site := inventory.site(connection, code)) is not None
        }
        words = self._teller.words(Story(one, ailments, look(connection, ailments, sites)), now,
                                   self._language) if ailments else one.title  # fmt: skip
        told = {
            "summary": words.partition("\n")[0],
            "description": words,
            "evidence": "; ".join(one.evidence),
            "sites": str(len({member.site for member in bad})),
            "taken_by": one.acknowledged_by,
            "opened_at": iso(one.opened_at) or "",
        }
        return {name: text for name, text in told.items() if text}


def _places(
    connection: Connection, one: Incident, joined: Iterable[Member], areas: dict[str, str]
) -> dict[str, str]:
    """Where it is: of one site all of its labels, of many the regency that they share."""
    if one.site:
        site = inventory.site(connection, one.site)
        found = inventory.labels(site, areas) if site is not None else {"site": one.site}
        if not found.get("isp"):
            line = inventory.main_uplink(connection, one.site)
            found |= {"isp": line.isp if line is not None else ""}
        return found
    codes = {".".join(member.site.split(".")[:2]) for member in joined if member.site}
    return {"regency": areas.get(codes.pop(), "")} if len(codes) == 1 else {}
