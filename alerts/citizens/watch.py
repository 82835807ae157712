"""What becomes of citizens' reports as time goes: looked at often, written with everything else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from alerts import incidents, members, steering
from alerts.citizens import around, letters, rows
from alerts.citizens.filing import USUAL as USUAL_BOUNDS
from alerts.citizens.matching import (
    Case,
    Decision,
    Join,
    Limits,
    Over,
    Raise,
    Signs,
    Voice,
    decide,
    ended,
    fitting,
)
from alerts.citizens.report import KEY, Report, State, Tell, key, topic
from alerts.hands import What
from alerts.incidents import Incident
from alerts.people import Serving
from collector.settings import Settings

LOOK_EVERY_S = 3.0
# of so many it looks seldom: each look reads them all
_MANY, _SELDOM_S = 1000, 30.0
_MOST = USUAL_BOUNDS.in_all
_MOST_LETTERS = 50
# the acts of a machine are nobody's
_NOBODY = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What enough citizens say of a site, for which an incident is to be open."""

    site: str
    topic: str
    since: float
    people: int


@dataclass(slots=True)
class Work:
    """What one look found to be written; empty when nothing changed."""

    decided: list[tuple[str, Decision]] = field(default_factory=list)
    # incident of some reports, and the one that it is part of by now
    moved: list[tuple[int, int]] = field(default_factory=list)
    handled: list[tuple[int, float]] = field(default_factory=list)
    over: list[tuple[tuple[int, ...], Over]] = field(default_factory=list)
    # an incident that citizens raised, and what was measured after it
    merges: list[tuple[int, int]] = field(default_factory=list)
    letters: bool = False

    @property
    def to_write(self) -> bool:
        return any((self.decided, self.moved, self.handled, self.over, self.merges, self.letters))


class Watch:
    """Looks now and then; `standing` is what it saw last."""

    def __init__(self, settings: Settings, serving: Serving) -> None:
        self._limits = Limits(settings.citizen_reporters, settings.citizen_within_s)
        self._within_s, self._zone = settings.handled_within_s, settings.timezone
        self._serving = serving
        self._looked_at, self._every_s = float("-inf"), LOOK_EVERY_S
        self.standing: Mapping[str, Standing] = {}

    def look(self, connection: Connection, now: float) -> Work:
        """What is to be written; between looks: nothing."""
        if 0 <= now - self._looked_at < self._every_s:
            return Work()
        self._looked_at = now
        open_ones = rows.all_open(connection, _MOST)
        self._every_s = _SELDOM_S if len(open_ones) > _MANY else LOOK_EVERY_S
        self.standing = standing(open_ones)
        work = Work(letters=bool(rows.to_tell(connection, 1)))
        if open_ones:
            self._match(connection, open_ones, work, now)
            self._follow(connection, open_ones, work, now)
        return work

    def _match(
        self, connection: Connection, reports: Sequence[Report], work: Work, now: float
    ) -> None:
        by_site: dict[str, list[Report]] = defaultdict(list)
        for one in reports:
            if one.state == State.WAITING:
                by_site[one.site].append(one)
        known = around.incidents_at(connection, list(by_site))
        # what probes say counts for what is fresh
        begun = now - self._limits.within_s
        lately = {one.site for those in by_site.values() for one in those if one.at >= begun}
        signs = around.signs(connection, sorted(lately))
        for site, waiting in by_site.items():
            voices = [Voice(one.id, one.kind, one.reporter, one.at) for one in waiting]
            found = decide(site, voices, known[site], signs.get(site, Signs()), now, self._limits)
            were = {one.id: one for one in waiting}
            work.decided += [(site, one) for one in found if _is_news(one, were)]

    def _follow(
        self, connection: Connection, reports: Sequence[Report], work: Work, now: float
    ) -> None:
        groups: dict[int, list[Report]] = defaultdict(list)
        for one in reports:
            if one.incident:
                groups[one.incident].append(one)
        for incident in incidents.some(connection, list(groups)):
            self._of_incident(connection, incident, groups[incident.id], work, now)

    def _of_incident(
        self,
        connection: Connection,
        incident: Incident,
        group: Sequence[Report],
        work: Work,
        now: float,
    ) -> None:
        if incident.merged_into is not None:
            work.moved.append((incident.id, incidents.follow(connection, incident.id)))
            return
        if incident.handled_at is not None:
            work.handled += [(o.id, incident.handled_at) for o in group if o.handled_at is None]
        raised = any(one.raised_at is not None for one in group)
        measured = _measured(connection, incident) if raised else True
        newest = max(one.at for one in group)
        case = Case(newest, incident.over, incident.handled_at, measured)
        why = ended(case, now, self._limits)
        if why is not None:
            work.over.append((tuple(one.id for one in group), why))
        elif incident.key.startswith(KEY):
            about = topic(group[0].kind) or "internet"
            known = around.incidents_at(connection, [incident.site])[incident.site]
            others = [one for one in known if one.key != incident.key]
            if (measured_one := fitting(incident.site, about, others)) is not None:
                work.merges.append((incident.id, measured_one.id))

    def write(self, connection: Connection, work: Work, now: float) -> None:
        """In the caller's transaction."""
        for site, decision in work.decided:
            _carry_out(connection, site, decision, now)
        for incident, into in work.moved:
            around.move(connection, incident, into)
        for report, at in work.handled:
            rows.change(connection, [report], (State.WAITING, State.JOINED), handled_at=at)
        for ids, why in work.over:
            solved(connection, ids, why, now)
        _merge(connection, work.merges, now)
        if work.letters or work.over:
            letters.queue(connection, self._serving, self._zone, now, _MOST_LETTERS)
        if self._every_s == LOOK_EVERY_S:
            # what was raised or is over stands in the rows now: the next step sees it
            self._looked_at = float("-inf")


