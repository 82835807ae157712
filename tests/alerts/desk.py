"""An engine in miniature: it asks the storm decisions at every tick and counts who hears of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alerts.faults import Decisions, Fault, Gather, Join, Open, Parent, Rise, shared_by
from alerts.recovery import Member, Recovery, recovered
from alerts.storm import decide


@dataclass
class Desk:
    """Open incidents with their members, and the messages that went out."""

    census: Mapping[Parent, int]
    tells: bool = True  # False: nobody is told of single incidents (a mute)
    open: dict[int, Open] = field(default_factory=dict)
    members: dict[int, dict[str, Fault]] = field(default_factory=dict)
    waiting: dict[str, Fault] = field(default_factory=dict)
    noc: list[str] = field(default_factory=list)  # one line for each message to one NOC recipient
    villages: Counter[str] = field(default_factory=Counter)  # messages by site
    history: list[Decisions] = field(default_factory=list)
    _next: int = 1

    def tick(
        self,
        now: float,
        new: Iterable[Fault] = (),
        soft: Mapping[Parent, Sequence[float]] | None = None,
    ) -> Decisions:
        """Take new faults in, decide, and write down what was decided."""
        self.waiting |= {fault.key: fault for fault in new}
        waiting = list(self.waiting.values())
        made = decide(waiting, list(self.open.values()), self.census, soft or {}, now)
        assert made == decide(waiting, list(self.open.values()), self.census, soft or {}, now)
        self._check_complete(made)
        for alone in made.alone:
            self._open(None, (alone.fault,), self.tells)
            if self.tells:
                self.noc.append(f"single {alone.fault.key}")
        for gather in made.gather:
            taken = [*gather.replaces, *gather.absorbs]
            faults = (*self._taken(taken), *gather.faults)
            number = self._open(gather.parent, faults, True)
            replaces = "".join(f" replaces #{one}" for one in gather.replaces)
            self.noc.append(f"storm #{number} {gather.parent.name}{replaces}")
        for join in made.join:
            self._admit(join.incident, join.faults)
        for rise in made.rise:
            self.open[rise.incident] = replace(self.open[rise.incident], parent=rise.parent)
            self._admit(rise.incident, (*self._taken(rise.absorbs), *rise.faults))
        self.history.append(made)
        return made

    def play(self, faults: Iterable[Fault], every_s: float = 5.0, suspects: bool = False) -> None:
        """Tick from the first fault on until nothing waits; each is known from when it is noticed.

        With `suspects` each is suspect for 20 s before it is noticed, as one with beacons is.
        """
        todo = sorted(faults, key=lambda fault: fault.noticed)
        now = todo[0].noticed
        while todo or self.waiting:
            new = [fault for fault in todo if fault.noticed <= now]
            todo = todo[len(new) :]
            soft: dict[Parent, list[float]] = {}
            for fault in todo if suspects else ():
                if fault.noticed - 20 <= now:
                    for parent in fault.parents:
                        soft.setdefault(parent, []).append(fault.noticed - 20)
            self.tick(now, new, soft)
            now += every_s

    def recover(self, incident: int, good_at: Mapping[str, float], now: float) -> Recovery:
        """Ask for recovery; when it is over, stragglers become incidents of their own, told."""
        faults = self.members[incident]
        answer = recovered([Member(key, good_at.get(key)) for key in faults], now)
        if answer.over:
            del self.open[incident]
            names = f" without {len(answer.stragglers)}" if answer.stragglers else ""
            self.noc.append(f"over #{incident}{names}")
            for key in answer.stragglers:
                self._open(None, (faults[key],), True)
        return answer

    def _check_complete(self, made: Decisions) -> None:
        """Every waiting fault is in exactly one decision."""
        groups: list[Gather | Join | Rise] = [*made.gather, *made.join, *made.rise]
        told = [wait.fault.key for wait in made.wait] + [one.fault.key for one in made.alone]
        told += [fault.key for group in groups for fault in group.faults]
        assert sorted(told) == sorted(self.waiting)
        self.waiting = {one.fault.key: one.fault for one in made.wait}

    def _taken(self, incidents: Iterable[int]) -> list[Fault]:
        faults: list[Fault] = []
        for incident in incidents:
            assert self.open.pop(incident).parent is None
            faults += self.members.pop(incident).values()
        return faults

    def _open(self, parent: Parent | None, faults: Iterable[Fault], told: bool) -> int:
        number, self._next = self._next, self._next + 1
        self.members[number] = {}
        self.open[number] = Open(number, parent, frozenset(), 0, 0, told, {})
        self._admit(number, faults)
        return number

    def _admit(self, incident: int, faults: Iterable[Fault]) -> None:
        members = self.members[incident]
        members |= {fault.key: fault for fault in faults}
        times = [fault.at for fault in members.values()]
        self.open[incident] = replace(
            self.open[incident],
            keys=frozenset(members),
            at=min(times),
            last=max(times),
            shared=shared_by(members.values()),
        )
        if self.open[incident].told:
            # a village hears once of its fault, whatever the incident is called later
            for fault in members.values():
                if fault.site and not self.villages[fault.site]:
                    self.villages[fault.site] += 1
