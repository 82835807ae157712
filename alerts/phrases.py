"""What Ronda says to people outside of alarms: answers to replies, handover notes, first aid.

alerts/templates/people-LANGUAGE.toml; `{name}` is a value.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from alerts.words import LANGUAGES


@cache
def phrases(language: str) -> Mapping[str, Any]:
    """The tables of a language; an unknown one is Indonesian."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    path = Path(__file__).parent / "templates" / f"people-{known}.toml"
    return tomllib.loads(path.read_text())


def say(language: str, table: str, name: str, /, **values: object) -> str:
    """One phrase with its values."""
    text: str = phrases(language)[table][name]
    return text.format(**values)


def closest(language: str, *about: str) -> str:
    """The first of these that has steps of its own."""
    steps = phrases(language)["first_aid"]
    return next((name for name in about if name in steps), "service")


def first_aid(language: str, about: str) -> list[str]:
    """What to look at first, step by step; `about` is what `closest` found."""
    found: list[str] = phrases(language)["first_aid"][about]
    return found
