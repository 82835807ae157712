"""What pages say, from the catalogues, in the language of whoever asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, translation
from pathlib import Path
from typing import Any

LANGUAGES = ("id", "en")
_FOLDER = Path(__file__).parent / "translations"
_spoken: ContextVar[str] = ContextVar("spoken", default=LANGUAGES[0])


class Later:
    """Words that are looked up each time they are shown: for tables made at import."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return gettext(self.text)


def speak(language: str) -> None:
    """From here on this thread, or task, speaks `language`."""
    _spoken.set(language if language in LANGUAGES else LANGUAGES[0])


def spoken() -> str:
    """The language that is being spoken."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """As `speak`, for a while."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def gettext(text: str, /, **values: Any) -> str:
    """`text` in the language spoken, `%(name)s` filled in."""
    said = _catalogue(_spoken.get()).gettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """`one` or `many` by `num`, in the language spoken; `%(num)s` is the number."""
    return _catalogue(_spoken.get()).ngettext(one, many, num) % ({"num": num} | values)


def lazy_gettext(text: str) -> Later:
    """As gettext, at the moment of showing."""
    return Later(text)


@cache
def _catalogue(language: str) -> GNUTranslations:
    found = translation("messages", _FOLDER, [language])
    assert isinstance(found, GNUTranslations)
    return found
