"""The ways to read raw samples that engines know, best first; each asks one selector once.

`remote_read` (Prometheus, Mimir) and `export` (VictoriaMetrics) give every sample, also those that
say where a series ends. A query of a range selector, which all understand (Thanos has nothing
else), leaves these out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import cramjam
import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.external import protobuf
from collector.external.line import FORM, Line, TooLong, Unanswered
from collector.promql.labels import quote
from collector.promql.plan import Matcher

Millis = NDArray[np.int64]
Floats = NDArray[np.float64]
_WORD = re.compile(rb'(?<![\w"])([+-]?Inf(?:inity)?|NaN)(?![\w"])')
# what is raised by text or numbers that no engine writes: too deep, too large, none at all
_NONE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
# more samples than this are not read out of one answer
_MOST_INFLATED = 12 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Lent:
    """One series as the engine has it; a NaN ends it until the next sample."""

    labels: dict[str, str]
    times_ms: Millis
    values: Floats


@dataclass(frozen=True, slots=True)
class Question:
    """The samples of the series that match, with times in [start, end]; how long to wait."""

    matchers: tuple[Matcher, ...]
    start_ms: int
    end_ms: int
    limit_s: float


Way = Callable[[Line, Question], list[Lent]]


def remote_read(line: Line, question: Question) -> list[Lent]:
    """Prometheus's protocol for this: protobuf in snappy."""
    asked = protobuf.read_request(question.matchers, question.start_ms, question.end_ms)
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Read-Version": "0.1.0",
    }
    body = bytes(cramjam.snappy.compress_raw(asked))
    told = line.ask("/api/v1/read", body, headers, question.limit_s)
    try:
        if cramjam.snappy.decompress_raw_len(told) > _MOST_INFLATED:
            raise TooLong(f"its answer is longer than {_MOST_INFLATED >> 20} MiB")
        series = protobuf.read_response(bytes(cramjam.snappy.decompress_raw(told)))
        return [_within(Lent(*one), question) for one in series]
    except (cramjam.DecompressionError, Refused, *_NONE) as error:
        raise Unanswered(f"its answer to a remote read is none: {error}") from error


class _Exported(msgspec.Struct):
    metric: dict[str, str]
    values: list[float | str | None]
    timestamps: list[int]


def export(line: Line, question: Question) -> list[Lent]:
    """VictoriaMetrics's own: a line of JSON for each series."""
    asked = {
        "match[]": _selector(question.matchers),
        "start": f"{question.start_ms / 1000:.3f}",
        "end": f"{question.end_ms / 1000:.3f}",
    }
    told = line.ask("/api/v1/export", urlencode(asked).encode(), FORM, question.limit_s)
    try:
        decoder = msgspec.json.Decoder(_Exported)
        rows = [decoder.decode(_plain(row)) for row in told.split(b"\n") if row]
        return [
            _within(Lent(row.metric, _times(row.timestamps), _numbers(row.values)), question)
            for row in rows
        ]
    except _NONE as error:
        raise Unanswered(f"its export cannot be read: {error}") from error


def _plain(row: bytes) -> bytes:
    """JSON, where VictoriaMetrics has words among its numbers."""
    head, begun, rest = row.partition(b'"values":[')
    numbers, ended, tail = rest.partition(b"]")
    if b"N" not in numbers and b"I" not in numbers:
        return row
    return head + begun + _WORD.sub(rb'"\1"', numbers) + ended + tail


class _Row(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Matrix(msgspec.Struct):
    result: list[_Row]


class _Answer(msgspec.Struct):
    status: str
    data: _Matrix


def query(line: Line, question: Question) -> list[Lent]:
    """An instant query of a range selector, which begins just after its start."""
    length = question.end_ms - question.start_ms + 1
    asked = {
        "query": f"{_selector(question.matchers)}[{length}ms]",
        "time": f"{question.end_ms / 1000:.3f}",
    }
    told = line.ask("/api/v1/query", urlencode(asked).encode(), FORM, question.limit_s)
    try:
        rows = msgspec.json.decode(told, type=_Answer).data.result
        return [_within(_of_row(row), question) for row in rows]
    except _NONE as error:
        raise Unanswered(f"its answer to a query cannot be read: {error}") from error


WAYS: dict[str, Way] = {"remote_read": remote_read, "export": export, "query": query}


def _of_row(row: _Row) -> Lent:
    times = np.array([round(time * 1000) for time, _ in row.values], np.int64)
    return Lent(row.metric, times, _numbers([value for _, value in row.values]))


def _times(told: Sequence[int]) -> Millis:
    return np.array(told, np.int64)


def _numbers(told: Sequence[float | str | None]) -> Floats:
    return np.array([_number(value) for value in told], np.float64)


def _number(value: float | str | None) -> float:
    """Python reads all that engines write: NaN, Inf, +Inf, -Infinity."""
    return float("nan") if value is None else float(value)


def _within(lent: Lent, question: Question) -> Lent:
    """What some engines round into the stretch does not belong to it."""
    if len(lent.times_ms) != len(lent.values):
        raise ValueError("as many times as values were expected")
    inside = (lent.times_ms >= question.start_ms) & (lent.times_ms <= question.end_ms)
    return Lent(lent.labels, lent.times_ms[inside], lent.values[inside])


def _selector(matchers: Sequence[Matcher]) -> str:
    inside = ",".join(f"{one.label}{one.op}{quote(one.value)}" for one in matchers)
    return "{" + inside + "}"


def failed(error: Unanswered) -> bool:
    """Whether the engine said that it does not know this way, and not that it will not."""
    return error.status in (400, 404, 405, 415, 501)
