"""Each open incident climbs its ladder: who hears of it now, who later, and what keeps it quiet."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts import (
    chronicle,
    deadline,
    escalation,
    house,
    incidents,
    notices,
    people,
    quiet,
    recipients,
    villagers,
)
from alerts.ailments import Ailments
from alerts.cases import Case, Cases
from alerts.escalation import DEADLINE, FIRST, Ladder, Step
from alerts.house import House
from alerts.incidents import Incident
from alerts.kinship import Kinship
from alerts.notices import Draft
from alerts.quiet import Heard
from alerts.scenery import Story, look
from alerts.telling import Letter, Teller
from alerts.villagers import Villagers
from collector import acts, inventory
from collector.inventory import Contact
from collector.settings import Settings

# what stands at the top, or waits for a person, is looked at again all the same
_AGAIN_S = 300.0
_RUNGS_A_LOOK = 8
# in one transaction: people act while incidents climb
_NEW_AT_ONCE, _AGAIN_AT_ONCE = 2000, 200


class Climber:
    """Tells people of open incidents as time goes by; writes in the caller's transaction."""

    def __init__(
        self, settings: Settings, cases: Cases, ailments: Ailments, teller: Teller
    ) -> None:
        self._settings, self._cases = settings, cases
        self._ailments, self._teller = ailments, teller
        # when each incident is to be looked at again, and what was known then
        self._again: dict[int, float] = {}
        self._rev = -1
        self._act = -1

    def due(self, connection: Connection, now: float) -> list[int]:
        """Open incidents to be looked at: their time has come, or somebody did something.

        Those nobody has heard of come first; of too many the rest waits for the next look.
        """
        act = acts.newest(connection)
        rev = incidents.newest_rev(connection)
        if act != self._act:
            self._again.clear()
        elif rev != self._rev:
            for one in incidents.changed_since(connection, self._rev):
                self._again.pop(one.id, None)
                rev = one.rev
        self._act, self._rev = act, rev
        waiting = [case for case in self._cases if self._again.get(case.id, 0.0) <= now]
        new = [case.id for case in waiting if not case.told]
        again = [case.id for case in waiting if case.told]
        return [*new[:_NEW_AT_ONCE], *again[:_AGAIN_AT_ONCE]]

    def climb(
        self, connection: Connection, numbers: Sequence[int], kinship: Kinship, now: float
    ) -> None:
        """Look at these incidents, and tell who must hear by now."""
        if not numbers:
            return
        there = house.read(connection, self._settings.timezone, now)
        for row in incidents.still_open(connection, numbers):
            case = self._cases.get(row.id)
            if case is not None:
                self._again[row.id] = self._one(connection, case, row, there, kinship, now)

    def _one(
        self,
        connection: Connection,
        case: Case,
        row: Incident,
        there: House,
        kinship: Kinship,
        now: float,
    ) -> float:
        """Tell of one incident; when to look again."""
        keys = case.bad or list(case.members)
        ailing = [a for key in keys if (a := self._ailments.find(key)) is not None]
        if not ailing:
            return now + _AGAIN_S
        if (held := there.muted(row, ailing, kinship, now)) is not None:
            if row.rung < FIRST:
                chronicle.once(connection, row.id, now, "not told", f"{held}")
            return held.until
        story = Story(row, ailing, look(connection, ailing, kinship.sites))
        contacts = story.everybody()
        resting = there.resting(contacts, now)
        ladder = ladder_of(row)
        for _ in range(_RUNGS_A_LOOK):
            step = escalation.due(
                ladder, contacts, now, self._settings, self._teller.serving, resting
            )
            if not isinstance(step, Step):
                return step.until if step.until is not None else now + _AGAIN_S
            self._tell(connection, story, step, ladder, there, now)
            ladder = replace(ladder, rung=step.rung)
            case.told = True
        return now + 1.0

    def _tell(
        self,
        connection: Connection,
        story: Story,
        step: Step,
        ladder: Ladder,
        there: House,
        now: float,
    ) -> None:
        row = story.incident
        heard = quiet.sift(
            step.people,
            step.above,
            there.quiet,
            row.severity,
            now,
            there.home,
            _stood_in(connection, step, ladder, row, self._teller.serving),
        )
        first = ladder.rung < FIRST
        village = villagers.of(connection, story, self._teller.serving, heard, there, first, now)
        drafts = (self._draft(story, step, ladder, one, village, now) for one in heard)
        notices.queue(connection, filter(None, drafts), now)
        values: dict[str, object] = {"rung": step.rung}
        if row.told_at is None and step.rung >= FIRST and ladder.rung < FIRST:
            values["told_at"] = now
        incidents.change(connection, row.id, incidents.UNRESOLVED, **values)
        names = ", ".join(one.contact.name for one in heard) or "nobody can be reached"
        chronicle.note(connection, row.id, now, step.template or "told", f"{names}: {step.why}")

    def _draft(
        self,
        story: Story,
        step: Step,
        ladder: Ladder,
        one: Heard,
        village: Villagers | None,
        now: float,
    ) -> Draft | None:
        later = one.at if one.at > now else 0.0
        there = village.at(max(now, one.at)) if village is not None else None
        letter = Letter(step.news, not_before=later, there=there)
        if step.template == DEADLINE:
            place = story.of(story.ailments[0])
            zone = inventory.zone(place.site.code if place else "", self._settings.timezone)
            more = deadline.more(
                escalation.ran(ladder, now),
                escalation.deadline_at(ladder, now, self._settings),
                step.next_at,
                step.following,
                story.incident.acknowledged_by,
                zone,
                now,
                one.contact.language,
            )
            letter = replace(letter, more=more, limit=True, not_before=0.0)
        return self._teller.of_all(story, one.contact, now, letter)


def _stood_in(
    connection: Connection, step: Step, ladder: Ladder, row: Incident, serving: people.Serving
) -> frozenset[Contact]:
    """Of who hears by now or later, those who stood in for somebody asleep: they know."""
    if ladder.rung < FIRST or step.template == DEADLINE:
        return frozenset()
    told = recipients.told(connection, [row.id])
    return frozenset(
        contact
        for contact in (*step.people, *step.above)
        if not told.isdisjoint((contact.name, *way) for way in people.ways(contact, serving))
    )


def ladder_of(row: Incident) -> Ladder:
    """What of an incident's row the ladder looks at."""
    return Ladder(
        row.opened_at,
        row.rung,
        row.severity,
        row.subject,
        storm=bool(row.parent),
        acknowledged=row.acknowledged_at is not None,
        handled=row.handled_at is not None,
        over=row.over,
        paused_at=row.paused_at,
        paused_s=row.paused_s,
        snoozed_until=row.snoozed_until,
    )
