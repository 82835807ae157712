"""Why is a site silent or down? A cause with its evidence, corrected when more is known.

Each line of evidence is one of the sentences in `collector/sentences.py`, so that every reader
gets it in their language.
"""

import re
from dataclasses import dataclass

from collector.contracts import Due
from collector.judge import Sign
from collector.neighbours import Neighbours, chosen, line_of, sure_of, widest

CAUSES = (
    *("power", "fiber", "isp", "suspended", "backbone", "device", "dns", "wifi", "app", "server"),
    *("clock", "theft", "maintenance", "unknown"),
)

_BATTERY = "it ran on battery before it fell silent"
_PAGE = "a page of the provider came instead of the right one"
_NO_LIGHT = "the optical receiver saw no light"
_DIMMER = "the optical receiver saw less and less light"
_LINK_WENT = "the link to the provider's device went before the silence"
_LINK_LOST = "the link to the provider's device was lost"
_SAW_DOWN = "its agent ran and saw the uplink down"
_STARTED = "its agent had started"
# what a group leaves in the evidence
_OTHERS = "at the same time"
# what a group of several providers leaves in the evidence
_SEVERAL = re.compile(r"on \d+ providers$")


@dataclass(frozen=True, slots=True)
class Cause:
    """One of the causes people know, how sure we are (0 to 1), and what speaks for it."""

    name: str
    confidence: float
    evidence: tuple[str, ...] = ()

    def surer(self, by: float, *lines: str) -> "Cause":
        """The same with more to speak for it."""
        return Cause(self.name, min(0.95, self.confidence + by), (*self.evidence, *lines))


