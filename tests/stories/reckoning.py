"""Faults of villages beside what the centre made of them: one incident each, told once to each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from alerts.incidents import Incident
from alerts.notices import OPENED, RESOLVED
from collector.intake.wire import read_report
from collector.journal.framing import Kind
from collector.journal.protocol import Reader
from collector.silence import AWAY_S
from tests.stories.gateway import Message
from tests.stories.mischief import Fault

NOC = "noc"
# of what its agent said to what stands in the incident; and of who died, how long before an answer
# that was given was to be written down
_SAME_S, _WRITES_S = 0.01, 10.0


@dataclass
class Heard:
    """What the journal knows: when each agent reported and of which times, when nobody listened."""

    contacts: dict[int, list[tuple[float, tuple[float, ...]]]] = field(default_factory=dict)
    resumed: list[float] = field(default_factory=list)
    _position: int = 0
    _newest: float = float("inf")

    def listen(self, journal: Reader, agents: Iterable[int]) -> None:
        """Read on, and note what these agents reported."""
        wanted = set(agents)
        while records := journal.read(self._position):
            self._position = records[-1].next
            for record in records:
                if record.kind == Kind.REPORT and record.agent in wanted:
                    times = tuple(frame.at for frame in read_report(record.payload).frames)
                    self.contacts.setdefault(record.agent, []).append((record.at, times))
                self._tick(record.kind, record.at)

    def _tick(self, kind: int, at: float) -> None:
        if kind not in (Kind.TICK, Kind.REPORT):
            return
        away = at - self._newest > AWAY_S
        if away:
            self.resumed.append(at)
        if away or kind == Kind.TICK:
            self._newest = at

    def silent_since(self, agent: int, opened_at: float) -> float:
        """When a site of which an incident opened then was last heard, or timers began anew."""
        heard = [at for at, _ in self.contacts[agent] if at <= opened_at]
        return max([heard[-1], *(at for at in self.resumed if at <= opened_at)])

    def back(self, agent: int, opened_at: float) -> set[float]:
        """The times that its first words after that were of."""
        later = [times for at, times in self.contacts[agent] if at > opened_at]
        return {at for times in later[:2] for at in times}


@dataclass
class Reckoning:
    """What was found so far; `missing` is what may still come."""

    missing: list[str] = field(default_factory=list)
    incidents: int = 0
    messages: int = 0
    twice: int = 0


def reckon(
    faults: Sequence[Fault],
    incidents: Sequence[Incident],
    heard: Heard,
    told: Sequence[Message],
    died: Sequence[float],
) -> Reckoning:
    """Compare; AssertionError says what is there that must not be, or is otherwise than it was."""
    found = Reckoning()
    belongs: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        belongs[fault.key].append(fault)
    opened: dict[tuple[str, str], list[Incident]] = defaultdict(list)
    for one in sorted(incidents, key=lambda one: one.id):
        assert not one.parent and one.merged_into is None, f"nobody fell together: {one}"
        opened[one.site, one.check].append(one)
    for key in opened.keys() - belongs.keys():
        raise AssertionError(f"nothing was wrong there: {opened[key]}")
    for key, mine in belongs.items():
        theirs = opened[key]
        assert len(theirs) <= len(mine), f"one fault, several incidents: {theirs}"
        # only the last of a site may be without: each of the others was seen before it ended
        for fault, one in zip(mine, theirs, strict=False):
            _compare(fault, one, heard, found)
        found.missing += [f"no incident of {f.key}" for f in mine[len(theirs) :] if not f.brief]
    _messages(incidents, told, died, found)
    return found


def _compare(fault: Fault, one: Incident, heard: Heard, found: Reckoning) -> None:
    found.incidents += 1
    agent = fault.witness.agent
    began = fault.began if fault.check else heard.silent_since(agent, one.opened_at)
    assert began is not None and abs(one.down_since - began) < _SAME_S, (
        f"{fault.key} began at {began}, #{one.id} says {one.down_since} of {one}"
    )
    if one.resolved_at is None:
        if fault.over:
            found.missing.append(f"the end of #{one.id}, {fault.key}")
        return
    ends = [fault.ended] if fault.check else heard.back(agent, one.opened_at)
    assert fault.over, f"{fault.key} is not over, #{one.id} is"
    assert any(at is not None and abs(one.resolved_at - at) < _SAME_S for at in ends), (
        f"{fault.key} ended at {ends}, #{one.id} says {one.resolved_at}"
    )


def _messages(
    incidents: Sequence[Incident], told: Sequence[Message], died: Sequence[float], found: Reckoning
) -> None:
    """Each step of each incident to each reader in one notice, which came twice only where its
    answer did not arrive, or was not written down."""
    came: dict[tuple[int, str, str], dict[int, list[Message]]] = defaultdict(dict)
    for message in told:
        step = came[message.incident, message.news, message.reader]
        step.setdefault(message.notice, []).append(message)
    for one in incidents:
        for news in (OPENED, RESOLVED) if one.resolved_at is not None else (OPENED,):
            for reader in (NOC, one.site):
                numbers = came.pop((one.id, news, reader), {})
                assert len(numbers) <= 1, f"told under several numbers: {numbers}"
                if not numbers:
                    found.missing.append(f"#{one.id} {news} to {reader}")
                for copies in numbers.values():
                    found.messages += 1
                    found.twice += _repeats(copies, died)
    assert not came, f"told, and nobody should: {dict(came)}"


def _repeats(copies: Sequence[Message], died: Sequence[float]) -> int:
    """How often it came again, each time for a reason."""
    for message, again in zip(copies, copies[1:], strict=False):
        until = min(again.at, message.at + _WRITES_S)
        lost = any(message.at - _SAME_S <= at <= until for at in died)
        assert lost or not message.answered, f"answered, and sent again: {message}, {again}"
    return len(copies) - 1
