"""What is known of each rule before any number is read: its way, its threshold, how often."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.evaluation import trees
from alerts.evaluation.locality import Local, localised
from alerts.rules.rule import Group, Rule, RuleSet
from collector.promql.catalogue import SITE_LABELS
from collector.promql.plan import Node, selectors

# a rule over a week need not be looked at every five seconds
_LOOKS_A_REACH = 200


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A rule with what its tree tells. `ordinal` counts the alerts of one name, from 0."""

    rule: Rule
    ordinal: int
    limit: int
    local: Local | None
    seen_local: Node | None  # where it could be judged, for the way by sites
    seen: Node | None
    threshold: Node | None  # in the tree by sites; None when it has none that can be replaced
    moving: bool
    long: bool

    @property
    def key(self) -> tuple[str, int]:
        return self.rule.name, self.ordinal


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Rules that are evaluated together every `every_s`."""

    every_s: float
    long: bool
    rules: tuple[Planned, ...]


def schedules(rules: RuleSet, every_s: float, reach_s: float) -> list[Schedule]:
    """All rules by how often they are due, those that reach beyond the window by themselves."""
    recorded = _recorded(rules)
    ordinals: dict[str, int] = {}
    found: dict[tuple[bool, float], list[Planned]] = {}
    for group in rules.groups:
        for rule in group.rules:
            ordinal = 0 if rule.record else ordinals.get(rule.name, 0)
            ordinals[rule.name] = ordinal + (not rule.record)
            planned = _planned(rule, ordinal, group, recorded, reach_s)
            every = _every(group, rule, planned.long, every_s)
            found.setdefault((planned.long, every), []).append(planned)
    return [Schedule(every, long, tuple(some)) for (long, every), some in sorted(found.items())]


def _every(group: Group, rule: Rule, long: bool, every_s: float) -> float:
    often = every_s if group.interval_s is None else max(1.0, group.interval_s)
    return max(often, trees.reaches_s(rule.tree) / _LOOKS_A_REACH) if long else often


def _planned(
    rule: Rule,
    ordinal: int,
    group: Group,
    recorded: Mapping[str, frozenset[str] | None],
    reach_s: float,
) -> Planned:
    local = localised(rule.tree, recorded)
    seen = trees.presence(rule.tree)
    seen_local = None if local is None else trees.presence(local.tree)
    threshold = trees.threshold(rule.tree if local is None else local.tree)
    moving = _moves(rule.tree, recorded)
    long = local is not None and trees.reaches_s(rule.tree) > reach_s
    return Planned(rule, ordinal, group.limit, local, seen_local, seen, threshold, moving, long)


def _moves(tree: Node, recorded: Mapping[str, frozenset[str] | None]) -> bool:
    return trees.moves_by_itself(tree) or any(
        trees.metric_of(selector) in recorded for selector in selectors(tree)
    )


def _recorded(rules: Iterable[Rule]) -> dict[str, frozenset[str] | None]:
    """By name of a recording rule: which labels of sites its series have, None when that is not
    known before it is evaluated."""
    records = [rule for rule in rules if rule.record]
    found: dict[str, frozenset[str] | None] = dict.fromkeys([r.name for r in records])
    several = {r.name for r in records if sum(r.name == other.name for other in records) > 1}
    for rule in records:
        local = localised(rule.tree, found)
        if local is not None and rule.name not in several and not SITE_LABELS & {*rule.labels}:
            found[rule.name] = local.labels
    return found