UNKNOWN = Cause("unknown", 0.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known around a site when it falls."""

    signs: int = 0  # of its last live frames, see judge.Sign
    isps: tuple[str, ...] = ()  # of all its lines, main first
    reserve: bool = False  # it has a mobile line, of another provider than its main one
    due: Due | None = None  # a bill or the end of a contract is near
    neighbours: tuple[Neighbours, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """The first words after a silence: of the agent, and of devices that tell their uptime."""

    silent_s: float
    agent_up_s: float
    agent_restarted: bool


@dataclass(frozen=True, slots=True)
class Devices:
    """What the devices of a site tell of a stretch of time; `up_s` of the one that ran longest."""

    up_s: float
    restarted: bool  # the one that ran longest was started in it
    some_restarted: bool


def at_silence(scene: Scene) -> Cause:
    """What a silence looks like at once: by the last frames, then by who else went silent."""
    if scene.signs & Sign.ON_BATTERY:
        return Cause("power", 0.9, (_BATTERY,))
    if scene.signs & Sign.WRONG_CONTENT:
        return Cause("suspended", 0.7, (_PAGE,))
    return _silent_with_others(scene) or _silent_alone(scene)


def at_farewell(signs: int) -> Cause | None:
    """Why an agent is switched off, where that can be seen."""
    if signs & Sign.ON_BATTERY:
        return Cause("power", 0.9, ("it ran on battery before it was switched off",))
    return None


def _silent_with_others(scene: Scene) -> Cause | None:
    if (group := widest(scene.neighbours)) is not None:
        return _several_providers(group)
    if (group := chosen(scene.neighbours)) is None:
        return None
    sure, line = sure_of(group), line_of(group)
    if scene.signs & Sign.NO_LIGHT:
        return Cause("fiber", 0.8, (_NO_LIGHT, line))
    if scene.signs & Sign.LINK_LOST:
        return Cause("power", 0.5, (_LINK_WENT, line))
    if (suspended := _dates(scene, group)) is not None:
        return suspended
    return Cause("isp", sure, (line,))


def _several_providers(group: Neighbours) -> Cause:
    sure, line = sure_of(group), line_of(group)
    if group.battery:
        told = f"{group.battery} of them ran on battery before"
        return Cause("power", min(0.95, sure + 0.1), (line, told))
    if 2 * group.awake > group.others:
        told = f"{group.awake} of them still run: it is not the power"
        return Cause("backbone", sure, (line, told))
    if group.reserve:
        return Cause("backbone", sure, (line, "mobile lines of another provider went as well"))
    return Cause("power", sure, (line,))


def _silent_alone(scene: Scene) -> Cause:
    signs = scene.signs
    if signs & Sign.NO_LIGHT:
        return Cause("fiber", 0.8, (_NO_LIGHT,))
    if signs & Sign.LINK_LOST:
        return Cause("device", 0.4, (_LINK_WENT,))
    if signs & Sign.LIGHT_FALLING:
        return Cause("fiber", 0.6, (_DIMMER,))
    if signs & Sign.NO_DNS:
        return Cause("dns", 0.5, ("names were not found any more while addresses answered",))
    if len(scene.isps) > 1:
        count = len(scene.isps)
        return Cause("power", 0.3, (f"its lines of {count} providers went at the same time",))
    if (suspended := _date(scene)) is not None:
        return suspended
    if signs & Sign.LINK_KEPT:
        return Cause("fiber", 0.3, ("the link to the provider's device held to the end",))
    return UNKNOWN


def at_return(before: Cause, back: Return) -> Cause:
    """What the first report after a silence tells, by the agent's own uptime."""
    if back.agent_restarted:
        line = f"{_STARTED} {spell(back.agent_up_s)} before it came back"
        if before.name == "power":
            return before.surer(0.05, line)
        return Cause("power", 0.6, (line,))
    line = f"its agent ran on through the silence of {spell(back.silent_s)}"
    if before.name == "unknown" or (before.confidence <= 0.4 and before.name != "suspended"):
        return Cause("isp", 0.4, (line,))
    return before.surer(0.0, line)


def by_devices(before: Cause, devices: Devices) -> Cause:
    """What the router's uptime after a silence adds; `before` has heard the agent's own."""
    agent_restarted = any(line.startswith(_STARTED) for line in before.evidence)
    if devices.restarted:
        line = f"its router had started {spell(devices.up_s)} before it came back"
        if agent_restarted or before.name == "power":
            return Cause("power", max(0.9, before.surer(0.05).confidence), (*before.evidence, line))
        if before.confidence >= 0.6:
            return before.surer(0.0, line)
        return Cause("power", 0.7, (*before.evidence, line))
    if devices.some_restarted and not agent_restarted:
        line = "one of its devices restarted while the others ran on"
        return Cause("device", 0.6, (*before.evidence, line))
    line = f"its router had run for {spell(devices.up_s)}, right through the silence"
    if agent_restarted and before.confidence < 0.8:
        return Cause("device", 0.7, (*before.evidence, line))
    if before.name == "power":
        return Cause("power", before.confidence * 0.8, (*before.evidence, line))
    return before.surer(0.1, line)


def of_down(scene: Scene, before: Cause = UNKNOWN, devices: Devices | None = None) -> Cause:
    """Why no uplink worked though its agent ran; `before` is what was thought till then.

    `devices` tell of the same time, where a backlog brings it.
    """
    signs = scene.signs
    if signs & Sign.WRONG_CONTENT:
        return Cause("suspended", 0.8, (_PAGE,))
    if signs & Sign.NO_LIGHT:
        return Cause("fiber", 0.9, (_NO_LIGHT,))
    if signs & Sign.ON_BATTERY:
        return Cause("power", 0.8, ("it ran on battery while no uplink worked",))
    # a link that held to the end had power at its other end
    if devices is not None and devices.restarted and not signs & Sign.LINK_KEPT:
        return _router_restarted(signs, devices)
    return _down_with_others(scene) or _as_before(signs, before) or _down_alone(scene)


def _router_restarted(signs: int, devices: Devices) -> Cause:
    line = f"its router had started {spell(devices.up_s)} before the uplink worked again"
    if signs & Sign.ON_MAINS:
        return Cause("device", 0.7, (line, "the mains were there all the time"))
    return Cause("power", 0.7, (line,))


def _down_with_others(scene: Scene) -> Cause | None:
    lost = scene.signs & Sign.LINK_LOST and not scene.signs & Sign.LINK_KEPT
    if (group := widest(scene.neighbours)) is not None:
        if lost or group.battery:
            lines = (line_of(group), *((_LINK_LOST,) if lost else ()))
            return Cause("power", max(0.5, sure_of(group) - 0.1), lines)
        return Cause("backbone", sure_of(group), (line_of(group), _SAW_DOWN))
    if (group := chosen(scene.neighbours)) is None:
        return None
    if lost:
        return Cause("power", 0.5, (line_of(group), _LINK_LOST))
    if (suspended := _dates(scene, group)) is not None:
        return suspended
    return Cause("isp", min(0.95, sure_of(group) + 0.05), (line_of(group), _SAW_DOWN))


def _as_before(signs: int, before: Cause) -> Cause | None:
    """What was thought at the silence, where its agent's own word fits it."""
    lost = signs & Sign.LINK_LOST and not signs & Sign.LINK_KEPT
    if before.name in ("isp", "backbone") and any(_OTHERS in line for line in before.evidence):
        return before.surer(0.05, _SAW_DOWN)
    if before.name == "suspended" and not lost:
        return before.surer(0.05, _SAW_DOWN)
    if before.name == "fiber" and before.confidence >= 0.6:
        return before.surer(0.1, _SAW_DOWN)
    if before.name == "power" and any(_SEVERAL.search(line) for line in before.evidence):
        if lost:
            return Cause("power", before.confidence, (*before.evidence, _LINK_LOST))
        shared = tuple(line for line in before.evidence if _SEVERAL.search(line))
        return Cause("backbone", 0.6, (*shared, _SAW_DOWN))
    return None


def _down_alone(scene: Scene) -> Cause:
    signs = scene.signs
    if signs & Sign.LINK_LOST and not signs & Sign.LINK_KEPT:
        return Cause("device", 0.5, (_LINK_LOST,))
    if signs & Sign.LIGHT_FALLING:
        return Cause("fiber", 0.7, (_DIMMER,))
    if len(scene.isps) > 1:
        told = "its mobile line of another provider went as well"
        if not scene.reserve:
            told = f"its lines of {len(scene.isps)} providers went at the same time"
        return Cause("backbone", 0.4, (_SAW_DOWN, told))
    if (suspended := _date(scene)) is not None:
        return suspended.surer(0.05, _SAW_DOWN)
    if signs & Sign.LINK_KEPT:
        line = "its agent ran, the link to the provider's device held, nothing answered beyond"
        return Cause("fiber", 0.6, (line,))
    return Cause("isp", 0.5, (_SAW_DOWN,))


def _date(scene: Scene) -> Cause | None:
    """Cut off for money? Dates alone never make that sure, and no provider waits for another."""
    if scene.due is None or scene.due.guessed or len(scene.isps) > 1:
        return None
    return Cause("suspended", scene.due.confidence, (scene.due.line,))


def _dates(scene: Scene, group: Neighbours) -> Cause | None:
    """The same for several sites of one provider: most of them must have such a date."""
    due = scene.due
    if due is None or 2 * group.due <= group.others or (due.guessed and group.others < 3):
        return None
    return Cause("suspended", due.confidence, (due.line, line_of(group)))


def spell(seconds: float) -> str:
    """A length of time as people say it: `3 days`, `2 h`, `5 min`, `40 s`."""
    for size, word in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{max(0.0, seconds):.0f} s"
