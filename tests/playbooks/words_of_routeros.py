"""How RouterOS takes a command apart: words, and strings with what their escapes stand for."""

from collections.abc import Iterator
from dataclasses import dataclass

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "_": " ", '"': '"', "\\": "\\", "$": "$", "?": "?"}
_OPENING = {"(": ")", "[": "]", "{": "}"}
_APART = set("()[]{}:;$/=!,<>&|~") | set(" \n")


class NotACommand(Exception):
    """RouterOS would not read this."""


@dataclass(frozen=True, slots=True)
class Word:
    """`string`: it stood in quotes; then no letter of it means anything."""

    text: str
    string: bool = False


def words(text: str) -> list[Word]:
    """All words and marks in their order, without the spaces between them; brackets must match."""
    found = [word for word in _words(text) if word.string or word.text.strip()]
    awaited: list[str] = []
    for word in found:
        if word.string:
            continue
        if word.text in _OPENING:
            awaited.append(_OPENING[word.text])
        elif word.text in _OPENING.values() and (not awaited or awaited.pop() != word.text):
            raise NotACommand(f"{word.text} closes nothing in: {text}")
    if awaited:
        raise NotACommand(f"{awaited[-1]} is missing in: {text}")
    return found


def _words(text: str) -> Iterator[Word]:
    letters = iter(text)
    word = ""
    for letter in letters:
        if letter not in _APART and letter not in '"\\':
            word += letter
            continue
        if word:
            yield Word(word)
            word = ""
        if letter == "\\":
            raise NotACommand(f"a backslash outside of a string in: {text}")
        yield Word(_string(letters), string=True) if letter == '"' else Word(letter)
    if word:
        yield Word(word)


def _string(letters: Iterator[str]) -> str:
    """The rest of a string; a variable in it is kept as it is written."""
    found = ""
    for letter in letters:
        if letter == '"':
            return found
        if letter == "$":
            raise NotACommand("a string holds a variable")
        found += _escaped(next(letters, "")) if letter == "\\" else letter
    raise NotACommand("a string without an end")


def _escaped(letter: str) -> str:
    if letter not in _ESCAPES:
        raise NotACommand(f"no escape: \\{letter}")
    return _ESCAPES[letter]
