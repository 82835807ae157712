"""`ronda query`: an expression over the centre's history, as table, chart or JSON."""

import argparse
import sys
import time
from datetime import UTC, datetime
from typing import Any

from agent.strict import Refused
from collector import db
from collector.cli_common import leaf, print_json, print_table, settings_of
from collector.promql import rendering
from collector.promql.figures import figure
from collector.promql.labels import NAME, say
from collector.promql.limits import Limits
from collector.promql.notation import read_span
from collector.promql.query import Answer, Ask, Samples, ask
from collector.promql.source import Centre, query_source
from collector.promql.sparks import chart
from collector.promql.vectors import Scalar, Text, Vector

_STEPS = 250
# in seconds: a line of whole hours or days is read at a glance, and out of roll-ups
_FAIR = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAY_S = 86_400


def commands(subparsers: Any) -> None:
    """Add `query`."""
    query = leaf(subparsers, "query", "ask the history in PromQL", run)
    query.add_argument("expr", metavar="EXPR")
    query.add_argument("--at", metavar="T", help="seconds or ISO 8601; now")
    query.add_argument("--from", dest="start", metavar="T", help="over time, from here")
    query.add_argument("--to", dest="end", metavar="T", help="to here; now")
    query.add_argument("--step", metavar="S", help="seconds or 5m; about a 250th of the time")


def run(args: argparse.Namespace) -> int:
    """Ask and print; 1 when the answer is empty."""
    settings = settings_of(args)
    db.migrate(settings)
    store, history = db.open_store(settings), db.open_history(settings)
    try:
        source = query_source(Centre(settings, store, history))
        question = asked(args, time.time())
        limits = Limits(clock=time.monotonic)
        _check(question, limits)
        found = ask(question, source, limits, source.words)
    finally:
        store.dispose()
        history.dispose()
    if args.json:
        print_json(rendering.data_of(found))
    else:
        show(found)
    for text in [*found.warnings, *found.infos]:
        print(f"ronda: {text}", file=sys.stderr)
    return 0 if _anything(found) else 1


def asked(args: argparse.Namespace, now: float) -> Ask:
    """The question the options make."""
    if args.start is None:
        if args.end is not None or args.step is not None:
            raise Refused("--from", "is missing: --to and --step need it")
        at = _time_ms("--at", args.at, now)
        return Ask(args.expr, at, at)
    if args.at is not None:
        raise Refused("--at", "is for one moment, --from for a stretch of time")
    start, end = _time_ms("--from", args.start, now), _time_ms("--to", args.end, now)
    step = read_span(args.step) if args.step else _fair_step(end - start)
    if step <= 0:
        raise Refused("--step", "must be more than 0")
    return Ask(args.expr, start, end, step)


def _fair_step(span_ms: int) -> int:
    """About a 250th of the time, as people cut it."""
    least = span_ms / 1000 / _STEPS
    fair = next((step for step in _FAIR if step >= least), -(-int(least) // _DAY_S) * _DAY_S)
    return max(fair, 1) * 1000


def _check(question: Ask, limits: Limits) -> None:
    """Refuse in the words of the options what would be refused in those of the API."""
    if question.instant:
        return
    if question.end_ms < question.start_ms:
        raise Refused("--to", "must not be before --from")
    steps = (question.end_ms - question.start_ms) // question.step_ms + 1
    if steps > limits.steps:
        least = _least_step(question.end_ms - question.start_ms, limits.steps)
        raise Refused(
            "--step", f"gives {steps:,} points, more than {limits.steps:,}: {least} will do"
        )


def _least_step(span_ms: int, steps: int) -> str:
    """The shortest step of whole seconds that gives no more steps than that."""
    return f"{-(-span_ms // (steps - 1) // 1000)}s"


def show(found: Answer) -> None:
    """For people: a table of an instant answer, a line with a chart for each series over time."""
    value = found.value
    if isinstance(value, Text):
        print(value.value)
    elif isinstance(value, Scalar) and found.instant:
        print(figure(float(value.values[0])))
    elif isinstance(value, Samples):
        _samples(value)
    elif isinstance(value, Vector) and found.instant:
        _table(value)
    else:
        for name, values in _lines(found):
            print(chart(name, values))
        _axis(found)
    if not _anything(found):
        print("ronda: nothing was found", file=sys.stderr)


def _samples(value: Samples) -> None:
    """Every sample as it was reported."""
    labels = value.windows.labels
    for place in range(len(labels)):
        print(_name(labels.row(place)) or "{}")
        times, values = value.of(place)
        for time_ms, number in zip(times.tolist(), values.tolist(), strict=True):
            print(f"  {_moment(time_ms, 'milliseconds')}  {figure(number)}")


def _axis(found: Answer) -> None:
    """What the lines reach from and to."""
    times = found.times.tolist()
    if len(times) > 1 and _anything(found):
        every = _span((times[1] - times[0]) / 1000)
        print(f"{_moment(times[0])} to {_moment(times[-1])}, every {every}")


def _span(seconds: float) -> str:
    """In the longest unit that goes into it."""
    for unit, length in (("d", _DAY_S), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _moment(time_ms: int, spec: str = "seconds") -> str:
    date = datetime.fromtimestamp(time_ms / 1000, UTC)
    return date.isoformat(timespec=spec).replace("+00:00", "Z")


def _table(value: Vector) -> None:
    if not len(value):
        return
    rows = [value.labels.row(place) for place in range(len(value))]
    names = sorted({name for row in rows for name in row} - {NAME})
    headers = [NAME.strip("_"), *names, "value"]
    cells = [
        [row.get(NAME, ""), *(row.get(name, "") for name in names), figure(number)]
        for row, number in zip(rows, value.values[:, 0].tolist(), strict=True)
    ]
    print_table(headers, cells)


def _lines(found: Answer) -> list[tuple[str, list[float]]]:
    """Every series over time: its labels and values, NaN where there is none."""
    value = found.value
    if isinstance(value, Scalar):
        return [("", value.values.tolist())]
    assert isinstance(value, Vector)
    lines = []
    for place in range(len(value)):
        pairs = zip(value.values[place].tolist(), value.present[place].tolist(), strict=True)
        line = [number if there else float("nan") for number, there in pairs]
        lines.append((_name(value.labels.row(place)), line))
    return lines


def _name(labels: dict[str, str]) -> str:
    own = {name: text for name, text in labels.items() if name != NAME}
    return labels.get(NAME, "") + (say(own) if own else "")


def _anything(found: Answer) -> bool:
    if isinstance(found.value, Vector):
        return len(found.value) > 0
    return not isinstance(found.value, Samples) or len(found.value.windows.labels) > 0


def _time_ms(option: str, text: str | None, now: float) -> int:
    if text is None:
        return round(now * 1000)
    try:
        return round(float(text) * 1000)
    except ValueError:
        pass
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(option, f"expected seconds or ISO 8601, got {text!r}") from None
    return round((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000)
