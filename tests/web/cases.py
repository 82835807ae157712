"""Incidents of a small regency as the engine would have written them, for tests of their pages."""

from typing import Any

from sqlalchemy import Engine, insert

from alerts import chronicle, incidents, members
from alerts.incidents import Incident, New
from alerts.members import Member
from collector import schema
from collector.db import reading, writing
from tests.web.conftest import HOUR, NOW


class Cases:
    """Writes incidents, and reads them back."""

    def __init__(self, store: Engine) -> None:
        self.store = store

    def open(self, site: str, title: str, hours: float = 1.0, **more: Any) -> int:
        """An incident of one site's uplink, that many hours old."""
        since = NOW - hours * HOUR
        given = {"key": f"site:{site}", "subject": "uplink", "severity": "critical"}
        given |= {"title": title, "site": site, "details": {"kind": "down"}}
        new = New(**{**given, "down_since": since, **more})
        with writing(self.store) as connection:
            number = incidents.open_incident(connection, new, since)
            members.save(connection, [Member(number, new.key, site, title, since, since)])
            chronicle.note(connection, number, since, "opened", "it shares nothing with others")
        return number

    def storm(self, title: str, sites: list[str], hours: float = 1.0, **more: Any) -> int:
        """The fault of many."""
        since = NOW - hours * HOUR
        given = {"key": f"parent:upstream:{title}", "subject": "uplink", "severity": "critical"}
        given |= {"parent_kind": "upstream", "parent": title, "members": len(sites)}
        new = New(**{**given, "title": title, "down_since": since, **more})
        with writing(self.store) as connection:
            number = incidents.open_incident(connection, new, since)
            rows = [Member(number, f"site:{s}", s, s, since, since) for s in sites]
            members.save(connection, rows)
        return number

    def change(self, number: int, **values: Any) -> None:
        with writing(self.store) as connection:
            incidents.change(connection, number, ("open", "acknowledged", "handled"), **values)

    def good(self, number: int, at: float) -> None:
        """All its members are good again."""
        with writing(self.store) as connection:
            rows = members.of(connection, [number])[number]
            members.mark(connection, [(number, one.key, at, False) for one in rows])

    def told(self, number: int, person: str, **more: Any) -> None:
        row = {"incident": number, "news": "opened", "person": person, "body": "{}"}
        row |= {"channel": "whatsapp", "target": "+62812", "state": "sent"} | more
        with writing(self.store) as connection:
            connection.execute(insert(schema.notices).values(**row, next_try=NOW, created_at=NOW))

    def line(self, number: int, verb: str, text: str) -> None:
        """A line of the incident's chronicle, by Ronda itself."""
        with writing(self.store) as connection:
            chronicle.note(connection, number, NOW, verb, text)

    def find(self, number: int) -> Incident:
        with reading(self.store) as connection:
            found = incidents.find(connection, number)
        assert found is not None
        return found

    def log(self, number: int) -> list[tuple[str, str, str]]:
        """By, verb and note of each line that a person wrote."""
        with reading(self.store) as connection:
            lines = chronicle.lines(connection, [number])[number]
        return [(line.by, line.verb, line.note) for line in lines if line.by]

    def acts(self) -> list[tuple[str, str, str]]:
        """By, verb and subject of each act."""
        with reading(self.store) as connection:
            rows = connection.execute(schema.acts.select().order_by(schema.acts.c.id)).all()
        return [(row.by, row.verb, row.subject) for row in rows]
