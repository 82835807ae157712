"""The clock of an incident: four hours to handle it, standing while others are waited for. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from alerts.chronicle import Line
from alerts.climbing import ladder_of
from alerts.escalation import deadline_at, ran
from alerts.incidents import Incident
from collector.settings import Settings

_SOON = 3 / 4
WIDTH = 240


class Face(StrEnum):
    """How the clock looks; the class of its part on the page."""

    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FourHours:
    """`ran_s` without the time it stood; `breaks` are where it stood, as parts of the whole."""

    face: Face
    begins: float
    deadline: float
    limit_s: float
    ran_s: float
    paused_why: str = ""
    breaks: tuple[float, ...] = ()

    @property
    def left_s(self) -> float:
        """Below zero: by so much it is late."""
        return self.limit_s - self.ran_s

    @property
    def gone(self) -> float:
        """How far the ink goes, 0 to 240."""
        return round(WIDTH * min(1.0, self.ran_s / self.limit_s), 1)

    @property
    def ink(self) -> str:
        """The way of the ink, broken where the clock stood."""
        stops = [WIDTH * part for part in self.breaks if 0 < WIDTH * part < self.gone]
        starts = [0.0, *(stop + 3 for stop in stops)]
        ends = [*(stop - 3 for stop in stops), self.gone]
        pieces = [(a, b) for a, b in zip(starts, ends, strict=True) if b > a]
        return "".join(f"M{a:.4g} 4H{b:.4g}" for a, b in pieces)


def clock_of(
    incident: Incident, settings: Settings, now: float, lines: Iterable[Line] = ()
) -> FourHours:
    """How the clock of an incident stands; `lines` of its chronicle tell where it stood before."""
    end = incident.handled_at if incident.handled_at is not None else incident.resolved_at
    at = now if end is None else min(end, now)
    ladder = ladder_of(incident)
    ran_s, limit_s = ran(ladder, at), settings.handled_within_s
    deadline = deadline_at(ladder, at, settings)
    why = incident.paused_why if incident.paused_at is not None else ""
    face = _face(incident, ran_s, limit_s)
    breaks = _breaks(incident.opened_at, limit_s, lines)
    return FourHours(face, incident.opened_at, deadline, limit_s, ran_s, why, breaks)


def _face(incident: Incident, ran_s: float, limit_s: float) -> Face:
    if incident.handled_at is not None or incident.over:
        return Face.DONE
    if incident.paused_at is not None:
        return Face.PAUSED
    if ran_s > limit_s:
        return Face.LATE
    return Face.SOON if ran_s >= _SOON * limit_s else Face.RUNNING


def _breaks(begins: float, limit_s: float, lines: Iterable[Line]) -> tuple[float, ...]:
    stood, since, found = 0.0, None, []
    for line in lines:
        if line.verb == "pause" and since is None:
            since = line.at
            found.append((line.at - begins - stood) / limit_s)
        elif line.verb == "resume" and since is not None:
            stood, since = stood + line.at - since, None
    return tuple(found)
