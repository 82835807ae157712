"""Prometheus's HTTP API over our history: what each endpoint answers, without any HTTP.

Every answer is about the sites that the caller may see: his areas become matchers on every
selector, and names and labels are those of series of these sites.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from agent.strict import Refused
from collector import prometheus_params as params
from collector.prometheus_params import Params, bad
from collector.promql import rendering
from collector.promql.limits import Failed, Limits
from collector.promql.listing import Listing, list_series
from collector.promql.parsing import parsed
from collector.promql.plan import Matcher, plan
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source

# the release whose language and API these are; Grafana asks for it
COMPATIBLE = "3.5.0"
LONGEST_LOOK_S = 7 * 86_400.0
_SECONDS = 30.0
_BEFORE_1970 = re.compile(r"@\s*-")


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and JSON document."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints over one centre. `clock` counts seconds for the limit of time."""

    centre: Centre
    clock: Callable[[], float]
    version: str = ""

    def answer(self, path: str, asked: Params, scope: Sequence[Matcher], now: float) -> Reply:
        """What stands under `path` (after `api/v1/`) for somebody who sees this much."""
        endpoint, argument = _route(path)
        function = ENDPOINTS.get(endpoint)
        if function is None:
            return Reply(404, rendering.failure("not_found", f"no endpoint {path!r}"))
        request = _Request(self, argument, asked, tuple(scope), now)
        try:
            return Reply(200, function(request))
        except Failed as failed:
            status = 503 if failed.kind == "timeout" else 422
            return Reply(status, rendering.failure(failed.kind, failed.problem))
        except Refused as refused:
            return Reply(400, rendering.failure("bad_data", str(refused)))


@dataclass(frozen=True, slots=True)
class _Request:
    api: Api
    argument: str
    params: Params
    scope: tuple[Matcher, ...]
    now: float

    def limits(self) -> Limits:
        most = params.seconds(self.params, "timeout", _SECONDS)
        return Limits(seconds=most, clock=self.api.clock)

    def listing(self) -> Listing:
        """The series that `match[]` and the caller's areas leave."""
        stretch = params.stretch(self.params, self.now, LONGEST_LOOK_S)
        chosen = [(*self.scope, *found) for found in params.selections(self.params)]
        source = query_source(self.api.centre)
        everything = not chosen and not self.scope
        wanted = chosen or [self.scope]
        return list_series(source, wanted, stretch, everything, self.limits())


def _query(request: _Request) -> bytes:
    at = params.time_ms(request.params, "time", request.now)
    return _asked(request, Ask(_text(request), at, at, scope=request.scope))


def _query_range(request: _Request) -> bytes:
    start = params.time_ms(request.params, "start", None)
    end = params.time_ms(request.params, "end", None)
    if end < start:
        raise bad("end", "end timestamp must not be before start time")
    step = params.step_ms(request.params)
    return _asked(request, Ask(_text(request), start, end, step, request.scope))


def _asked(request: _Request, question: Ask) -> bytes:
    limits = request.limits()
    limit = params.limit(request.params)
    try:
        # steps are counted before anything is read
        question.times(limits)
        source = query_source(request.api.centre)
        found = ask(question, source, limits, source.words)
    except Failed:
        raise
    except Refused as refused:
        if refused.place != "query":
            raise
        raise bad("query", refused.problem) from None
    return rendering.answer(found, limit)


def _text(request: _Request) -> str:
    if params.one(request.params, "lookback_delta"):
        raise bad("lookback_delta", "is not supported")
    return params.one(request.params, "query")


def _series(request: _Request) -> bytes:
    if not request.params.get("match[]"):
        raise Refused("", "no match[] parameter provided")
    found = request.listing()
    rows = sorted(rendering.label_sets(found.labels))
    return _listed(request, [msgspec.Raw(row.encode()) for row in rows], found)


def _labels(request: _Request) -> bytes:
    found = request.listing()
    return _listed(request, found.names(), found)


def _values(request: _Request) -> bytes:
    found = request.listing()
    return _listed(request, found.values(request.argument), found)


def _listed(request: _Request, rows: list[Any], found: Listing) -> bytes:
    limit = params.limit(request.params)
    warnings = list(found.remarks)
    if limit and len(rows) > limit:
        rows = rows[:limit]
        warnings.append("results truncated due to limit")
    return rendering.success(msgspec.json.encode(rows), warnings)


def _metadata(request: _Request) -> bytes:
    found = request.listing()
    metric, limit = params.one(request.params, "metric"), params.limit(request.params)
    names = [name for name in found.values("__name__") if metric in ("", name)]
    entries = {
        name: [{"type": _type(name), "help": "", "unit": ""}]
        for name in (names[:limit] if limit else names)
    }
    return rendering.success(msgspec.json.encode(entries), found.remarks)


def _type(name: str) -> str:
    return "counter" if name.endswith("_total") else "gauge"


def _format_query(request: _Request) -> bytes:
    text = _plan(request)
    # the parser writes every time before 1970 as 1970
    written = text if _BEFORE_1970.search(text) else parsed(text).prettify()
    return rendering.success(msgspec.json.encode(written))


def _plan(request: _Request) -> str:
    """The query, which can be read."""
    text = params.one(request.params, "query")
    try:
        plan(text)
    except Refused as refused:
        raise bad("query", refused.problem) from None
    return text


def _exemplars(request: _Request) -> bytes:
    """There are none here; Grafana asks for them beside every panel."""
    params.time_ms(request.params, "start", 0.0)
    params.time_ms(request.params, "end", 0.0)
    _plan(request)
    return rendering.success(b"[]")


def _rules(_request: _Request) -> bytes:
    return rendering.success(b'{"groups":[]}')


def _alerts(_request: _Request) -> bytes:
    return rendering.success(b'{"alerts":[]}')


def _buildinfo(request: _Request) -> bytes:
    told = {
        "version": COMPATIBLE,
        "revision": f"ronda {request.api.version}".strip(),
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }
    return rendering.success(msgspec.json.encode(told))


def _route(path: str) -> tuple[str, str]:
    """The endpoint, and the label's name in `label/<name>/values`."""
    parts = path.strip("/").split("/")
    if len(parts) == 3 and parts[0] == "label" and parts[2] == "values":
        return "label/values", _label_name(parts[1])
    return "/".join(parts), ""


def _label_name(text: str) -> str:
    """A label's name out of an address; `U__` begins one with escaped characters."""
    if not text.startswith("U__"):
        return text
    pieces = text[3:].replace("__", "\0").split("_")
    name = pieces[0]
    for place, piece in enumerate(pieces[1:], 1):
        odd = place % 2 == 1
        try:
            name += chr(int(piece, 16)) if odd else piece
        except (ValueError, OverflowError):
            return text
    return name.replace("\0", "_")


ENDPOINTS: dict[str, Callable[[_Request], bytes]] = {
    "query": _query,
    "query_exemplars": _exemplars,
    "query_range": _query_range,
    "series": _series,
    "labels": _labels,
    "label/values": _values,
    "metadata": _metadata,
    "format_query": _format_query,
    "rules": _rules,
    "alerts": _alerts,
    "status/buildinfo": _buildinfo,
}
