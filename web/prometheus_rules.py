"""Rules and alerts as Prometheus's API tells them, each caller what concerns his areas.

Rules are everybody's; alarms are those whose labels the matchers of his areas hold for.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import msgspec
from sqlalchemy import Engine

from agent.strict import Refused
from alerts import alarms
from alerts.evaluation import status as telling
from alerts.evaluation.book import rule_of
from alerts.evaluation.model import Alarm
from alerts.evaluation.status import RuleStatus, Status
from alerts.machine import Phase
from alerts.rules.rule import Group, Rule, RuleSet
from alerts.rules.watching import Watch
from collector.db import reading
from collector.prometheus_api import Reply
from collector.prometheus_params import Params, bad, limit, one, selections
from collector.promql import rendering
from collector.promql.figures import figure
from collector.promql.matchers import holds_for, test_of
from collector.promql.plan import Matcher

_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False", ""}
# what a rule stumbled over may name villages of others
_WITHHELD = "the rule could not be evaluated"

Told = dict[str, Any]


class Followed:
    """The rules as their files are now; for several threads."""

    def __init__(self, data: str, clock: Callable[[], float]) -> None:
        self._watch, self._clock = Watch(data), clock
        self._lock = threading.Lock()

    def __call__(self) -> RuleSet:
        with self._lock:
            self._watch.look(self._clock())
            return self._watch.loaded.rules


@dataclass(frozen=True, slots=True)
class RulesApi:
    """Reads alarms and how the rules are from the database, and the rules where `rules` says."""

    store: Engine
    rules: Callable[[], RuleSet]
    every_s: float

    def answer(self, path: str, asked: Params, scope: Sequence[Matcher]) -> Reply | None:
        """What stands under `rules` and `alerts`; None for every other path."""
        function = {"rules": self._rules, "alerts": self._alerts}.get(path.strip("/"))
        if function is None:
            return None
        try:
            return Reply(200, rendering.success(msgspec.json.encode(function(asked, scope))))
        except Refused as refused:
            return Reply(400, rendering.failure("bad_data", str(refused)))

    def _rules(self, asked: Params, scope: Sequence[Matcher]) -> Told:
        wanted = _Wanted.of(asked)
        found = [] if wanted.without_alarms else self._seen(scope)
        with reading(self.store) as connection:
            status = telling.get(connection)
        teller = _Teller(status, _by_rule(found), bool(scope), wanted.without_alarms)
        told, next_token = wanted.page(self.rules().groups)
        groups = [made for group in told if (made := teller.group(group, wanted, self.every_s))]
        return {"groups": groups} | ({"groupNextToken": next_token} if next_token else {})

    def _alerts(self, _asked: Params, scope: Sequence[Matcher]) -> Told:
        return {"alerts": [_alarm(alarm) for alarm in self._seen(scope)]}

    def _seen(self, scope: Sequence[Matcher]) -> list[Alarm]:
        """The alarms that lie within the caller's areas."""
        with reading(self.store) as connection:
            found = alarms.all(connection)
        tests = [(matcher.label, test_of(matcher)) for matcher in scope]
        # of an alarm the site counts that it is about, not what a rule wrote into its labels
        return [
            alarm
            for alarm in found
            if all(test(alarm.site if name == "site" else "") for name, test in tests)
        ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which rules are asked for."""

    kind: str
    names: Sequence[str]
    groups: Sequence[str]
    files: Sequence[str]
    chosen: Sequence[tuple[Matcher, ...]]
    without_alarms: bool
    most: int
    token: str

    @classmethod
    def of(cls, asked: Params) -> "_Wanted":
        kind = one(asked, "type")
        if kind not in ("", "alert", "record"):
            raise bad("type", f'not supported value "{kind}"')
        without = one(asked, "exclude_alerts")
        if without not in _TRUE | _FALSE:
            raise bad("exclude_alerts", f"not a boolean: {without!r}")
        most, token = limit(asked, "group_limit"), one(asked, "group_next_token")
        if one(asked, "group_limit") and not most:
            raise bad("group_limit", "is not a positive number")
        if token and not most:
            raise bad("group_limit", "is needed together with group_next_token")
        chosen = selections(asked)
        return cls(
            kind,
            asked.get("rule_name[]", ()),
            asked.get("rule_group[]", ()),
            asked.get("file[]", ()),
            chosen,
            without in _TRUE,
            most,
            token,
        )

    def page(self, groups: Sequence[Group]) -> tuple[Sequence[Group], str]:
        """The groups that are asked for, and where to go on."""
        found = [g for g in groups if self._holds(self.groups, g.name)]
        found = [g for g in found if self._holds(self.files, g.file)]
        if not self.most:
            return found, ""
        names = [_token(group) for group in found]
        if self.token and self.token not in names:
            raise bad("group_next_token", f"there is no group {self.token!r}; rules have changed")
        start = names.index(self.token) if self.token else 0
        end = start + self.most
        return found[start:end], names[end] if end < len(names) else ""

    def rule(self, rule: Rule) -> bool:
        kind = "record" if rule.record else "alert"
        if self.kind not in ("", kind) or not self._holds(self.names, rule.name):
            return False
        # what a template will make of a label nobody knows here
        fixed = {name: text for name, text in rule.labels.items() if "{{" not in text}
        return not self.chosen or any(holds_for(some, fixed) for some in self.chosen)

    @staticmethod
    def _holds(wanted: Sequence[str], name: str) -> bool:
        return not wanted or name in wanted


@dataclass(slots=True)
class _Teller:
    status: Status
    alarms: Mapping[tuple[str, int], Sequence[Alarm]]
    limited: bool
    without_alarms: bool
    _met: dict[str, int] = field(default_factory=dict)

    def group(self, group: Group, wanted: _Wanted, every_s: float) -> Told | None:
        """A group with those of its rules that are wanted; None when there are none."""
        rules = list(self._rules(group, wanted))
        if not rules:
            return None
        took = [self._status(group, place) for place in range(len(group.rules))]
        return {
            "name": group.name,
            "file": group.file,
            "rules": rules,
            "interval": every_s if group.interval_s is None else group.interval_s,
            "limit": group.limit,
            "evaluationTime": sum(one.took_s for one in took),
            "lastEvaluation": _time(max((one.at for one in took), default=0.0)),
        }

    def _rules(self, group: Group, wanted: _Wanted) -> Iterator[Told]:
        for place, rule in enumerate(group.rules):
            ordinal = 0 if rule.record else self._met.get(rule.name, 0)
            self._met[rule.name] = ordinal + (not rule.record)
            if wanted.rule(rule):
                status = self._status(group, place)
                yield self._rule(rule, self.alarms.get((rule.name, ordinal), ()), status)

    def _rule(self, rule: Rule, alarms: Sequence[Alarm], status: RuleStatus) -> Told:
        told: Told = {"name": rule.name, "query": rule.expr, "labels": dict(rule.labels)}
        told |= {"health": status.health, "evaluationTime": status.took_s}
        told |= {"lastEvaluation": _time(status.at)}
        if status.error:
            told["lastError"] = _WITHHELD if self.limited else status.error
        if rule.record:
            return told | {"type": "recording"}
        return told | {
            "state": _state(alarms),
            "duration": rule.for_s,
            "keepFiringFor": rule.keep_firing_for_s,
            "annotations": dict(rule.annotations),
            "alerts": [_alarm(alarm) for alarm in alarms],
            "type": "alerting",
        }

    def _status(self, group: Group, place: int) -> RuleStatus:
        return self.status.of(telling.key(group.file, group.name, place))


def _by_rule(found: Sequence[Alarm]) -> dict[tuple[str, int], list[Alarm]]:
    """Alarms by name of their rule, and which of that name it is."""
    by_rule: dict[tuple[str, int], list[Alarm]] = {}
    for alarm in found:
        by_rule.setdefault(rule_of(alarm), []).append(alarm)
    return by_rule


def _state(alarms: Sequence[Alarm]) -> str:
    if not alarms:
        return "inactive"
    pending = all(alarm.life.phase is Phase.PENDING for alarm in alarms)
    return "pending" if pending else "firing"


def _alarm(alarm: Alarm) -> Told:
    life = alarm.life
    told = {
        "labels": dict(alarm.labels),
        "annotations": dict(alarm.annotations),
        "state": "pending" if life.phase is Phase.PENDING else "firing",
        "activeAt": _time(life.active_at),
        "value": _exponent(alarm.value),
    }
    return told | ({"keepFiringSince": _time(life.since)} if life.phase is Phase.KEEPING else {})


def _exponent(value: float) -> str:
    """A number as Prometheus writes it here: 1e+00."""
    if value != value or value in (float("inf"), float("-inf")):
        return figure(value)
    digits, _, exponent = f"{value:.17e}".partition("e")
    for places in range(17):
        text = f"{value:.{places}e}"
        if float(text) == value:
            digits, _, exponent = text.partition("e")
            break
    return f"{digits}e{exponent}"


def _time(at: float) -> str:
    if not at:
        return "0001-01-01T00:00:00Z"
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _token(group: Group) -> str:
    # a mark of a place in a list, nothing secret
    return sha1(f"{group.file};{group.name}".encode(), usedforsecurity=False).hexdigest()
