"""Which of very many lines hold a word? All lines are one text of bytes, compared at once.

Looking for a word costs the same few milliseconds whether one line holds it or all do.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
_END = "\n"


class Lookup:
    """Lines by their place; capitals count as small letters."""

    def __init__(self, lines: Iterable[str]) -> None:
        told = "".join(_END + line.replace(_END, " ") for line in lines)
        # one byte sequence of UTF-8 never begins inside another: bytes are found as letters are
        self._text = np.frombuffer(told.casefold().encode(), np.uint8)
        self._begins = np.flatnonzero(self._text == ord(_END))

    def holding(self, word: str) -> Places:
        """The lines in which a word occurs, in their order."""
        return np.empty(0, np.intp) if _END in word else self._lines(word)

    def beginning(self, word: str) -> Places:
        """The lines that begin with it."""
        return np.empty(0, np.intp) if _END in word else self._lines(_END + word)

    def _lines(self, word: str) -> Places:
        at = self._spots(np.frombuffer(word.casefold().encode(), np.uint8))
        lines = np.searchsorted(self._begins, at, side="right") - 1
        return lines[np.diff(lines, prepend=-1) > 0]

    def _spots(self, word: NDArray[np.uint8]) -> Places:
        """Where the word begins in the text."""
        text, room = self._text, len(self._text) - len(word) + 1
        if not len(word) or room <= 0:
            return np.empty(0, np.intp)
        here = text[:room] == word[0]
        if len(word) > 1:
            here &= text[1 : room + 1] == word[1]
        at = np.flatnonzero(here)
        for step in range(2, len(word)):
            at = at[text[at + step] == word[step]]
        return at
