"""An answer as Prometheus's JSON; labels are written once a word, not once a series."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from typing import Any

import msgspec
import numpy as np

from collector.promql.figures import figure, figures
from collector.promql.labels import Labels
from collector.promql.query import Answer, Samples
from collector.promql.segments import Floats
from collector.promql.vectors import Millis, Scalar, Text, Vector

_encode = msgspec.json.encode


_BEGIN = '{"status":"success","data":'


def success(data: bytes, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """The envelope of every good answer."""
    return b"".join([_BEGIN.encode(), data, _end(warnings, infos).encode()])


def _end(warnings: Sequence[str], infos: Sequence[str]) -> str:
    said = {"warnings": warnings, "infos": infos}
    texts = [f',"{key}":{_encode(remarks).decode()}' for key, remarks in said.items() if remarks]
    return "".join([*texts, "}"])


def failure(kind: str, problem: str) -> bytes:
    """The envelope of every bad one."""
    return _encode({"status": "error", "errorType": kind, "error": problem})


def answer(found: Answer, limit: int = 0) -> bytes:
    """The whole document; at most `limit` series (0: all), which a warning then tells."""
    kind, rows = _kind(found)
    warnings = list(found.warnings)
    if limit and len(rows) > limit and kind in ("vector", "matrix"):
        rows = rows[:limit]
        warnings.append("results truncated due to limit")
    before, after = ("[", "]") if kind in ("vector", "matrix") else ("", "")
    head = f'{_BEGIN}{{"resultType":"{kind}","result":{before}'
    parts = [","] * (2 * len(rows) - 1)
    parts[::2] = rows
    # joined once: a copy of what is large costs as much as many of its numbers
    return "".join([head, *parts, f"{after}}}{_end(warnings, found.infos)}"]).encode()


def data_of(found: Answer) -> Any:
    """The same as Python data."""
    return msgspec.json.decode(answer(found))


def label_sets(labels: Labels) -> list[str]:
    """Every row's labels as a JSON object."""
    if not labels.names:
        return ["{}"] * len(labels)
    columns = [_fragments(labels, place) for place in range(len(labels.names))]
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*columns, strict=True)]


def _fragments(labels: Labels, place: int) -> list[str]:
    """`"name":"word"` for each row; nothing where the label is not there."""
    key = _encode(labels.names[place]).decode()
    codes: list[int] = labels.codes[:, place].tolist()
    distinct = set(codes)
    texts = zip(distinct, labels.words.texts(distinct), strict=True)
    written = {code: f"{key}:{_encode(text).decode()}" if text else "" for code, text in texts}
    return [written[code] for code in codes]


def _kind(found: Answer) -> tuple[str, list[str]]:
    """The result's type and its rows as JSON."""
    value = found.value
    at = _seconds(found.times[:1])
    if isinstance(value, Text):
        return "string", [f"[{at},{_encode(value.value).decode()}]"]
    if isinstance(value, Scalar):
        if found.instant:
            return "scalar", [f'[{at},"{figure(float(value.values[0]))}"]']
        return "matrix", [_line("{}", found.times, value.values)]
    if isinstance(value, Samples):
        labels = label_sets(value.windows.labels)
        lines = [value.of(row) for row in range(len(labels))]
        return "matrix", [
            _line(label, times, values)
            for label, (times, values) in zip(labels, lines, strict=True)
        ]
    return _of_vector(value, found, at)


def _of_vector(value: Vector, found: Answer, at: str) -> tuple[str, list[str]]:
    labels = label_sets(value.labels)
    if found.instant:
        texts = figures(value.values[:, 0])
        return "vector", [
            f'{{"metric":{label},"value":[{at},"{text}"]}}'
            for label, text in zip(labels, texts, strict=True)
        ]
    heads, there = _heads_of_steps(found.times), np.ones(len(found.times), bool)
    rows: list[str] = []
    some = heads
    for label, present, values in zip(labels, value.present, value.values, strict=True):
        # series of one site mostly have their values at the same steps
        if not (present == there).all():
            there, some = present, list(compress(heads, present.tolist()))
        rows.append(_written(label, some, values if some is heads else values[there]))
    return "matrix", rows


def _line(label: str, times: Millis, values: Floats) -> str:
    return _written(label, _heads(times), values)


def _heads(times: Millis) -> list[str]:
    """What stands between a value and the next one: the end of its point, and the next time."""
    if not len(times):
        return []
    # one replacement is quicker than a text made for each
    between = _seconds(times).replace(",", ',"|"],[')
    return f'"],[{between},"'.split("|")


def _heads_of_steps(times: Millis) -> Sequence[str]:
    """The same of the steps of a question, which all panels of a dashboard have in common."""
    if len(times) < 2:
        return _heads(times)
    return _heads_of(int(times[0]), int(times[1] - times[0]), len(times))


@lru_cache(maxsize=4)
def _heads_of(first: int, step: int, count: int) -> Sequence[str]:
    return tuple(_heads(first + step * np.arange(count)))


def _written(label: str, heads: Sequence[str], values: Floats) -> str:
    begin = f'{{"metric":{label},"values":['
    if not heads:
        return f"{begin}]}}"
    parts = [""] * (2 * len(heads) + 1)
    parts[:-1:2], parts[1::2] = heads, figures(values)
    # the first head ends no point
    parts[0] = begin + heads[0][3:]
    parts[-1] = '"]]}'
    return "".join(parts)


def _seconds(times: Millis) -> str:
    """Milliseconds as seconds, without a fraction where there is none, and commas between."""
    if not (times % 1000).any():
        return _encode((times // 1000).tolist())[1:-1].decode()
    found = []
    for time in times.tolist():
        whole, rest = divmod(abs(time), 1000)
        sign = "-" if time < 0 else ""
        found.append(f"{sign}{whole}.{rest:03d}" if rest else f"{sign}{whole}")
    return ",".join(found)
