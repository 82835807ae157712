"""Who of the one village that an incident is about knows of it, by the time a message is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from sqlalchemy import Connection

from alerts import escalation, people, recipients, wording
from alerts.house import House
from alerts.quiet import Heard
from alerts.recipients import Reached
from alerts.scenery import Story
from alerts.whom import There
from collector.inventory import Contact
from collector.own import CODE


@dataclass(frozen=True, slots=True)
class Villagers:
    """The people of the village, what reached them before, and who hears in this step."""

    everybody: Sequence[Contact]
    serving: people.Serving
    hearing: Sequence[Heard] = ()
    reached: Reached = field(default_factory=Reached)

    def at(self, moment: float) -> There:
        """As a reader at this moment is told of it."""
        told: list[Contact] = []
        written: list[Contact] = []
        untold: list[Contact] = []
        for contact in self.everybody:
            ways = people.ways(contact, self.serving)
            readers = {(contact.name, *way) for way in ways}
            if not readers.isdisjoint(self.reached.sent):
                told.append(contact)
            elif readers.isdisjoint(self.reached.missed) and self._waits(contact, ways, moment):
                written.append(contact)
            elif people.number(contact):
                untold.append(contact)
        return There(told, written, untold)

    def _waits(self, contact: Contact, ways: Sequence[tuple[str, str]], moment: float) -> bool:
        """Whether a message is on its way to them, and goes by then."""
        machines = [way for way in ways if way[0] != people.PHONE]
        who = (contact.scope, contact.name)
        by_then = {(h.contact.scope, h.contact.name) for h in self.hearing if h.at <= moment}
        if machines and who in by_then:
            return True
        goes = (self.reached.waits.get((contact.name, *way), inf) for way in machines)
        return any(at <= moment for at in goes)


def first_told(
    contacts: Sequence[Contact], resting: frozenset[Contact], serving: people.Serving
) -> list[Contact]:
    """Who of a village hears first, of the contacts of a place, nearest first."""
    near = escalation.awake(contacts, resting)
    return [one for one in people.told_first(near, serving) if one.role == "village"]


def of(
    connection: Connection,
    story: Story,
    serving: people.Serving,
    hearing: Sequence[Heard],
    there: House,
    first: bool,
    now: float,
) -> Villagers | None:
    """None where it is about no one village. `first`: nobody has heard of it yet."""
    ailment = story.ailments[0]
    if wording.wide(story.incident) or ailment.site in ("", CODE):
        return None
    village = [c for c in story.contacts(ailment) if c.role == "village"]
    if first and story.incident.parent:
        # what falls together is told in its place as soon as the ladder is climbed
        begin = first_told(story.contacts(ailment), there.resting(village, now), serving)
        hearing = [*hearing, *there.heard(begin, story.incident.severity, now)]
    if first:
        return Villagers(village, serving, hearing)
    before = recipients.reached(connection, story.incident.id)
    return Villagers(village, serving, hearing, before)
