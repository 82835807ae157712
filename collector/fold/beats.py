"""Who has fallen silent by beacons? What ingest told of them, put beside reports and ticks.

Three beacons missed and no report since the first of them: gone. Where reports go on (a network
that stops UDP) reports alone decide, until a beacon comes again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from collector.fold.events import Heard
from collector.fold.memory import Memory, Pulse
from collector.intake.heard import EVERY_S, GONE, OFF, ON_BATTERY, SHUTTING_DOWN, SLACK_S
from collector.intake.timing import NEVER
from collector.judge import Sign
from collector.silence import AWAY_S

GONE_S = GONE * EVERY_S
# its last words by TCP come within this after the beacon that announces a shutdown
LAST_WORDS_S = 3.0


# one whose name changes at every start must not fill the memory
_MOST_INGESTS = 64
# an ingest ticks each second: another one has ticked so often since, and it gives no time any more
_QUIET_TICKS = 10

# a row of meta
KEY = "fold_beacons"


@dataclass(slots=True)
class Pace:
    """`ticked`: the newest tick of an ingest, NEVER once it was given up. `since`: how often each
    other one has ticked after that. Clocks may be hours apart, so what is counted are records."""

    ticked: float = NEVER
    since: dict[str, int] = field(default_factory=dict)

    @property
    def quiet(self) -> bool:
        """It has not ticked for so long that it may be dead."""
        return any(ticks >= _QUIET_TICKS for ticks in self.since.values())


@dataclass(slots=True)
class Ingest(Pace):
    """`began`: when it last knew nothing of before; `over`: whom it has not heard since is gone."""

    began: float = NEVER
    over: bool = False
    # whom it heard, and not since `began`
    unheard: dict[int, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gone:
    """A site whose agents are heard no more since `since`; `off`: they had announced it."""

    code: str
    since: float
    off: bool


class Beats:
    """The newest word on each agent."""

    def __init__(self) -> None:
        self.ingests: dict[str, Ingest] = {}
        self._pulses: dict[int, Pulse] = {}
        self._site_of: dict[int, str] = {}
        self._agents_of: dict[str, list[int]] = {}
        self._missing: dict[int, None] = {}
        # to be looked at at the next tick in order
        self._waiting: dict[int, None] = {}

    @property
    def known(self) -> int:
        """How many agents send beacons, or did."""
        return len(self._pulses)

    @property
    def missing(self) -> int:
        return len(self._missing)

    def set_back(self, at: float) -> None:
        """The centre's clock was set back: no ingest began, or lived, later than `at`."""
        for ingest in self.ingests.values():
            ingest.began, ingest.ticked = min(ingest.began, at), min(ingest.ticked, at)

    def recall(self, memory: Memory) -> None:
        """What was committed of one agent; `ingests` must be in place."""
        if memory.pulse is not None:
            self._put(memory, memory.pulse)
            known, ingest = memory.agent in self._pulses, self._ingest(memory.pulse.by)
            if known and memory.pulse.told < ingest.began and _counts(memory.pulse):
                if ingest.over:
                    self._give_up(memory.agent)
                else:
                    ingest.unheard[memory.agent] = None

    def tick(self, by: str, at: float) -> None:
        """One ingest lives. Whom another one heard that has stopped is to be heard again."""
        self._ingest(by)
        count(self.ingests, by, at)
        for name, ingest in self.ingests.items():
            if NEVER < ingest.ticked < at - AWAY_S:
                ingest.ticked, ingest.since = NEVER, {}
                self._begin(name, at)

    def hear(self, event: Heard) -> None:
        if event.began:
            self._begin(event.by, event.at)
        for memory, pulse in event.pulses:
            self._put(memory, pulse)

    def due(self, now: float, resumed: float, contact: Callable[[str], float]) -> list[Gone]:
        """Sites to be called silent, or switched off, at a tick in order.

        `resumed` is when timers restarted, `contact` when a site last reported.
        """
        for ingest in self.ingests.values():
            if not ingest.over and now - max(ingest.began, resumed) >= GONE_S + SLACK_S:
                ingest.over = True
                for agent in ingest.unheard:
                    self._give_up(agent)
                ingest.unheard = {}
        found = []
        for agent in list(self._waiting):
            pulse = self._pulses[agent]
            wait_s = LAST_WORDS_S if pulse.flags & SHUTTING_DOWN else GONE_S
            if now - max(pulse.at, resumed) >= wait_s:
                del self._waiting[agent]
                gone = self._judge(agent, pulse, contact)
                if gone is not None:
                    found.append(gone)
        return found

    def suspects(self, contact: Callable[[str], float]) -> dict[str, float]:
        """Sites that miss a beacon and have not reported since: their last contact."""
        found = {}
        for agent in self._missing:
            code = self._site_of[agent]
            last = max(self._heard_at(code), contact(code))
            well = any(one not in self._missing for one in self._agents_of[code])
            if contact(code) < self._pulses[agent].at + EVERY_S and not well:
                found[code] = last
        return found

    def signs(self, code: str) -> int:
        """What the newest beacon of a site showed."""
        pulses = [self._pulses[agent] for agent in self._agents_of.get(code, ())]
        newest = max(pulses, key=lambda pulse: (pulse.at, pulse.flags), default=None)
        return int(Sign.ON_BATTERY) if newest and newest.flags & ON_BATTERY else 0

    def _ingest(self, by: str) -> Ingest:
        if by not in self.ingests:
            while len(self.ingests) >= _MOST_INGESTS:
                del self.ingests[min(self.ingests, key=lambda name: self.ingests[name].ticked)]
            self.ingests[by] = Ingest()
        return self.ingests[by]

    def _begin(self, by: str, at: float) -> None:
        ingest = self._ingest(by)
        ingest.began, ingest.over = at, False
        mine = [agent for agent, pulse in self._pulses.items() if pulse.by == by]
        ingest.unheard = {agent: None for agent in mine if _counts(self._pulses[agent])}

    def _judge(self, agent: int, pulse: Pulse, contact: Callable[[str], float]) -> Gone | None:
        code = self._site_of[agent]
        last, off = contact(code), bool(pulse.flags & SHUTTING_DOWN)
        if self._lives(code) or last >= pulse.at + (0.0 if off else EVERY_S):
            return None
        return Gone(code, max(last, self._heard_at(code)), off)

    def _put(self, memory: Memory, pulse: Pulse) -> None:
        agent = memory.agent
        for ingest in self.ingests.values():
            ingest.unheard.pop(agent, None)
        for places in (self._missing, self._waiting):
            places.pop(agent, None)
        if pulse.flags & OFF:
            if self._pulses.pop(agent, None) is not None:
                self._agents_of[memory.site].remove(agent)
            return
        if agent not in self._pulses:
            self._site_of[agent] = memory.site
            self._agents_of.setdefault(memory.site, []).append(agent)
        self._pulses[agent] = pulse
        if pulse.missed:
            self._missing[agent] = None
        if pulse.missed >= GONE or pulse.flags & SHUTTING_DOWN:
            self._waiting[agent] = None

    def _lives(self, code: str) -> bool:
        """Another agent of the site is heard."""
        return any(_counts(self._pulses[agent]) for agent in self._agents_of[code])

    def _give_up(self, agent: int) -> None:
        told = self._pulses[agent]
        # it may have been heard until just before ingest began
        at = max(told.at, self._ingest(told.by).began)
        self._pulses[agent] = replace(told, missed=GONE, at=at)
        self._missing[agent] = self._waiting[agent] = None

    def _heard_at(self, code: str) -> float:
        return max(self._pulses[agent].at for agent in self._agents_of[code])


