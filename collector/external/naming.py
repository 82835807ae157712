"""Which series of the engine is which column of a site.

A series is known there by the labels it was sent with: those of its column, and those that the
site had then. The site's may be others by now, so a series is asked for by the code of its site
and told by the labels of its column; what somebody on the way put beside them does not count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from agent.report import parse_series
from collector.promql.catalogue import SITE_LABELS
from collector.promql.labels import NAME
from collector.promql.plan import Matcher

Key = frozenset[tuple[str, str]]


class Names:
    """The columns there are, by what their series are called; made anew when there are more."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._own = {name: _labels(name) for name in columns}
        self._spoken = {label for labels in self._own.values() for label in labels}
        self._spoken -= SITE_LABELS

    def keys(self, wanted: Mapping[int, str]) -> dict[Key, int]:
        """The wanted columns by what tells their series apart."""
        found: dict[Key, int] = {}
        for column, name in wanted.items():
            labels = self._own.get(name) or _labels(name)
            found[self.key(labels)] = column
        return found

    def key(self, labels: Mapping[str, str]) -> Key:
        return frozenset((k, v) for k, v in labels.items() if v and k in self._spoken)


def matchers(codes: Sequence[str], names: Iterable[str]) -> tuple[Matcher, ...]:
    """What asks for these columns of the site that has, or had, these codes."""
    asked = [_labels(name) for name in names]
    metrics = sorted({labels[NAME] for labels in asked})
    found = [_one_of("site", codes), _one_of(NAME, metrics)]
    if len(asked) == 1:
        # of a metric with a series for each interface not all
        found += [Matcher(k, "=", v) for k, v in asked[0].items() if k != NAME]
    return tuple(found)


def _one_of(label: str, words: Sequence[str]) -> Matcher:
    if len(words) == 1:
        return Matcher(label, "=", words[0])
    return Matcher(label, "=~", "|".join(map(re.escape, words)))


def _labels(name: str) -> dict[str, str]:
    metric, labels = parse_series(name)
    return {NAME: metric, **labels}
