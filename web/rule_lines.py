"""What the try of a threshold found, as lines of a page; an override as a form carries it."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.overrides import Override
from alerts.rehearsal import Both, Told


@dataclass(frozen=True, slots=True)
class Line:
    """What a try found at one site."""

    code: str
    name: str
    now: Told
    wanted: Told


def told(found: Both, known: Mapping[str, str], most: int = 50) -> list[Line]:
    """Sites where it fires or fired, the loudest with the new threshold first."""
    lines = [
        Line(code, known.get(code, code), found.now.get(code, Told()), then)
        for code, then in list(found.wanted.items())
    ]
    loud = [line for line in lines if line.now.times or line.wanted.times]
    return sorted(loud, key=lambda one: (-one.wanted.times, -one.now.times, one.code))[:most]


def seal(one: Override) -> str:
    """An override as a form carries it, to see whether it is still the same."""
    return f"{one.threshold}|{one.for_s}|{one.off}"
