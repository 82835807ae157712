"""Reasons and evidence in the reader's language: agents and the centre write them in English.

A sentence nobody knows is shown as it came: an English reason is better than none.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from collector.sentences import GROUPS, SENTENCES, SPANS
from collector.sentences_alertmanager import REFUSALS
from collector.sentences_doctor import DOCTOR
from collector.sentences_files import WANTED
from collector.sentences_journal import JOURNAL
from collector.sentences_measures import WHYS
from collector.sentences_playbooks import NETS, OUTAGES, RUNS
from collector.sentences_receivers import ANSWERS, SENT

Pairs = Sequence[tuple[str, str]]

_INSIDE: dict[str, Pairs] = {
    "span": SPANS,
    "group": GROUPS,
    "wanted": WANTED,
    "answer": ANSWERS,
    "sent": SENT,
    "refusals": REFUSALS,
    "why": (*WHYS, *SENTENCES),
    "outage": OUTAGES,
    "net": NETS,
    "step_why": (*RUNS, *SENTENCES),
    "also_why": (*RUNS, *SENTENCES),
}
# what stands in a place, where anything else would take in a part of what follows
_SHAPES = {"step_no": "[0-9]+"}
_PLACE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")
# a decimal before its unit; addresses and versions keep their points
_POINT = re.compile(r"(\d)\.(\d+)(?= (?:[KMGT]iB|dtk|detik|kosong)\b)")


def say(text: str, language: str) -> str:
    """The sentence in `language`, id or en."""
    return text if language == "en" else _say(text)


def find(text: str, language: str) -> str:
    """What doctor found, or says to do about it, in `language`."""
    return (
        text
        if language == "en"
        else _POINT.sub(r"\1,\2", _among(text, (*JOURNAL, *DOCTOR, *SENTENCES)))
    )


def run(text: str, language: str) -> str:
    """What is said of a run of a playbook, in `language`."""
    return text if language == "en" else _run(text)


def sentences() -> list[str]:
    """Every sentence, and part of one, that is known."""
    return [english for english, _ in (*SENTENCES, *SPANS, *GROUPS, *WHYS)]


def learn(sentence: str) -> None:
    """Make the pattern of a sentence now and not when the first reason is said."""
    _pattern(sentence)


@lru_cache(maxsize=4096)
def _say(text: str) -> str:
    return _among(text, SENTENCES)


@lru_cache(maxsize=4096)
def _run(text: str) -> str:
    return _among(text, (*RUNS, *SENTENCES))


def _among(text: str, known: Pairs) -> str:
    for english, said in known:
        match = _pattern(english).fullmatch(text)
        if match:
            values = {
                name: _among(value, _INSIDE[name]) if name in _INSIDE else value
                for name, value in match.groupdict().items()
            }
            return said % values
    return text


@lru_cache(maxsize=1024)
def _pattern(sentence: str) -> re.Pattern[str]:
    escaped = re.escape(sentence)
    return re.compile(_PLACE.sub(_place, escaped), re.DOTALL)


def _place(found: re.Match[str]) -> str:
    name = found[1] or found[2]
    return f"(?P<{name}>{_SHAPES.get(name, '.+')})"
