"""Is an answer what a case expects? Numbers are equal to within 1e-9."""

import math
import re
import sys

from collector.promql.labels import say
from collector.promql.query import Answer, Samples
from collector.promql.vectors import Scalar, Text, Vector
from tests.promqltest.script import Eval

_TOLERANCE = 1e-9
_NORMAL = sys.float_info.min

Points = dict[int, float]


def complaint(case: Eval, answer: Answer) -> str:
    """What is wrong with the answer; empty when nothing is."""
    if case.wants("fail"):
        return "should have failed"
    wrong = _notes(case, "warn", answer.warnings) or _notes(case, "info", answer.infos)
    if wrong:
        return wrong
    value = answer.value
    if isinstance(value, Text):
        return "" if value.value == case.string else f"got the string {value.value!r}"
    if case.string is not None:
        return "expected a string"
    if isinstance(value, Scalar) and case.scalar is not None:
        got = float(value.values[0])
        return "" if same(got, case.scalar) else f"got {got}, expected {case.scalar}"
    return _series(case, _found(answer))


def failure(case: Eval, problem: str) -> str:
    """What is wrong with failing like this."""
    wanted = [(how, text) for kind, how, text in case.expect if kind == "fail"]
    if not wanted:
        return f"failed: {problem}"
    for how, text in wanted:
        if how == "msg" and problem != text:
            return f"failed with {problem!r}, expected {text!r}"
        if how == "regex" and not re.search(text, problem):
            return f"failed with {problem!r}, expected {text!r}"
    return ""


def same(a: float, b: float) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if a == b:
        return True
    if math.isinf(a) or math.isinf(b):
        return False
    size, apart = abs(a) + abs(b), abs(a - b)
    if a == 0 or b == 0 or size < _NORMAL:
        return apart < _TOLERANCE * _NORMAL
    return apart / min(size, sys.float_info.max) < _TOLERANCE


def _notes(case: Eval, kind: str, told: object) -> str:
    said = list(told) if isinstance(told, tuple | list) else []
    if case.wants(f"no_{kind}") and said:
        return f"says {said}"
    wanted = [(how, text) for found, how, text in case.expect if found == kind]
    if wanted and not said:
        return f"does not {kind}"
    for how, text in wanted:
        if not any(_told(how, text, one) for one in said):
            return f"says {said}, expected {text!r}"
    for one in said if wanted else []:
        if not any(_told(how, text, one) for how, text in wanted):
            return f"says {one!r} too"
    return ""


def _told(how: str, text: str, said: str) -> bool:
    if how == "msg":
        return said == text
    return re.search(text, said) is not None if how == "regex" else True


def _found(answer: Answer) -> list[tuple[str, Points]]:
    value = answer.value
    times = answer.times.tolist()
    if isinstance(value, Scalar):
        return [("{}", dict(zip(times, value.values.tolist(), strict=True)))]
    if isinstance(value, Samples):
        labels = value.windows.labels
        return [(say(labels.row(i)), _raw(value, i)) for i in range(len(labels))]
    assert isinstance(value, Vector)
    rows = []
    for i in range(len(value)):
        line = zip(times, value.values[i].tolist(), value.present[i].tolist(), strict=True)
        rows.append((say(value.labels.row(i)), {t: v for t, v, there in line if there}))
    return rows


def _raw(value: Samples, row: int) -> Points:
    times, values = value.of(row)
    return dict(zip(times.tolist(), values.tolist(), strict=True))


def _series(case: Eval, found: list[tuple[str, Points]]) -> str:
    first, step = case.points_ms or (case.start_ms, case.step_ms)
    expected = []
    for written in case.series:
        points = {first + i * step: v for i, v in enumerate(written.points) if v is not None}
        if points:
            expected.append((say(written.labels), points))
    if case.wants("ordered") and [k for k, _ in found] != [k for k, _ in expected]:
        return f"order {[k for k, _ in found]}, expected {[k for k, _ in expected]}"
    got = dict(found)
    if len(got) != len(found):
        return "the same series twice"
    if got.keys() != dict(expected).keys():
        return f"got {found}, expected {expected}"
    for key, points in expected:
        if not _alike(got[key], points):
            return f"{key}: got {got[key]}, expected {points}"
    return ""


def _alike(got: Points, expected: Points) -> bool:
    return got.keys() == expected.keys() and all(same(got[t], expected[t]) for t in got)
