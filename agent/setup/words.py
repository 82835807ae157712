"""What the person at the machine reads: Indonesian, or English for whoever asks."""

import os
import sys
import tomllib
from typing import Any

LANGUAGES = ("id", "en")


class Stop(Exception):
    """It goes no further; `name` is the sentence that says why, `values` what stands in it."""

    def __init__(self, name: str, /, **values: object) -> None:
        super().__init__(name)
        self.name, self.values = name, values


class Tongue:
    """Says sentences of `words.toml` in one language."""

    def __init__(self, language: str = "id") -> None:
        table = tables()[language]
        self._why: dict[str, str] = table.pop("why")
        self._words: dict[str, str] = table
        self._waits_for = ""

    def of(self, name: str, /, **values: object) -> str:
        return self._words[name].format(**values)

    def say(self, name: str, /, **values: object) -> None:
        print(self.of(name, **values), flush=True)

    def still_waiting(self, reason: str) -> None:
        """The same reason only once."""
        if reason != self._waits_for:
            self._waits_for = reason
            self.say("waiting", why=self.why(reason))

    def why(self, reason: str) -> str:
        """A reason of the agent in this language, as far as it is one that people meet."""
        known = (words for part, words in self._why.items() if part in reason)
        return next(known, reason)


def tables() -> dict[str, dict[str, Any]]:
    """The sentences by language, read from beside the program, also within its one file."""
    return tomllib.loads(beside("words.toml"))


def beside(name: str) -> str:
    """The text of a file beside this one."""
    loader: Any = sys.modules[__name__].__loader__
    text: bytes = loader.get_data(os.path.join(os.path.dirname(__file__), name))
    return text.decode("utf-8")
