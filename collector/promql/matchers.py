"""Which series a selector means: each matcher is asked once for every distinct word."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.promql.labels import Labels
from collector.promql.plan import Matcher
from collector.promql.regex import matcher as regex

# a selector must not mean everything by accident
NO_MATCHER = "vector selector must contain at least one non-empty matcher"


def test_of(matcher: Matcher) -> Callable[[str], bool]:
    """The question a matcher asks of a word; Refused for a pattern that is none."""
    value = matcher.value
    if matcher.op == "=":
        return lambda text: text == value
    if matcher.op == "!=":
        return lambda text: text != value
    try:
        found = regex(value)
    except ValueError as error:
        raise Refused("query", f"regular expression {value!r}: {error}") from error
    return found if matcher.op == "=~" else lambda text: not found(text)


def rows_of(labels: Labels, matchers: Sequence[Matcher]) -> NDArray[np.bool_]:
    """Which rows of the table all matchers hold for."""
    rows = np.ones(len(labels), bool)
    for matcher in matchers:
        column = labels.column(matcher.label)
        if matcher.op in ("=", "!="):
            code = labels.words.find(matcher.value)
            same = np.zeros(len(labels), bool) if code is None else column == code
            rows &= same if matcher.op == "=" else ~same
            continue
        holds = test_of(matcher)
        distinct, inverse = np.unique(column, return_inverse=True)
        held = [holds(text) for text in labels.words.texts(distinct.tolist())]
        rows &= np.array(held, bool)[inverse]
    return rows


def holds_for(matchers: Sequence[Matcher], labels: dict[str, str]) -> bool:
    """Do all matchers hold for one label set?"""
    return all(test_of(matcher)(labels.get(matcher.label, "")) for matcher in matchers)
