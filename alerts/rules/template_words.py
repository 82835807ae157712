"""The functions that templates of rules can call: Prometheus's own, and those of Go."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from agent.strict import Refused
from alerts.rules.go_format import kind_of, printf, show, significant
from collector.promql.regex import found_in, replaced
from collector.yaml_files import durations


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of a query in a template."""

    labels: Mapping[str, str]
    value: float


Query = Callable[[str], Sequence[Sample]]


def _nobody(_: str) -> Sequence[Sample]:
    return ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a template tells of; without a `query` every query finds nothing."""

    labels: Mapping[str, str] = field(default_factory=dict)
    value: float = 0.0
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    query: Query = _nobody
    now: float = 0.0


Function = Callable[..., Any]
# 64 bits of nanoseconds
_FURTHEST_S = 2**63 / 1e9
_LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")


def number(value: Any) -> float:
    """What the humanize functions take: a number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refused("", f"can't convert {kind_of(value)} to float")
    try:
        return float(value)
    except ValueError:
        raise Refused("", f"not a number: {str(value)[:40]!r}") from None


def humanize(value: Any) -> str:
    v = number(value)
    if v == 0 or not math.isfinite(v):
        return significant(v)
    if abs(v) >= 1:
        return _scaled(v, _LARGE, 1000)
    return _small(v)


def humanize1024(value: Any) -> str:
    v = number(value)
    if abs(v) <= 1 or not math.isfinite(v):
        return significant(v)
    return _scaled(v, _BINARY, 1024)


def humanize_duration(value: Any) -> str:
    v = number(value)
    if not math.isfinite(v):
        return significant(v)
    if v == 0:
        return "0s"
    if abs(v) < 1:
        return f"{_small(v)}s"
    sign, whole = "-" if v < 0 else "", int(abs(v))
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {whole % 60}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {whole % 60}s"
    if minutes:
        return f"{sign}{minutes}m {whole % 60}s"
    return f"{sign}{significant(abs(v))}s"


def humanize_percentage(value: Any) -> str:
    return f"{significant(number(value) * 100)}%"


def humanize_timestamp(value: Any) -> str:
    v = number(value)
    if not math.isfinite(v):
        return significant(v)
    if abs(v) > _FURTHEST_S:
        raise Refused("", f"{significant(v)} cannot be represented as a time")
    whole, nanos = divmod(round(v * 1e9), 10**9)
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=whole)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def _scaled(v: float, prefixes: Sequence[str], by: int) -> str:
    prefix = ""
    for bigger in prefixes:
        if abs(v) < by:
            break
        prefix, v = bigger, v / by
    return f"{significant(v)}{prefix}"


def _small(v: float) -> str:
    prefix = ""
    for smaller in _SMALL:
        if abs(v) >= 1:
            break
        prefix, v = smaller, v * 1000
    return f"{significant(v)}{prefix}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("", f"wrong type: expected text, got {kind_of(value)}")
    return value


def _pattern(act: Callable[..., Any]) -> Function:
    def call(pattern: Any, *texts: Any) -> Any:
        try:
            return act(_text(pattern), *map(_text, texts))
        except ValueError as error:
            raise Refused("", f"bad pattern {str(pattern)[:60]!r}: {error}") from None

    return call


def _first(found: Any) -> Any:
    if not isinstance(found, list | tuple) or not found:
        raise Refused("", "first() called on vector with no elements")
    return found[0]


def _sample(value: Any) -> Sample:
    if not isinstance(value, Sample):
        raise Refused("", f"expected a sample of a query, got {kind_of(value)}")
    return value


def _by_label(label: Any, found: Any) -> list[Sample]:
    return sorted(map(_sample, found), key=lambda sample: sample.labels.get(_text(label), ""))


def _title(text: Any) -> str:
    told, before = "", " "
    for c in _text(text):
        told += c.title() if not (before.isalnum() or before in "_'") else c
        before = c
    return told


def _without_port(text: Any) -> str:
    host, colon, port = _text(text).rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1]
    return host if colon and ":" not in host else _text(text)


def _without_domain(text: Any) -> str:
    host = _without_port(text)
    port = _text(text)[len(host) :] if _text(text).startswith(host) else ""
    if host.replace(".", "").isdigit() or ":" in host:
        return _text(text)
    return host.partition(".")[0] + port


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(_text(key), "")
        elif isinstance(value, list | tuple) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            raise Refused("", f"cannot index {kind_of(value)} with {show(key)}")
    return value


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping | list | tuple):
        return len(value)
    raise Refused("", f"len of type {kind_of(value)}")