def standing(reports: Sequence[Report]) -> dict[str, Standing]:
    """Of open reports those for which an incident is to be open, by its key. Pure."""
    found: dict[str, list[Report]] = defaultdict(list)
    for one in reports:
        if one.raised_at is not None and topic(one.kind):
            found[key(one.site, topic(one.kind))].append(one)
    return {
        name: Standing(
            those[0].site,
            topic(those[0].kind),
            min(one.at for one in those),
            len({one.reporter or f"#{one.id}" for one in those}),
        )
        for name, those in found.items()
    }


def solved(connection: Connection, ids: Sequence[int], why: Over, now: float) -> None:
    """What these said is over; who left a contact is to hear so."""
    values = {"state": State.SOLVED, "over_at": now, "why": why, "tell": Tell.SOLVED}
    rows.change(connection, ids, (State.WAITING, State.JOINED), **values)


def _merge(connection: Connection, merges: Sequence[tuple[int, int]], now: float) -> None:
    """What citizens raised becomes part of what was measured; the engine reads both anew."""
    for incident, into in merges:
        if steering.merge(connection, incident, into, _NOBODY, now) is What.DONE:
            around.move(connection, incident, into)


def _is_news(decision: Decision, were: Mapping[int, Report]) -> bool:
    """Whether it changes rows: what still waits for the same reason does not."""
    if isinstance(decision, Join):
        return True
    if isinstance(decision, Raise):
        return any(were[one].raised_at is None for one in decision.reports)
    return any(were[one].why != decision.why for one in decision.reports)


def _carry_out(connection: Connection, site: str, decision: Decision, now: float) -> None:
    waiting = (State.WAITING,)
    if isinstance(decision, Join):
        found = incidents.find(connection, decision.incident)
        mine = found is not None and found.key.startswith(KEY)
        values = {"state": State.JOINED, "incident": decision.incident, "why": decision.why}
        values |= {"raised_at": now if mine else None}
        rows.change(connection, decision.reports, waiting, **values)
    elif isinstance(decision, Raise):
        rows.change(connection, decision.reports, waiting, raised_at=now, why=decision.why)
    else:
        rows.change(connection, decision.reports, waiting, why=decision.why)


def _measured(connection: Connection, incident: Incident) -> bool | None:
    """Whether something that was measured keeps it open; None: there is only citizens' word."""
    joined = members.of(connection, [incident.id])[incident.id]
    others = [one for one in joined if not one.key.startswith(KEY)]
    return any(one.good_at is None for one in others) if others else None
