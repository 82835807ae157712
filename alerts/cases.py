"""The incidents that are not over, as the engine has them in mind; the rows are the truth."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from alerts import flapping
from alerts.faults import Fault, Open, Parent
from alerts.incidents import Incident
from alerts.members import Member
from alerts.recovery import Member as Mending
from alerts.recovery import Recovery, recovered

# in an incident's details: when somebody said that it has settled
SETTLED = "settled"


@dataclass(slots=True)
class Case:
    """One open incident: its members, and when each of those that are good again became so."""

    id: int
    key: str
    parent: Parent | None
    at: float
    last: float
    told: bool
    members: dict[str, Member] = field(default_factory=dict)
    shared: dict[Parent, int] = field(default_factory=Counter)
    # it goes up and down, is good now, and is over if it stays so until then
    settles_at: float | None = None
    # members whose villages a mute or planned work keeps quiet
    hushed: list[Fault] = field(default_factory=list)

    @property
    def bad(self) -> list[str]:
        return [key for key, member in self.members.items() if member.good_at is None]

    def recovery(self, now: float) -> Recovery:
        """Is it over by now, and who is left behind?"""
        return recovered([Mending(key, one.good_at) for key, one in self.members.items()], now)

    def view(self) -> Open:
        """What storms need to know of it."""
        keys = frozenset(self.members)
        return Open(self.id, self.parent, keys, self.at, self.last, self.told, self.shared)

    def admit(self, member: Member, fault: Fault | None) -> None:
        """A fault joins, or is bad again."""
        if member.key not in self.members and fault is not None:
            for parent in fault.ties:
                self.shared[parent] = self.shared.get(parent, 0) + 1
        self.members[member.key] = member
        self.at, self.last = min(self.at, member.bad_at), max(self.last, member.bad_at)


class Cases:
    """All open incidents by number, and which of them each fault belongs to."""

    def __init__(self) -> None:
        self._cases: dict[int, Case] = {}
        self._of: dict[str, int] = {}
        self._at: dict[str, set[int]] = {}
        # members that are bad, of all of them
        self.bad: set[str] = set()

    def load(
        self,
        rows: Iterable[Incident],
        members: Iterable[Member],
        faults: Mapping[str, Fault],
    ) -> None:
        """Begin with what the database holds; `faults`: those that are still bad."""
        settled: dict[int, float] = {}
        for row in rows:
            parent = Parent(row.parent_kind, row.parent) if row.parent else None
            settled[row.id] = row.details.get(SETTLED, 0.0)
            told = row.told_at is not None
            self.add(Case(row.id, row.key, parent, row.down_since, row.down_since, told))
        for member in members:
            if member.incident in self._cases:
                self.admit(self._cases[member.incident], member, faults.get(member.key))
        for case in self._cases.values():
            good = [m.good_at for m in case.members.values() if m.good_at is not None]
            if case.parent is None and good and not case.bad:
                by_hand = settled.get(case.id, 0.0) >= max(good)
                case.settles_at = max(good) + (0.0 if by_hand else flapping.USUAL.quiet_s)

    def add(self, case: Case) -> None:
        self._cases[case.id] = case

    def admit(self, case: Case, member: Member, fault: Fault | None) -> None:
        """A fault belongs to this incident from now on."""
        case.admit(member, fault)
        self._of[member.key] = case.id
        self._at.setdefault(member.site, set()).add(case.id)
        if member.good_at is None:
            self.bad.add(member.key)

    def set(self, case: Case, member: Member) -> None:
        """How a member is now."""
        case.members[member.key] = member
        if member.good_at is None:
            self.bad.add(member.key)
        else:
            self.bad.discard(member.key)

    def close(self, number: int) -> None:
        """An incident is over; its faults belong to none."""
        case = self._cases.pop(number, None)
        for key, member in case.members.items() if case is not None else ():
            self._at.get(member.site, set()).discard(number)
            if self._of.get(key) == number:
                del self._of[key]
                self.bad.discard(key)

    def holder(self, key: str) -> Case | None:
        """The open incident that a fault belongs to."""
        return self._cases.get(self._of.get(key, 0))

    def get(self, number: int) -> Case | None:
        return self._cases.get(number)

    def at(self, sites: Iterable[str]) -> list[Case]:
        """Those with members at any of these sites."""
        numbers = {number for site in sites for number in self._at.get(site, ())}
        return [self._cases[number] for number in sorted(numbers)]

    def __iter__(self) -> Iterator[Case]:
        yield from list(self._cases.values())

    def of_many(self) -> list[Case]:
        return [case for case in self._cases.values() if case.parent is not None]

    def views(self) -> list[Open]:
        return [case.view() for case in self._cases.values()]
