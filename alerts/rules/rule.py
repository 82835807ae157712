"""What a rule file says, after it was read and found in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from collector.promql.plan import Node

SEVERITIES = ("info", "warning", "critical")
SUBJECTS = ("uplink", "hotspot", "service", "power", "device", "agent")


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert, or with `record` a series that other rules use; times are seconds."""

    name: str
    expr: str
    tree: Node
    group: str
    file: str
    line: int
    record: bool = False
    for_s: float = 0.0
    keep_firing_for_s: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """One of SEVERITIES, whatever words other files use."""
        said = self.labels.get("severity", "")
        return said if said in SEVERITIES else "warning"

    @property
    def subject(self) -> str:
        """One of SUBJECTS."""
        said = self.labels.get("subject", "")
        return said if said in SUBJECTS else "service"


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated in their order; `interval_s` None: as often as the centre does.

    `limit`: a rule with more alarms than that fails (0: no limit). `query_offset_s`: how long ago
    the moment is that its rules look at.
    """

    name: str
    file: str
    rules: tuple[Rule, ...]
    interval_s: float | None = None
    limit: int = 0
    query_offset_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All groups of all files."""

    groups: tuple[Group, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        for group in self.groups:
            yield from group.rules

    def find(self, name: str) -> Rule | None:
        """The first alert of this name."""
        return next((rule for rule in self if rule.name == name and not rule.record), None)
