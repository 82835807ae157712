"""label_replace and label_join: new words under a label, worked out once for each word."""

from collections.abc import Sequence

import numpy as np

from collector.promql.labels import NAME, Labels
from collector.promql.limits import Failed
from collector.promql.regex import replacer
from collector.promql.spelling import BYTES
from collector.promql.vectors import Vector, merged


def replaced(vector: Vector, target: str, template: str, source: str, pattern: str) -> Vector:
    """Where the whole `source` label matches, `target` becomes the template."""
    change = replacer(pattern, template)
    _check_name(target, "destination label name in label_replace()")
    new, has = vector.labels.mapped(source, change)
    column = np.where(has > 0, new, vector.labels.column(target)).astype(np.int32)
    return _with(vector, target, vector.labels.put(target, column), has > 0)


def joined_words(vector: Vector, target: str, separator: str, sources: Sequence[str]) -> Vector:
    """`target` becomes the words of the sources with the separator between."""
    for source in sources:
        _check_name(source, "source label name in label_join()")
    _check_name(target, "destination label name in label_join()")
    labels = vector.labels
    columns = [labels.words.texts(labels.column(source).tolist()) for source in sources]
    rows = zip(*columns, strict=True) if columns else ((),) * len(vector)
    column = labels.words.give_all(separator.join(row) for row in rows)
    return _with(vector, target, labels.put(target, column), np.ones(len(vector), bool))


def _check_name(name: str, what: str) -> None:
    """Any text will do, but bytes that are none (spelling.spelt)."""
    if not name or any(BYTES <= ord(c) < BYTES + 256 for c in name):
        raise Failed(f"invalid {what}: {name}")


def _with(vector: Vector, target: str, labels: Labels, rows: np.ndarray) -> Vector:
    # who gives a series a name wants to see it
    dropped = vector.dropped & ~rows if target == NAME else vector.dropped
    return merged(Vector(labels, vector.values, vector.present, dropped))
