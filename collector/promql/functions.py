"""Every function of the language by its name; the table is what is supported."""

from collections.abc import Callable

import numpy as np

from collector.promql import overtime, rates
from collector.promql.calendar import PARTS, part
from collector.promql.context import Evaluation
from collector.promql.figures import figure
from collector.promql.histograms import fraction_reader, histograms, quantile_reader
from collector.promql.labels import NAME, nothing, of_rows, quote
from collector.promql.plan import Call, Node, Selector, position
from collector.promql.renaming import joined_words, replaced
from collector.promql.segments import Floats
from collector.promql.sorting import by_labels, by_value
from collector.promql.vectors import Scalar, Use, Value, Vector, empty, joined
from collector.promql.windowing import Chunk, over

Function = Callable[[Evaluation, Call], Value]

_COUNTER_NAMES = ("_total", "_sum", "_count", "_bucket")
_NOT_COUNTER = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:"
_SORTED = "sort is ineffective for range queries since results are always ordered by labels"


def each(change: Callable[[Floats], Floats]) -> Function:
    """A function of every number of a vector."""

    def function(ev: Evaluation, call: Call) -> Value:
        vector = ev.vector(call.args[0])
        return vector.valued(change(vector.values))

    return function


def window(change: Callable[[Chunk], Floats], least: int = 1, keeps_name: bool = False) -> Function:
    """A function of every window with at least this many samples."""

    def function(ev: Evaluation, call: Call) -> Value:
        known = overtime.SPANNED.get(call.name)
        windows = ev.windows(call.args[0], Use.SPANS if known else Use.RAW)
        used = change if windows.spans is None or known is None else known
        found = over(windows, ev.question.limits, used, least)
        if keeps_name:
            return Vector(found.labels, found.values, found.present, windows.dropped)
        return found

    return function


def _rate(counter: bool, per_second: bool) -> Function:
    def function(ev: Evaluation, call: Call) -> Value:
        windows = ev.windows(call.args[0], Use.GROWTH if counter else Use.SPANS)
        limits = ev.question.limits
        if counter:
            seen = windows.filled().any(axis=1)
            names = np.unique(windows.labels.column(NAME)[seen])
            for name in windows.labels.words.texts(names.tolist()):
                if name and not name.endswith(_COUNTER_NAMES):
                    text = f"{_NOT_COUNTER} {quote(name)}"
                    ev.question.notes.inform(text, position(call.args[0]))
        return over(windows, limits, lambda c: rates.extrapolated(c, counter, per_second), 2)

    return function


def _last_two(per_second: bool) -> Function:
    def function(ev: Evaluation, call: Call) -> Value:
        windows = ev.windows(call.args[0])
        values, present = rates.by_last_two(windows, per_second)
        return Vector(windows.labels, values, present, np.ones(len(windows.labels), bool))

    return function


def _deriv(chunk: Chunk) -> Floats:
    return rates.line(chunk, chunk.time(chunk.lo))[0]


def _predict(ev: Evaluation, call: Call) -> Value:
    ahead = ev.number(call.args[1])

    def predicted(chunk: Chunk) -> Floats:
        slope, now = rates.line(chunk, chunk.asked_at)
        return slope * ahead[chunk.step] + now

    return over(ev.windows(call.args[0]), ev.question.limits, predicted, 2)


def _smoothing(ev: Evaluation, call: Call) -> Value:
    factor, trend = ev.number(call.args[1]), ev.number(call.args[2])
    windows = ev.windows(call.args[0])
    # a wrong factor is wrong also where there is too little to smooth
    some = windows.filled().any(axis=0)
    rates.check_factors(factor[some], trend[some])
    return over(windows, ev.question.limits, lambda c: rates.smoothed(c, factor, trend), 2)


def _quantile_over_time(ev: Evaluation, call: Call) -> Value:
    q = ev.number(call.args[0])
    windows = ev.windows(call.args[1])
    if windows.filled().any():
        ev.question.notes.quantile(q, position(call.args[0]))
    return over(windows, ev.question.limits, lambda c: overtime.quantile(c, q))


