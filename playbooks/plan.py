"""What a run will do to one device, step by step: pure, and shown before anything runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from agent.strict import Refused
from playbooks import quoting
from playbooks.model import Command, Kind, Look, Platform, Playbook, Put, Recipe, Step

# beside twice the proof's limit: what arming, acting and a slow line may take
_ARM_S = 60.0
# what is done may cut a tunnel, and the tunnel's own time may be over before all is proved
_OPENED_ANEW = 2
HIDDEN = "********"


class Guarding(StrEnum):
    """What the engine does with the net under a run, as steps of their own."""

    PROVE = "prove"
    PREPARE = "prepare"
    ARM = "arm"
    DISARM = "disarm"
    CLEAR = "clear"
    FIRE = "fire"  # only on the way back


class Part(StrEnum):
    """The parts of a run, in the order they come."""

    PRECHECK = "precheck"
    SNAPSHOT = "snapshot"
    GUARD = "guard"
    DO = "do"
    VERIFY = "verify"
    PERSIST = "persist"
    DISARM = "disarm"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Planned:
    """One step, numbered from 1; `shown` is its text with secrets hidden."""

    number: int
    part: Part
    does: Step | Guarding
    shown: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`guard_s`: after so long without being stopped the device undoes it by itself; 0 where there
    is nothing to undo. `undo`: the steps of the way back, as they are shown. `notes`: what else to
    know before it is run, such as what a kept configuration would change."""

    platform: Platform
    recipe: Recipe
    steps: tuple[Planned, ...]
    undo: tuple[str, ...]
    guard_s: float
    changes: bool
    notes: tuple[str, ...] = ()


def plan(
    playbook: Playbook,
    platform: Platform,
    values: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    reach_s: float = 0.0,
) -> Plan:
    """The steps for a platform, `values` as `values.accepted` gave them and those Ronda gives;
    `files`: what is told of the files it puts there, by their sources; `reach_s`: how long a way
    to the device may take to be opened.

    Refused where the playbook has no recipe for the platform.
    """
    recipe = playbook.recipes.get(platform)
    if recipe is None:
        known = ", ".join(playbook.recipes)
        raise Refused("platform", f"{playbook.name} is not for {platform}, only for {known}")
    shown = {**values, **{p.name: HIDDEN for p in playbook.params if p.kind is Kind.SECRET}}
    told = files or {}
    steps = tuple(
        Planned(number, part, does, _shown(platform, does, shown, told))
        for number, (part, does) in enumerate(_order(recipe), 1)
    )
    undo = tuple(quoting.shown(platform, step.text, shown) for step in recipe.undo)
    return Plan(platform, recipe, steps, undo, guard_s(recipe, reach_s), playbook.changes)


def dry(whole: Plan) -> Plan:
    """Only what is looked at before anything is done."""
    steps = tuple(step for step in whole.steps if step.part is Part.PRECHECK)
    return replace(whole, steps=steps, undo=(), guard_s=0.0, changes=False)


def guard_s(recipe: Recipe, reach_s: float = 0.0) -> float:
    """How long the device waits: twice what proving may take and more, so that neither a slow proof
    nor a tunnel that is opened anew is overtaken; 0 for a recipe without a way back."""
    if not recipe.guarded:
        return 0.0
    act_s = sum(step.limit_s for step in (*recipe.do, *recipe.persist))
    return 2 * recipe.proof_s + act_s + _ARM_S + _OPENED_ANEW * reach_s


def _order(recipe: Recipe) -> Iterator[tuple[Part, Step | Guarding]]:
    yield from ((Part.PRECHECK, step) for step in recipe.precheck)
    if recipe.guarded:
        yield Part.GUARD, Guarding.PROVE
        yield Part.GUARD, Guarding.PREPARE
    yield from ((Part.SNAPSHOT, step) for step in recipe.snapshot)
    if recipe.guarded:
        yield Part.GUARD, Guarding.ARM
    yield from ((Part.DO, step) for step in recipe.do)
    yield from ((Part.VERIFY, step) for step in recipe.verify)
    yield from ((Part.PERSIST, step) for step in recipe.persist)
    if recipe.guarded:
        yield Part.DISARM, Guarding.DISARM
        yield Part.DISARM, Guarding.CLEAR


def _shown(
    platform: Platform,
    does: Step | Guarding,
    values: Mapping[str, str],
    files: Mapping[str, str],
) -> str:
    """The text of a step; a value that only the run itself will read keeps its name."""
    if isinstance(does, Guarding):
        return does.value
    if isinstance(does, Command):
        return quoting.shown(platform, does.text, values)
    if isinstance(does, Put):
        source = quoting.plain(does.source, values)
        return said(Put(files.get(source, source), quoting.plain(does.place, values), does.line))
    return said(replace(does, subject=quoting.plain(does.subject, values)))


def said(step: Look | Put) -> str:
    """A step that is no command, in words."""
    if isinstance(step, Put):
        return f"put {step.source} to {step.place}"
    subject = f" {step.subject}" if step.subject else ""
    return f"{step.proof}{subject} within {step.within_s:.0f} s"