def count(paces: Mapping[str, Pace], by: str, at: float) -> None:
    """One of these ingests ticks."""
    for name, pace in paces.items():
        if name == by:
            pace.ticked, pace.since = at, {}
        elif pace.ticked != NEVER:
            pace.since[by] = min(pace.since.get(by, 0) + 1, _QUIET_TICKS)


def _counts(pulse: Pulse) -> bool:
    """It is heard, and wants to be."""
    return pulse.missed < GONE and not pulse.flags & SHUTTING_DOWN


def pack(beats: Beats) -> str:
    """What a row keeps beside the memories: when ingest began, and figures for people."""
    ingests = {
        by: [_or_none(ingest.began), ingest.over, _or_none(ingest.ticked), ingest.since]
        for by, ingest in beats.ingests.items()
    }
    told = {"ingests": ingests, "agents": beats.known, "missing": beats.missing}
    return json.dumps(told)


def resume(beats: Beats, packed: str) -> None:
    """What `pack` wrote with the committed position; "": nothing yet."""
    told = json.loads(packed or "{}")
    # as it was written when there was one only
    alone = {"": [told.get("began"), told.get("over", False), None]}
    for by, (began, over, ticked, *since) in told.get("ingests", alone).items():
        # rows of before it was counted lack `since`
        counted = since[0] if since else {}
        beats.ingests[by] = Ingest(_or_never(ticked), counted, _or_never(began), over)


def _or_none(at: float) -> float | None:
    return None if at == NEVER else at


def _or_never(at: float | None) -> float:
    return NEVER if at is None else at
