"""An alarm, and what one evaluation changed of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.machine import Life, News
from alerts.rules.rule import Rule


class Why(StrEnum):
    """Why an alarm goes."""

    RESOLVED = "resolved"  # seen good for long enough
    PASSED = "passed"  # it was pending, and is not bad any more or cannot be seen
    RETIRED = "retired"  # its site, or its check, is not looked at any more
    RULE_GONE = "rule gone"  # no rule of this name any more
    NOT_ACTIVE = "not active"  # the rule is switched off there
    BLIND = "blind"  # unseen for a day though its site reports


@dataclass(frozen=True, slots=True)
class Alarm:
    """One row of table alarms.

    `series` tells the alarms of a rule apart: the labels its series has besides those that come
    from the inventory, with its site, so that a village that is renamed keeps its alarms.
    """

    rule: str
    series: str
    site: str  # empty: of no single site
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    life: Life
    value: float


@dataclass(frozen=True, slots=True)
class Change:
    """What one evaluation changed of an alarm; `rule` is None when there is none any more."""

    alarm: Alarm
    rule: Rule | None
    news: News | None = None
    gone: bool = False
    why: Why | None = None
