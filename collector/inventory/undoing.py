"""An import taken back: each row as it was before, but for those that somebody changed since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector.inventory import keeping, uses
from collector.inventory.changes import Change, key_of
from collector.inventory.editing import mark
from collector.inventory.further import settings_in
from collector.inventory.kinds import KINDS
from collector.inventory.previewing import STALE, May
from collector.inventory.uses import Key

CHANGED = "somebody changed it since"
GONE = "it was removed since"
OUTSIDE = "it lies outside your areas"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the import: what it would be again, or why it stays as it is now."""

    change: Change
    why: str = ""

    @property
    def goes(self) -> bool:
        """Whether the import had made it, so that it goes again."""
        return self.change.before is None


@dataclass(frozen=True, slots=True)
class Undoing:
    """The rows of an import, the last it brought first; `mark` as that of a preview."""

    steps: Sequence[Step]
    mark: str

    @property
    def back(self) -> list[Step]:
        return [step for step in self.steps if not step.why]

    @property
    def staying(self) -> list[Step]:
        return [step for step in self.steps if step.why]


def look(connection: Connection, changes: Sequence[Change], may: May) -> Undoing:
    """What undoing these changes would do now."""
    there = _there(connection, changes)
    steps = [Step(change, _moved(change, there, may)) for change in reversed(changes)]
    steps = list(_unused(connection, steps))
    told = [[*_key(step), step.why] for step in steps]
    return Undoing(steps, mark(told))


def undo(
    connection: Connection,
    changes: Sequence[Change],
    shown: str,
    may: May,
    now: float,
    by: str,
    number: int,
) -> Undoing:
    """Put the rows back, if that is still what was shown; Refused when it is not."""
    keeping.take_turns(connection)
    undoing = look(connection, changes, may)
    if undoing.mark != shown:
        raise Refused("import", STALE)
    note = {"undoes": number}
    for kind in reversed(KINDS):
        mine = [step.change for step in undoing.back if step.change.kind == kind]
        gone = [change.after for change in mine if change.before is None]
        old = [_row(change) for change in mine if change.before is not None]
        if gone:
            keeping.remove(connection, kind, gone, now, by, note)
        if old:
            keeping.put(connection, kind, old, now, by, note)
    return undoing


def _row(change: Change) -> dict[str, Any]:
    """The row as it was, for who puts it."""
    before = dict(change.before or {})
    if change.kind == "services":
        # settings that the import brought go with it
        added = dict.fromkeys(settings_in(change.after["settings"]), "")
        before["settings"] = added | settings_in(before["settings"])
    return before


def _there(connection: Connection, changes: Sequence[Change]) -> dict[Key, dict[str, Any]]:
    found: dict[Key, dict[str, Any]] = {}
    for name in {change.kind for change in changes}:
        kind = KINDS[name]
        rows = [change.after for change in changes if change.kind == name]
        for row in keeping.known(connection, kind, rows):
            found[name, key_of(kind, row)] = row
    return found


def _moved(change: Change, there: Mapping[Key, Any], may: May) -> str:
    now = there.get((change.kind, change.key))
    if not may(change.at):
        return OUTSIDE
    if now is None:
        return GONE
    return "" if now == change.after else CHANGED


def _unused(connection: Connection, steps: Sequence[Step]) -> Iterator[Step]:
    """Sites and areas that the import made stay while anything else needs them."""
    going = {_key(step) for step in steps if step.goes and not step.why}
    why = uses.needed(connection, going)
    for step in steps:
        told = why.get(_key(step), "") if step.goes and not step.why else step.why
        yield Step(step.change, told)


def _key(step: Step) -> Key:
    return step.change.kind, step.change.key