def _round(ev: Evaluation, call: Call) -> Value:
    vector = ev.vector(call.args[0])
    to = ev.number(call.args[1]) if len(call.args) > 1 else np.ones(len(ev.times))
    # the inverse loses less: 1 / 0.1 is 10 exactly
    inverse = 1.0 / to
    return vector.valued(np.floor(vector.values * inverse + 0.5) / inverse)


def _clamp(ev: Evaluation, call: Call) -> Value:
    vector = ev.vector(call.args[0])
    bound = ev.number(call.args[1])
    low = np.full(len(ev.times), -np.inf) if call.name == "clamp_max" else bound
    high = bound if call.name == "clamp_max" else np.full(len(ev.times), np.inf)
    if call.name == "clamp":
        high = ev.number(call.args[2])
    values = _larger(low, -_larger(-high, -vector.values))
    return vector.valued(values, vector.present & ~(high < low))


def _larger(a: Floats, b: Floats) -> Floats:
    """The larger one; nothing is larger than infinity, even where the other is not a number."""
    return np.where(np.isposinf(a) | np.isposinf(b), np.inf, np.maximum(a, b))


def _calendar(ev: Evaluation, call: Call) -> Value:
    if call.args:
        vector = ev.vector(call.args[0])
        return vector.valued(part(call.name, vector.values))
    return _single(ev, part(call.name, np.floor(ev.times / 1000.0)))


def _time(ev: Evaluation, _call: Call) -> Value:
    return Scalar(ev.times / 1000.0)


def _timestamp(ev: Evaluation, call: Call) -> Value:
    vector = ev.vector(call.args[0])
    stamps = vector.stamps
    if stamps is None or not isinstance(call.args[0], Selector):
        stamps = np.broadcast_to(ev.times, vector.values.shape)
    return vector.valued(stamps / 1000.0)


def _vector(ev: Evaluation, call: Call) -> Value:
    return _single(ev, ev.number(call.args[0]))


def _single(ev: Evaluation, values: Floats) -> Vector:
    """One series without labels."""
    there = np.ones((1, len(values)), bool)
    return Vector(nothing(ev.question.words, 1), values[None, :].copy(), there, np.zeros(1, bool))


def _scalar(ev: Evaluation, call: Call) -> Value:
    vector = ev.vector(call.args[0])
    alone = vector.present.sum(axis=0) == 1
    values = np.where(vector.present, vector.values, 0.0).sum(axis=0)
    return Scalar(np.where(alone, values, np.nan))


def _absent(ev: Evaluation, call: Call) -> Value:
    return _missing(ev, call.args[0], ev.vector(call.args[0]).steps())


def _absent_over_time(ev: Evaluation, call: Call) -> Value:
    windows = ev.windows(call.args[0], Use.SPANS)
    return _missing(ev, call.args[0], np.logical_or.reduce(windows.filled(), axis=0))


def _missing(ev: Evaluation, node: Node, there: np.ndarray) -> Vector:
    """1 where nothing is there, under the labels that the selector says plainly."""
    known: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in node.matchers if isinstance(node, Selector) else ():
        if matcher.label == NAME:
            continue
        if matcher.op == "=" and matcher.label not in seen:
            known[matcher.label] = matcher.value
            seen.add(matcher.label)
        else:
            known.pop(matcher.label, None)
    labels = of_rows(ev.question.words, [known])
    return Vector(labels, np.ones((1, len(there))), ~there[None, :], np.zeros(1, bool))


def _label_replace(ev: Evaluation, call: Call) -> Value:
    target, template, source, pattern = (ev.text(arg) for arg in call.args[1:])
    return replaced(ev.vector(call.args[0]), target, template, source, pattern)


def _label_join(ev: Evaluation, call: Call) -> Value:
    target, separator, *sources = (ev.text(arg) for arg in call.args[1:])
    return joined_words(ev.vector(call.args[0]), target, separator, sources)


def _sort(ev: Evaluation, call: Call) -> Value:
    vector = ev.vector(call.args[0])
    if not ev.question.instant:
        ev.question.notes.warn(_SORTED, position(call))
    if len(ev.times) != 1:
        return vector
    falling = call.name.endswith("_desc")
    if call.name.startswith("sort_by_label"):
        return by_labels(vector, [ev.text(arg) for arg in call.args[1:]], falling)
    return by_value(vector, falling)


