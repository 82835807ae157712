"""How the rules themselves are: errors, how long they took, when; a small row of table meta."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from collector.db import meta_get, meta_set

_KEY = "rules_status"
# it is told after each round; where there are none, so often
AT_LEAST_EVERY_S = 10.0
MOST_PROBLEMS = 50


@dataclass(slots=True)
class RuleStatus:
    """Of one rule: `error` is empty while it works; `beyond` counts alarms it may not have."""

    at: float = 0.0  # when it was last evaluated
    took_s: float = 0.0
    error: str = ""
    failures: int = 0
    beyond: int = 0
    firing: int = 0
    pending: int = 0

    @property
    def health(self) -> str:
        return "unknown" if not self.at else "err" if self.error else "ok"


@dataclass(frozen=True, slots=True)
class Status:
    """Of all rules at `at`; keys are those of `key`. `round_s`: the work of the last round.

    `problems`: what is wrong with their files, a line each. `reach_s`: how far back one looks.
    """

    at: float = 0.0
    round_s: float = 0.0
    rules: Mapping[str, RuleStatus] | None = None
    problems: Sequence[str] = ()
    reach_s: float = 0.0

    def of(self, key: str) -> RuleStatus:
        return (self.rules or {}).get(key) or RuleStatus()


def key(file: str, group: str, place: int) -> str:
    """How a rule is called here: `place` is its place in its group."""
    return f"{file};{group};{place}"


def put(connection: Connection, status: Status) -> None:
    told = {
        "at": status.at,
        "round_s": status.round_s,
        "reach_s": status.reach_s,
        "problems": list(status.problems[:MOST_PROBLEMS]),
        "rules": {name: asdict(rule) for name, rule in (status.rules or {}).items()},
    }
    meta_set(connection, _KEY, json.dumps(told, separators=(",", ":")))


def get(connection: Connection) -> Status:
    """What the engine last told; nothing before it did."""
    text = meta_get(connection, _KEY)
    if not text:
        return Status()
    told = json.loads(text)
    rules = {name: RuleStatus(**rule) for name, rule in told["rules"].items()}
    return Status(
        told["at"], told["round_s"], rules, told.get("problems", ()), told.get("reach_s", 0.0)
    )
