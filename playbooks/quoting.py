"""Values put into commands, each as one word of the platform's language; nothing else gets in.

In a recipe a parameter stands as @{name}, outside of quotes: the quotes are ours to set.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from collector.quoting import routeros, shell
from playbooks.model import Platform, Recipe, words_of

PLACE = re.compile(r"@\{([a-z][a-z0-9_]*)\}")

Quote = Callable[[str], str]


def quoted(platform: Platform, value: str) -> str:
    """The value as one word, whatever it holds."""
    return _QUOTES[platform](value)


def filled(platform: Platform, text: str, values: Mapping[str, str]) -> str:
    """A command with its parameters in their places; KeyError for one that has no value."""
    quote = _QUOTES[platform]
    return PLACE.sub(lambda found: quote(values[found[1]]), text)


def shown(platform: Platform, text: str, values: Mapping[str, str]) -> str:
    """The same to be read by a person: a parameter without a value yet keeps its place."""
    quote = _QUOTES[platform]
    return PLACE.sub(lambda at: quote(values[at[1]]) if at[1] in values else at[0], text)


def plain(text: str, values: Mapping[str, str]) -> str:
    """A text that no device reads; a parameter without a value keeps its place."""
    return PLACE.sub(lambda at: values.get(at[1], at[0]), text)


def places(text: str) -> list[str]:
    """The parameters a command names, in their order."""
    return PLACE.findall(text)


def named(recipe: Recipe) -> set[str]:
    """All that the steps of a recipe name."""
    steps = [step for _, steps in recipe.phases() for step in steps]
    return {name for step in steps for name in places(words_of(step))}


def inside_quotes(platform: Platform, text: str) -> str | None:
    """The first parameter that stands within quotes of the recipe's own, where one does."""
    marks = '"' if platform is Platform.ROUTEROS else "\"'"
    starts = {found.start(): found[1] for found in PLACE.finditer(text)}
    for at, mark in _open_marks(text, marks):
        if mark and at in starts:
            return starts[at]
    return None


def _open_marks(text: str, marks: str) -> Iterator[tuple[int, str]]:
    """Each place of a text with the quote that is open there, "" where none is."""
    mark, skip = "", False
    for at, letter in enumerate(text):
        yield at, mark
        if skip:
            skip = False
        elif letter == "\\" and mark != "'":
            skip = True
        elif mark:
            mark = "" if letter == mark else mark
        elif letter in marks:
            mark = letter


_QUOTES: Mapping[Platform, Quote] = {
    Platform.ROUTEROS: routeros,
    Platform.OPENWRT: shell,
    Platform.DEBIAN: shell,
}
