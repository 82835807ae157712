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
# the series whose samples findings are
CHECK_UP = "ronda_check_up"


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A rule with what its tree tells. `ordinal` counts the alerts of one name, from 0."""

    rule: Rule
    ordinal: int
    limit: int
    local: Local | None
    seen_local: Node | None  # where it could be judged, for the way by sites
    seen: Node | None
    threshold: tuple[Node, float] | None  # in the tree by sites, where there is one
    moving: bool
    told: bool  # what agents find is news to it
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
    planner = _Planner(_recorded(rules), every_s, reach_s)
    found: dict[tuple[bool, float], list[Planned]] = {}
    for group in rules.groups:
        for rule in group.rules:
            every, planned = planner.planned(rule, group)
            found.setdefault((planned.long, every), []).append(planned)
    return [Schedule(every, long, tuple(some)) for (long, every), some in sorted(found.items())]


class _Planner:
    """Takes the rules in their order."""

    def __init__(
        self, recorded: Mapping[str, frozenset[str] | None], every_s: float, reach_s: float
    ) -> None:
        self._recorded, self._every_s, self._reach_s = recorded, every_s, reach_s
        self._ordinals: dict[str, int] = {}
        # recorded series: how often, whether they change without news of their site, and by what
        # agents find
        self._pace: dict[str, tuple[float, bool, bool]] = {}

    def planned(self, rule: Rule, group: Group) -> tuple[float, Planned]:
        local = localised(rule.tree, self._recorded)
        long = local is not None and trees.reaches_s(rule.tree) > self._reach_s
        every = self._every(rule, group, long)
        tree = rule.tree if local is None else local.tree
        moving, told = self._moves(rule.tree, every), self._is_told(rule.tree)
        if rule.record:
            self._pace[rule.name] = every, moving, told
        return every, Planned(
            rule,
            self._ordinal(rule),
            group.limit,
            local,
            None if local is None else trees.presence(local.tree),
            trees.presence(rule.tree),
            trees.threshold(rule, tree),
            moving,
            told,
            long,
        )

    def _every(self, rule: Rule, group: Group, long: bool) -> float:
        often = self._every_s if group.interval_s is None else max(1.0, group.interval_s)
        return max(often, trees.reaches_s(rule.tree) / _LOOKS_A_REACH) if long else often

    def _moves(self, tree: Node, every: float) -> bool:
        names = [trees.metric_of(selector) for selector in selectors(tree)]
        others = [self._pace[name] for name in names if name in self._pace]
        return trees.moves_by_itself(tree) or any(m or e != every for e, m, _ in others)

    def _is_told(self, tree: Node) -> bool:
        names = [trees.metric_of(selector) for selector in selectors(tree)]
        return trees.may_ask(tree, CHECK_UP) or any(
            told for name in names for _, _, told in [self._pace.get(name, (0.0, False, False))]
        )

    def _ordinal(self, rule: Rule) -> int:
        if rule.record:
            return 0
        ordinal = self._ordinals.get(rule.name, 0)
        self._ordinals[rule.name] = ordinal + 1
        return ordinal


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
