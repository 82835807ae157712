"""Evaluation of rules: what one round changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.machine import Life, News
from alerts.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Alarm:
    """One row of table alarms."""

    rule: str
    series: str
    site: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    life: Life
    value: float


@dataclass(frozen=True, slots=True)
class Change:
    """What one evaluation changed of an alarm; `gone`: its row goes, and why."""

    alarm: Alarm
    rule: Rule
    news: News | None = None
    gone: bool = False
    why: str = ""

    @property
    def quiet(self) -> bool:
        return self.gone and self.news is not News.RESOLVED
