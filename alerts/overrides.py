"""What a site or an area wants of a rule instead of what its file says; the closest one counts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Delete, Update, delete, insert, select, update

from agent.strict import Refused
from alerts.rules.rule import Rule, RuleSet
from alerts.rules.thresholds import threshold_of
from collector import acts, inventory
from collector.inventory.places import within
from collector.schema import areas, overrides

ACT = "override"
LONGEST_FOR_S = 7 * 86400.0

# made once: putting a statement together costs as much as asking it
_ALL = select(overrides).order_by(overrides.c.rule, overrides.c.scope)


@dataclass(frozen=True, slots=True)
class Override:
    """`scope`: the code of a site or area. None: as the file says."""

    rule: str
    scope: str
    threshold: float | None = None
    for_s: float | None = None
    off: bool = False


def everything(connection: Connection) -> list[Override]:
    """All of them, by rule and scope."""
    return [Override(**row._mapping) for row in connection.execute(_ALL)]


def find(connection: Connection, rule: str, scope: str) -> Override | None:
    row = connection.execute(select(overrides).where(*_at(rule, scope))).first()
    return None if row is None else Override(**row._mapping)


def closest(known: Sequence[Override], rule: str, site: str) -> Override | None:
    """What counts for a site: its own, else that of the smallest area that has one."""
    mine = [
        one for one in known if one.rule == rule and (one.scope == site or within(site, one.scope))
    ]
    return max(mine, key=lambda one: len(one.scope), default=None)


def put(
    connection: Connection,
    rules: RuleSet,
    wanted: Override,
    by: str,
    now: float,
    before: Override | None = None,
) -> None:
    """Set it, where `before` is still what holds; Refused says why not."""
    check(connection, rules, wanted)
    if before == wanted:
        return
    values = {"threshold": wanted.threshold, "for_s": wanted.for_s, "off": wanted.off}
    if before is None:
        if find(connection, wanted.rule, wanted.scope) is not None:
            raise _changed(wanted)
        row = {"rule": wanted.rule, "scope": wanted.scope, **values}
        connection.execute(insert(overrides).values(row))
    else:
        statement = update(overrides).where(*_same(before)).values(values)
        if (before.rule, before.scope) != (wanted.rule, wanted.scope) or not _one(
            connection, statement
        ):
            raise _changed(wanted)
    acts.record(connection, now, by, ACT, wanted.rule, {"scope": wanted.scope, **values})


def remove(connection: Connection, before: Override, by: str, now: float) -> None:
    """The file's word counts again, where `before` is still what holds."""
    if not _one(connection, delete(overrides).where(*_same(before))):
        raise _changed(before)
    acts.record(connection, now, by, ACT, before.rule, {"scope": before.scope, "removed": True})


def _one(connection: Connection, statement: Update | Delete) -> bool:
    return connection.execute(statement).rowcount == 1


def _changed(one: Override) -> Refused:
    return Refused(f"{one.rule} of {one.scope}", "somebody has changed it meanwhile")


def check(connection: Connection, rules: RuleSet, wanted: Override) -> None:
    """Refused for a rule or place that is not there, and numbers that are none."""
    rule = rules.find(wanted.rule)
    if rule is None:
        raise Refused("rule", f"there is no alert {wanted.rule!r}")
    if not _known(connection, wanted.scope):
        raise Refused("scope", f"there is no site or area {wanted.scope!r}")
    _check_numbers(rule, wanted)


def _check_numbers(rule: Rule, wanted: Override) -> None:
    if wanted.threshold is not None:
        if not math.isfinite(wanted.threshold):
            raise Refused("threshold", "must be a number")
        if threshold_of(rule) is None:
            raise Refused("threshold", f"{rule.name} compares with no number")
    if wanted.for_s is not None and not 0 <= wanted.for_s <= LONGEST_FOR_S:
        raise Refused("for_s", f"must be 0 to {LONGEST_FOR_S:.0f} seconds")
    if wanted.threshold is None and wanted.for_s is None and not wanted.off:
        raise Refused("override", "says nothing: set a threshold, for_s or off")


def as_json(one: Override) -> Mapping[str, object]:
    return {"scope": one.scope, "threshold": one.threshold, "for_s": one.for_s, "off": one.off}


def _known(connection: Connection, scope: str) -> bool:
    if inventory.site(connection, scope) is not None:
        return True
    found = connection.execute(select(areas.c.code).where(areas.c.code == scope)).first()
    return found is not None


def _at(rule: str, scope: str) -> tuple[ColumnElement[bool], ...]:
    return overrides.c.rule == rule, overrides.c.scope == scope


def _same(before: Override) -> tuple[ColumnElement[bool], ...]:
    """The row as it was: what is not so any more is not touched."""
    c = overrides.c
    return (
        *_at(before.rule, before.scope),
        c.threshold.is_(None) if before.threshold is None else c.threshold == before.threshold,
        c.for_s.is_(None) if before.for_s is None else c.for_s == before.for_s,
        c.off.is_(before.off),
    )