def _and_or(stop: bool) -> Function:
    def call(first: Any, *rest: Any) -> Any:
        value = first
        for following in rest:
            if truth(value) is stop:
                return value
            value = following
        return value

    return call


def truth(value: Any) -> bool:
    """Whether Go takes it for true: what is not empty and not zero."""
    return True if isinstance(value, Sample) else bool(value)


def _same(left: Any, *rights: Any) -> bool:
    if not rights:
        raise Refused("", "missing argument for comparison")
    return any(_comparable(left, right) and left == right for right in rights)


def _comparable(left: Any, right: Any) -> bool:
    if type(left) is not type(right) and None not in (left, right):
        kinds = f"{kind_of(left)} and {kind_of(right)}"
        raise Refused("", f"incompatible types for comparison: {kinds}; write 80.0 for a float")
    return True


def _order(compare: Callable[[Any, Any], bool]) -> Function:
    def call(left: Any, right: Any) -> bool:
        if isinstance(left, bool) or not isinstance(left, int | float | str):
            raise Refused("", f"invalid type for comparison: {kind_of(left)}")
        return _comparable(left, right) and compare(left, right)

    return call


def _print(*values: Any) -> str:
    """As Go's Sprint: a space between two values of which neither is text."""
    told = ""
    for place, value in enumerate(values):
        if place and not isinstance(value, str) and not isinstance(values[place - 1], str):
            told += " "
        told += show(value)
    return told


def functions(context: Context) -> dict[str, Function]:
    """All of them by name, for one rendering."""
    asked = [0]

    def query(text: Any) -> list[Sample]:
        asked[0] += 1
        if asked[0] > _MOST_QUERIES:
            raise Refused("", f"more than {_MOST_QUERIES} queries in a template")
        return list(context.query(_text(text)))

    own: dict[str, Function] = {
        "query": query,
        "externalURL": lambda: context.external_url,
        "pathPrefix": lambda: "/" + context.external_url.partition("://")[2].partition("/")[2],
        "now": lambda: float(context.now),
    }
    return _FIXED | own


_MOST_QUERIES = 10
_FIXED: dict[str, Function] = {
    "humanize": humanize,
    "humanize1024": humanize1024,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": humanize_percentage,
    "humanizeTimestamp": humanize_timestamp,
    "title": _title,
    "toUpper": lambda text: _text(text).upper(),
    "toLower": lambda text: _text(text).lower(),
    "match": _pattern(found_in),
    "reReplaceAll": _pattern(replaced),
    "stripPort": _without_port,
    "stripDomain": _without_domain,
    "parseDuration": lambda text: durations.read(_text(text)) / 1000,
    "first": _first,
    "label": lambda name, sample: _sample(sample).labels.get(_text(name), ""),
    "value": lambda sample: _sample(sample).value,
    "strvalue": lambda sample: _sample(sample).labels.get("__value__", ""),
    "sortByLabel": _by_label,
    "args": lambda *values: {f"arg{place}": value for place, value in enumerate(values)},
    "safeHtml": _text,
    "graphLink": lambda text: f"/graph?g0.expr={quote_plus(_text(text))}&g0.tab=0",
    "tableLink": lambda text: f"/graph?g0.expr={quote_plus(_text(text))}&g0.tab=1",
    "urlQueryEscape": lambda text: quote_plus(_text(text)),
    "urlquery": lambda *values: quote_plus(_print(*values)),
    "print": _print,
    "println": lambda *values: " ".join(map(show, values)) + "\n",
    "printf": lambda form, *values: printf(_text(form), values),
    "and": _and_or(False),
    "or": _and_or(True),
    "not": lambda value: not truth(value),
    "eq": _same,
    "ne": lambda left, right: not _same(left, right),
    "lt": _order(lambda left, right: left < right),
    "le": _order(lambda left, right: left <= right),
    "gt": _order(lambda left, right: left > right),
    "ge": _order(lambda left, right: left >= right),
    "index": _index,
    "len": _length,
}
NAMES = frozenset({*_FIXED, "query", "externalURL", "pathPrefix", "now"})
# Go and Prometheus have these, too; no rule needs them
UNSUPPORTED = frozenset({"call", "html", "js", "slice", "tmpl", "toTime", "toDuration"})
