"""The letters of RouterOS's language, and where in a text a fault is."""

import re
from typing import Any

Tree = tuple[Any, ...]
_VARIABLE = re.compile(r"[A-Za-z0-9]+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "_": " ", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class Fault(Exception):
    """What the console prints instead of running a text, or when a command fails."""


class Menus:
    """What the parser asks about menus; paths are tuples of words.

    `been_read`: texts that were read by these menus, with what they mean.
    """

    been_read: dict[str, list[Tree]]

    def known(self, path: tuple[str, ...]) -> bool:
        raise NotImplementedError

    def command(self, path: tuple[str, ...], word: str) -> bool:
        raise NotImplementedError

    def parameter(self, path: tuple[str, ...], word: str, name: str) -> bool:
        raise NotImplementedError


class Scanner:
    """A text and a place in it."""

    def __init__(self, text: str, menus: Menus, path: tuple[str, ...] = ()) -> None:
        self.text, self.menus, self.path = text, menus, path
        self.at = 0

    def _fault(self, what: str, at: int | None = None) -> Fault:
        before = self.text[: self.at if at is None else at]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return Fault(f"{what} (line {line} column {column})")

    def _space(self, also: str = "") -> None:
        while self.at < len(self.text):
            if self.text[self.at] in " \t" + also:
                self.at += 1
            elif self.text.startswith(("\\\n", "\\\r\n"), self.at):
                self.at = self.text.index("\n", self.at) + 1
            else:
                return

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _close(self, mark: str) -> None:
        self._space("\r\n")
        if self._peek() != mark:
            raise self._fault(
                f"missing closing {mark}" if not self._peek() else "expected end of command"
            )
        self.at += 1

    def _variable(self) -> str:
        return self._take(_VARIABLE)

    def _escape(self) -> str:
        letter = self._peek()
        self.at += 1
        if letter in '"\\$?':
            return letter
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter == "\n":
            # as an export breaks long lines: what the next one begins with is not of the text
            while self._peek() and self._peek() in " \t":
                self.at += 1
            return ""
        pair = self.text[self.at - 1 : self.at + 1]
        if re.fullmatch("[0-9A-F]{2}", pair):
            self.at += 1
            return chr(int(pair, 16))
        raise self._fault("syntax error: bad escape")