def _histogram_quantile(ev: Evaluation, call: Call) -> Value:
    q, vector = ev.number(call.args[0]), ev.vector(call.args[1])
    notes, place = ev.question.notes, position(call.args[1])
    notes.quantile(q, position(call.args[0]))
    read = quantile_reader(q, notes, place)
    return histograms(vector, read, notes, place, ev.question.limits)


def _histogram_quantiles(ev: Evaluation, call: Call) -> Value:
    vector, label = ev.vector(call.args[0]), ev.text(call.args[1])
    notes, place = ev.question.notes, position(call.args[0])
    parts = []
    for arg in call.args[2:]:
        q = ev.number(arg)
        notes.quantile(q, position(arg))
        read = quantile_reader(q, notes, place)
        found = histograms(vector, read, notes, place, ev.question.limits)
        for value in np.unique(q).tolist():
            at = (q == value) | (np.isnan(q) & np.isnan(value))
            word = found.labels.words.give(_open_metrics(value))
            labels = found.labels.put(label, np.full(len(found), word, np.int32))
            parts.append(Vector(labels, found.values, found.present & at, found.dropped))
    return joined(parts) if parts else empty(vector.labels, len(ev.times))


def _open_metrics(value: float) -> str:
    text = figure(value)
    return text if any(c in text for c in ".eNI") else f"{text}.0"


def _histogram_fraction(ev: Evaluation, call: Call) -> Value:
    lower, upper = ev.number(call.args[0]), ev.number(call.args[1])
    vector, notes = ev.vector(call.args[2]), ev.question.notes
    read = fraction_reader(lower, upper)
    return histograms(vector, read, notes, position(call.args[2]), ev.question.limits)


def _of_native(ev: Evaluation, call: Call) -> Value:
    """What asks for native histograms finds none: there are only numbers here."""
    return empty(ev.vector(call.args[0]).labels, len(ev.times))


def _pi(ev: Evaluation, _call: Call) -> Value:
    return Scalar(np.full(len(ev.times), np.pi))


def _sign(x: Floats) -> Floats:
    return np.where(x == 0, x, np.sign(x))


_PLAIN: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": lambda x: x * 180 / np.pi,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": lambda x: x * np.pi / 180,
    "sgn": _sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}

FUNCTIONS: dict[str, Function] = {
    **{name: each(change) for name, change in _PLAIN.items()},
    **{
        name: window(change, keeps_name=name in overtime.KEEP_NAMES)
        for name, change in overtime.SIMPLE.items()
    },
    **dict.fromkeys(PARTS, _calendar),
    **dict.fromkeys(("clamp", "clamp_max", "clamp_min"), _clamp),
    **dict.fromkeys(("sort", "sort_desc", "sort_by_label", "sort_by_label_desc"), _sort),
    **dict.fromkeys(
        tuple(f"histogram_{of}" for of in ("avg", "count", "stddev", "stdvar", "sum")), _of_native
    ),
    "absent": _absent,
    "absent_over_time": _absent_over_time,
    "changes": window(rates.changes),
    "delta": _rate(counter=False, per_second=False),
    "deriv": window(_deriv, least=2),
    "double_exponential_smoothing": _smoothing,
    "histogram_fraction": _histogram_fraction,
    "histogram_quantile": _histogram_quantile,
    "histogram_quantiles": _histogram_quantiles,
    "idelta": _last_two(per_second=False),
    "increase": _rate(counter=True, per_second=False),
    "irate": _last_two(per_second=True),
    "label_join": _label_join,
    "label_replace": _label_replace,
    "pi": _pi,
    "predict_linear": _predict,
    "quantile_over_time": _quantile_over_time,
    "rate": _rate(counter=True, per_second=True),
    "resets": window(rates.resets),
    "round": _round,
    "scalar": _scalar,
    "time": _time,
    "timestamp": _timestamp,
    "vector": _vector,
}
