"""What Grafana makes of a dashboard: variables and intervals put in, requests as it sends them.

After its Prometheus data source of versions 11 and 12, whose code is read, not taken.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana"
BOARDS = {path.stem: path for path in sorted((FOLDER / "dashboards").glob("*.json"))}
# as deploy/grafana/provisioning sets the data source up
LEAST_STEP_S = 60
_POINTS = 900
_LABEL_VALUES = re.compile(r"^label_values\((?:(.+),\s*)?([a-zA-Z_][a-zA-Z0-9_]*)\)\s*$")
_META = re.compile(r"([$^*{}\[\]+?.()|])")
_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")

Chosen = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a dashboard, as it goes over the wire."""

    place: str
    query: str
    instant: bool


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is looked at."""

    start: float
    end: float

    @property
    def step_s(self) -> int:
        return max(LEAST_STEP_S, round((self.end - self.start) / _POINTS))

    def params(self, asked: Asked) -> dict[str, str]:
        """The form of `query` or `query_range`; ranges begin and end at whole steps."""
        if asked.instant:
            return {"query": asked.query, "time": f"{self.end:.3f}"}
        step = self.step_s
        start, end = (int(at // step * step) for at in (self.start, self.end))
        return {"query": asked.query, "start": str(start), "end": str(end), "step": str(step)}


def board(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(BOARDS[name].read_text())
    return found


def variables(told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {variable["name"]: variable for variable in told["templating"]["list"]}


def label_values(query: str) -> tuple[str | None, str]:
    """The selector and the label of a `label_values`."""
    found = _LABEL_VALUES.match(query)
    assert found, query
    return found[1], found[2]


def questions(told: Mapping[str, Any], chosen: Chosen, span: Span) -> Iterator[Asked]:
    """Every expression of every panel and annotation."""
    known = variables(told)
    for panel in told["panels"]:
        for target in panel.get("targets", []):
            place = f"{told['title']} / {panel['title']} / {target['refId']}"
            text = put_in(target["expr"], known, chosen, span)
            yield Asked(place, text, target["instant"])
    for annotation in told["annotations"]["list"]:
        if "expr" in annotation:
            place = f"{told['title']} / annotation {annotation['name']}"
            yield Asked(place, put_in(annotation["expr"], known, chosen, span), False)


def put_in(
    text: str, known: Mapping[str, Mapping[str, Any]], chosen: Chosen, span: Span | None = None
) -> str:
    """An expression with nothing left to put in; KeyError names a variable that is not there."""
    own = _intervals(span) if span else {}

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return own[name] if name in own else _interpolated(known[name], chosen[name])

    return _VARIABLE.sub(value, text)


def _intervals(span: Span) -> dict[str, str]:
    step = span.step_s
    rate = max(step + LEAST_STEP_S, 4 * LEAST_STEP_S)
    whole = round(span.end - span.start)
    return {
        "__interval": f"{step // 60}m" if step % 60 == 0 else f"{step}s",
        "__interval_ms": str(step * 1000),
        # as Go writes a duration
        "__rate_interval": f"{rate // 60}m{rate % 60}s",
        "__range": f"{whole}s",
        "__range_s": str(whole),
    }


def _interpolated(variable: Mapping[str, Any], value: str | Sequence[str]) -> str:
    if value == "$__all":
        return str(variable["allValue"])
    if not (variable["multi"] or variable["includeAll"]):
        assert isinstance(value, str)
        return value.replace("\\", "\\\\").replace("'", "\\\\'")
    if isinstance(value, str):
        return _for_regex(value)
    escaped = [_for_regex(one) for one in value]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _for_regex(value: str) -> str:
    """Escaped for a regular expression, and that for the string it stands in."""
    return _META.sub(r"\\\\\1", value.replace("\\", "\\" * 4))
