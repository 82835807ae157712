"""Strangers who write by SMS or chat: their report is filed, their question answered, in one line.

Whoever writes is answered seldom: each answer costs the regency a message.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from alerts.citizens import filing, letters, places, rows
from alerts.citizens.filing import Outcome, Said
from alerts.citizens.report import Report, State
from alerts.citizens.said import Asks, Reports, parse
from alerts.message import local
from alerts.notices import queue
from alerts.phrases import say
from alerts.replies import Heard, Pace
from collector import inventory
from collector.db import reading, writing
from collector.inventory.places import within

# answers to one address, and to all of them
_OF_ONE = Pace(every_s=3600.0, most=6)
MOST_ANSWERS, EVERY_S = 200, 3600.0
_PHRASES = {
    Outcome.FILED: "filed",
    Outcome.AGAIN: "again",
    Outcome.SHARED: "again",
    Outcome.TOO_MANY: "too_many",
    Outcome.FULL: "too_many",
}


class Hearing:
    """Hears strangers; one per process. `refused` counts answers that were not given.

    Of sites in `hides` it says nothing, as if there were none.
    """

    def __init__(self, store: Engine, home: str, hides: Sequence[str] = ()) -> None:
        self._store, self._home, self._hides = store, home, hides
        self._pace = Pace(every_s=_OF_ONE.every_s, most=_OF_ONE.most)
        self._all = Pace(every_s=EVERY_S, most=MOST_ANSWERS, most_senders=1)

    @property
    def refused(self) -> int:
        return self._pace.refused + self._all.refused

    def hear(self, heard: Heard, column: str, sender: str, now: float) -> bool:
        """Whether it was a report or a question; the answer is queued."""
        said = parse(heard.text)
        if said is None:
            return False
        target = heard.chat or heard.sender if column == "telegram" else f"+{sender}"
        words = (
            self._status(said, now)
            if isinstance(said, Asks)
            else self._file(said, heard, column, target, now)
        )
        if self._pace.listens(target, now) and self._all.listens("", now):
            with writing(self._store) as connection:
                queue(
                    connection, [letters.written("warga", heard.channel, target, words, "id")], now
                )
        return True

    def _file(self, said: Reports, heard: Heard, column: str, target: str, now: float) -> str:
        with reading(self._store) as connection:
            found = [s for s in places.find(connection, said.place) if not self._hidden(s.code)]
        if not found:
            return say("id", "citizen", "unknown_place" if said.place else "help")
        if len(found) > 1:
            some = "; ".join(f"{one.code} {one.name}" for one in found[:3])
            return say("id", "citizen", "several_places", places=some)
        if said.kind is None:
            return say("id", "citizen", "help")
        told = Said(
            found[0].code,
            said.kind,
            f"{column}:{target}",
            said.text,
            contact=target,
            via=column,
            channel=heard.channel,
        )
        filed = filing.file(self._store, told, now)
        number = filed.report.number if filed.report else ""
        phrase = _PHRASES[filed.outcome]
        return say("id", "citizen", phrase, number=number, place=found[0].name)

    def _hidden(self, code: str) -> bool:
        return any(within(code, each) for each in self._hides)

    def _status(self, said: Asks, now: float) -> str:
        with reading(self._store) as connection:
            found = rows.find(connection, said.number) if said.number else None
            if found is None or found.state == State.SPAM:
                return say("id", "citizen", "unknown_number")
            return status(connection, found, self._home, now)


def status(connection: Connection, report: Report, home: str, now: float) -> str:
    """How a report is, in one line of Indonesian."""
    sites = inventory.sites(connection, only=[report.site])
    place = sites[0].name if sites else report.site
    zone: ZoneInfo = inventory.zone(report.site, home)
    at = report.over_at or report.handled_at or report.at
    phrase = f"is_{report.state}"
    if report.open and report.handled_at is not None:
        phrase = "is_handled"
    values = {"number": report.number, "place": place, "at": local(at, zone, now, "id")}
    return say("id", "citizen", phrase, answer=report.answer, **values)
