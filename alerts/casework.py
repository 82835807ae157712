"""What is decided becomes rows: incidents, members, lines of the chronicle, notices."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts import chronicle, house, incidents, members, notices, recipients, settling
from alerts.ailments import Ailment, Ailments, End
from alerts.cases import Case, Cases
from alerts.escalation import FIRST
from alerts.faults import Alone, Decisions, Fault, Gather, Join, Parent, Rise
from alerts.flapping import Reason as Flaps
from alerts.incidents import Incident, New
from alerts.kinship import Kinship
from alerts.members import Member
from alerts.opening import Opening, key_of
from alerts.recovery import Recovery
from alerts.scenery import Story, ghost, look
from alerts.settling import BAD, FLAPS, GOOD
from alerts.telling import Letter, Teller
from collector.states import SiteState


class Casework:
    """Writes within the caller's transaction, and keeps the cases in mind in step with it."""

    def __init__(
        self,
        cases: Cases,
        ailments: Ailments,
        teller: Teller,
        standing: Mapping[str, SiteState],
        home: str,
    ) -> None:
        self._cases, self._ailments, self._teller = cases, ailments, teller
        self._home = home
        self.kinship = Kinship((), ())
        self._opening = Opening(standing)
        # members of storms whose villages are to hear
        self._fresh: list[tuple[Case, Sequence[Fault]]] = []

    def carry_out(self, connection: Connection, decided: Decisions, now: float) -> None:
        """Do what was decided of the faults that waited."""
        self._opening.begin()
        for join in decided.join:
            self._join(connection, join, now)
        for rise in decided.rise:
            self._rise(connection, rise, now)
        for gather in decided.gather:
            self._gather(connection, gather, now)
        for alone in decided.alone:
            self._alone(connection, alone, now)

    def settle(self, connection: Connection, case: Case, end: End, now: float) -> None:
        """The one fault of an incident is good again: it ends, unless it goes up and down."""
        chronicle.note(connection, case.id, end.at, GOOD, end.why)
        incident = incidents.find(connection, case.id)
        if incident is None or end.quiet:
            self.end(connection, case, end, now)
            return
        answer = settling.look(connection, incident, end.at, now)
        if not answer.flaps:
            self.end(connection, case, end, now)
            return
        case.settles_at = answer.until
        if answer.why is Flaps.BEGAN:
            details = {**incident.details, FLAPS: True}
            incidents.change(connection, case.id, incidents.UNRESOLVED, details=details)
            chronicle.note(connection, case.id, now, FLAPS, answer.why)
            # a loose cable is no advice for an application: its kind of check has its own
            template = "flapping_check" if incident.subject == "service" else FLAPS
            self._tell_on(connection, incident, case, Letter(FLAPS, template), now)

    def settled(self, connection: Connection, case: Case, now: float) -> None:
        """It has not gone up and down for a while: it is over since it was last good."""
        good_at = max((m.good_at or 0.0 for m in case.members.values()), default=now)
        self.end(connection, case, End(good_at, Flaps.SETTLED), now)

    def end(self, connection: Connection, case: Case, end: End, now: float) -> None:
        """The incident of one fault is over; who was told of it hears so, unless it is quiet."""
        if incidents.resolve(connection, case.id, end.at):
            self._note_end(connection, case, end.why, now)
            if end.quiet:
                notices.drop_unsent(connection, case.id, f"not sent: {end.why}")
            else:
                self._tell_end(connection, case, (), now)
        self._cases.close(case.id)

    def end_storm(self, connection: Connection, case: Case, back: Recovery, now: float) -> None:
        """Most of its members are good again; the rest become incidents of their own."""
        left = [a for key in back.stragglers if (a := self._ailments.find(key)) is not None]
        at = now if back.since is None else back.since
        if incidents.resolve(connection, case.id, at):
            self._note_end(connection, case, back.why, now)
            self._tell_end(connection, case, left, now)
        self._cases.close(case.id)
        for ailment in left:
            came_from = incidents.lineage(connection, case.id)
            new = self._opening.one(connection, ailment, self.kinship)
            details = {**new.details, "from": came_from}
            new = replace(new, details=details, opened_at=incidents.clock_of(connection, [case.id]))
            rest = self._open(connection, new, [self.kinship.fault(ailment)], None, now)
            # the end of the storm told of it
            told = {"rung": FIRST, "told_at": now}
            incidents.change(connection, rest.id, incidents.UNRESOLVED, **told)
            rest.told = True
            chronicle.note(connection, rest.id, now, "left over", f"of #{case.id}")

    def _note_end(self, connection: Connection, case: Case, why: str, now: float) -> None:
        chronicle.note(connection, case.id, now, "resolved", why)
        notices.close_tasks(connection, case.id, "not needed: it is over")

    def _alone(self, connection: Connection, alone: Alone, now: float) -> None:
        ailment = self._ailments.find(alone.fault.key)
        if ailment is not None:
            case = self._open(
                connection,
                self._opening.one(connection, ailment, self.kinship),
                [alone.fault],
                None,
                now,
            )
            chronicle.note(connection, case.id, now, "opened", alone.why)

    def _gather(self, connection: Connection, gather: Gather, now: float) -> None:
        # one that ended at this very step is told as ended
        replaced = [number for number in gather.replaces if self._cases.get(number)]
        taken = [*replaced, *gather.absorbs]
        ailments = self._found(gather.faults)
        clock = incidents.clock_of(connection, taken)
        new = self._opening.many(gather, ailments, replaced, clock)
        case = self._open(connection, new, gather.faults, gather.parent, now)
        chronicle.note(connection, case.id, now, "opened", gather.why)
        absorbed = self._absorb(connection, taken, case, now)
        self._fresh.append((case, [*gather.faults, *absorbed]))

    def _join(self, connection: Connection, join: Join, now: float) -> None:
        case = self._cases.get(join.incident)
        if case is None:
            return
        fresh = [fault for fault in join.faults if fault.key not in case.members]
        self._admit(connection, case, join.faults, now)
        case.settles_at = None
        for fault in join.faults if case.parent is None else ():
            chronicle.note(connection, case.id, fault.at, BAD, "")
        if fresh:
            note = f"{len(fresh)} joined: {join.why}"
            chronicle.note(connection, case.id, now, "joined", note)
        self._fresh.append((case, fresh))

    def _rise(self, connection: Connection, rise: Rise, now: float) -> None:
        case = self._cases.get(rise.incident)
        if case is None:
            return
        parent = rise.parent
        incidents.change(
            connection,
            case.id,
            incidents.UNRESOLVED,
            key=key_of(parent),
            parent_kind=parent.kind,
            parent=parent.name,
            title=parent.called,
        )
        case.parent = parent
        chronicle.note(connection, case.id, now, "moved up", f"{parent.name}: {rise.why}")
        absorbed = self._absorb(connection, rise.absorbs, case, now)
        fresh = [fault for fault in rise.faults if fault.key not in case.members]
        self._admit(connection, case, rise.faults, now)
        self._fresh.append((case, [*absorbed, *fresh]))

    def tell_places(self, connection: Connection, now: float) -> None:
        """Villages that fell with a storm hear once each; its NOC stands before them in line."""
        fresh, self._fresh = self._fresh, []
        for case, faults in fresh:
            self._tell_places(connection, case, faults, now)

    def hushed(self) -> None:
        """What was kept quiet is told now, if nothing keeps it quiet any more."""
        for case in self._cases.of_many():
            left = [fault for fault in case.hushed if fault.key in case.bad]
            case.hushed = []
            if left:
                self._fresh.append((case, left))

    def _tell_places(
        self, connection: Connection, case: Case, faults: Sequence[Fault], now: float
    ) -> None:
        """Each village once, and each NOC; who has heard of it, under any number, hears no more.

        The ladder tells those who are the first to hear of the whole: here are later ones.
        """
        incident = incidents.find(connection, case.id)
        if incident is None or case.parent is None:
            return
        there = house.read(connection, self._home, now)
        ailing = there.told(incident, self._found(faults), self.kinship, now)
        told_of = {ailment.key for ailment in ailing}
        case.hushed += [fault for fault in faults if fault.key not in told_of]
        if not ailing:
            return
        story = Story(incident, ailing, look(connection, ailing, self.kinship.sites))
        resting = there.resting(story.everybody(), now)
        told = recipients.told(connection, incidents.lineage(connection, case.id))
        drafts = [*self._teller.villages(story, now, resting)]
        if case.told:
            drafts += self._teller.nocs(story, now, resting)
        fresh = [one for one in drafts if told.isdisjoint(one[1].readers)]
        notices.queue(connection, there.timed(fresh, incident.severity, now), now)

    def _absorb(
        self, connection: Connection, numbers: Sequence[int], case: Case, now: float
    ) -> list[Fault]:
        """Incidents of one fault turn out to be of this one; their faults that are still bad."""
        faults: list[Fault] = []
        came_from = incidents.lineage(connection, case.id)
        for number in numbers:
            old = self._cases.get(number)
            if old is None:
                continue
            came_from += incidents.lineage(connection, number)
            incidents.merge(connection, number, case.id, now)
            why = f"part of #{case.id}"
            notices.drop_unsent(connection, number, f"not sent: {why}")
            chronicle.note(connection, number, now, "replaced", why)
            members.move(connection, number, case.id)
            self._cases.close(number)
            for member in old.members.values():
                ailment = self._ailments.find(member.key)
                fault = None if ailment is None else self.kinship.fault(ailment)
                self._cases.admit(case, replace(member, incident=case.id), fault)
                faults += [] if fault is None else [fault]
        if numbers:
            incidents.came_from(connection, case.id, came_from[1:])
            self._count(connection, case)
        return faults

    def _open(
        self,
        connection: Connection,
        new: New,
        faults: Sequence[Fault],
        parent: Parent | None,
        now: float,
    ) -> Case:
        number = incidents.open_incident(connection, new, now)
        case = Case(number, new.key, parent, new.down_since, new.down_since, told=False)
        self._cases.add(case)
        self._admit(connection, case, faults, now, fresh=True)
        return case

    def _admit(
        self,
        connection: Connection,
        case: Case,
        faults: Sequence[Fault],
        now: float,
        fresh: bool = False,
    ) -> None:
        titles = {a.key: a.title for a in self._found(faults)}
        rows = [
            Member(case.id, fault.key, fault.site, titles.get(fault.key, ""), fault.at, now)
            for fault in faults
        ]
        members.save(connection, rows)
        for row, fault in zip(rows, faults, strict=True):
            self._cases.admit(case, row, fault)
        if not fresh:
            self._count(connection, case)

    def _count(self, connection: Connection, case: Case) -> None:
        values = {"members": len(case.members), "down_since": case.at}
        incidents.change(connection, case.id, incidents.UNRESOLVED, **values)

    def _tell_end(
        self, connection: Connection, case: Case, left: Sequence[Ailment], now: float
    ) -> None:
        """To everybody who was told, under whichever number."""
        incident = incidents.find(connection, case.id)
        if incident is None:
            return
        notices.let_sleep(connection, case.id, now, "not needed: over before its reader woke")
        told = notices.beginnings(connection, incidents.lineage(connection, case.id))
        found = case.members.values()
        bad = {m.site for m in found if m.good_at is None or m.unseen}
        over = {m.site: m.good_at for m in found if m.good_at is not None and m.site not in bad}
        ailments = [ghost(incident, member) for member in found]
        story = Story(incident, ailments, look(connection, ailments, self.kinship.sites))
        drafts = self._teller.recovered(story, told, over, now, left)
        there = house.read(connection, self._home, now)
        notices.queue(connection, there.timed(drafts, incident.severity, now), now)

    def _tell_on(
        self, connection: Connection, incident: Incident, case: Case, letter: Letter, now: float
    ) -> None:
        told = notices.beginnings(connection, incidents.lineage(connection, case.id))
        ailments = [ghost(incident, member) for member in case.members.values()]
        story = Story(incident, ailments, look(connection, ailments, self.kinship.sites))
        drafts = self._teller.told_on(story, told, now, letter)
        there = house.read(connection, self._home, now)
        notices.queue(connection, there.timed(drafts, incident.severity, now), now)

    def _found(self, faults: Sequence[Fault]) -> list[Ailment]:
        return [a for fault in faults if (a := self._ailments.find(fault.key)) is not None]
