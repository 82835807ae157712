"""Who a series is: a table of numbers, one row a series, one column a label, every word kept once.

Number 0 is the empty word, which in PromQL is the same as not having the label.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Ids = NDArray[np.int64]

NAME = "__name__"
_ROOM = 2**62
_FEW = 24  # rows for which a dictionary is faster than sorting columns


class Words:
    """Words by number. With a `base` it begins where that one stood and leaves it as it is."""

    def __init__(self, base: "Words | None" = None) -> None:
        self._base = base
        self._from = 0 if base is None else len(base)
        self._texts: list[str] = [""] if base is None else []
        self._ids: dict[str, int] = {"": 0} if base is None else {}

    def __len__(self) -> int:
        return self._from + len(self._texts)

    def find(self, text: str) -> int | None:
        """The number of a word that is known."""
        number = self._ids.get(text)
        if number is None and self._base is not None:
            number = self._base.find(text)
            # the base may have learnt it later, under a number that is another word's here
            if number is not None and number >= self._from:
                return None
        return number

    def give(self, text: str) -> int:
        number = self.find(text)
        if number is None:
            number = self._ids[text] = len(self)
            self._texts.append(text)
        return number

    def give_all(self, texts: Iterable[str]) -> Codes:
        return np.array([self.give(text) for text in texts], np.int32)

    def text(self, number: int) -> str:
        if number < self._from and self._base is not None:
            return self._base.text(number)
        return self._texts[number - self._from]

    def texts(self, numbers: Iterable[int]) -> list[str]:
        return [self.text(number) for number in numbers]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """`codes[k, m]`: the words of k series under m `names`, which ascend."""

    words: Words
    names: tuple[str, ...]
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def column(self, name: str) -> Codes:
        """The words of one label; zeros when nobody has it."""
        if name in self.names:
            return self.codes[:, self.names.index(name)]
        return np.zeros(len(self), np.int32)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Labels":
        return Labels(self.words, self.names, self.codes[rows])

    def keep(self, names: Iterable[str]) -> "Labels":
        wanted = set(names)
        return self._these([i for i, name in enumerate(self.names) if name in wanted])

    def drop(self, names: Iterable[str]) -> "Labels":
        gone = set(names)
        return self._these([i for i, name in enumerate(self.names) if name not in gone])

    def put(self, name: str, column: Codes) -> "Labels":
        """With this label set to these words."""
        names = tuple(sorted({*self.names, name}))
        columns = [column if n == name else self.column(n) for n in names]
        return Labels(self.words, names, np.column_stack(columns).astype(np.int32))

    def clear(self, name: str, rows: NDArray[np.bool_]) -> "Labels":
        """Without this label on these rows."""
        if name not in self.names or not rows.any():
            return self
        return self.put(name, np.where(rows, 0, self.column(name)).astype(np.int32))

    def row(self, place: int) -> dict[str, str]:
        """The labels of one series, by name."""
        found = zip(self.names, self.codes[place].tolist(), strict=True)
        return {name: self.words.text(code) for name, code in found if code}

    def mapped(self, name: str, change: Callable[[str], str | None]) -> tuple[Codes, Codes]:
        """The distinct words of one label as numbers, changed: `change` once for every word.

        Two columns: the number of the new word (0 where there is none) and 1 where there is one.
        """
        column = self.column(name)
        distinct, inverse = np.unique(column, return_inverse=True)
        changed = [change(text) for text in self.words.texts(distinct.tolist())]
        new = self.words.give_all("" if text is None else text for text in changed)
        has = np.array([text is not None for text in changed], np.int32)
        return new[inverse], has[inverse]

    def _these(self, places: list[int]) -> "Labels":
        names = tuple(self.names[i] for i in places)
        return Labels(self.words, names, self.codes[:, places])


def nothing(words: Words, rows: int = 0) -> Labels:
    """Series without any label."""
    return Labels(words, (), np.zeros((rows, 0), np.int32))


def of_rows(words: Words, rows: Sequence[dict[str, str]]) -> Labels:
    """A table of label sets that are written out."""
    names = tuple(sorted({name for row in rows for name in row}))
    codes = np.zeros((len(rows), len(names)), np.int32)
    for place, name in enumerate(names):
        codes[:, place] = words.give_all(row.get(name, "") for row in rows)
    return Labels(words, names, codes)


def stack(parts: Sequence[Labels]) -> Labels:
    """The rows of several tables over the same words, one after the other."""
    if len(parts) == 1:
        return parts[0]
    names = tuple(sorted({name for part in parts for name in part.names}))
    columns = [np.concatenate([part.column(name) for part in parts]) for name in names]
    rows = sum(len(part) for part in parts)
    codes = np.column_stack(columns) if columns else np.zeros((rows, 0), np.int32)
    return Labels(parts[0].words, names, codes.astype(np.int32))


def groups(labels: Labels) -> tuple[Ids, Ids]:
    """Equal rows get the same number: (number of each row, first row of each number).

    Numbers follow the order in which the groups first appear.
    """
    if len(labels) <= _FEW:
        return _few_groups(labels.codes.tolist())
    ids, room = np.zeros(len(labels), np.int64), 1
    for place in range(len(labels.names)):
        column = labels.codes[:, place]
        span = int(column.max(initial=0)) + 1
        if span == 1:
            continue
        if room > _ROOM // span:
            _, ids = np.unique(ids, return_inverse=True)
            room = int(ids.max(initial=0)) + 1
        ids = ids * span + column
        room *= span
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse], first[order].astype(np.int64)


def _few_groups(rows: list[list[int]]) -> tuple[Ids, Ids]:
    first: dict[tuple[int, ...], int] = {}
    starts = [first.setdefault(tuple(row), place) for place, row in enumerate(rows)]
    number = {place: rank for rank, place in enumerate(first.values())}
    ids = np.array([number[start] for start in starts], np.int64)
    return ids, np.array(list(first.values()), np.int64)


def say(labels: dict[str, str]) -> str:
    """A label set as Prometheus writes it in messages."""
    inside = ", ".join(f"{name}={quote(labels[name])}" for name in sorted(labels))
    return "{" + inside + "}"


def quote(text: str) -> str:
    """Text between double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
