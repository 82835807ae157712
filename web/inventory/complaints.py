"""What the reader of files says of a row, as a page shows it: place, column, words."""

import re
from dataclasses import dataclass

from web import reasons
from web.tongue import gettext

_PLACE = re.compile(
    r"(?P<what>line|feature) (?P<number>\d+)(?:,? (?:column|property) (?P<column>[^\s:]+))?[:,] "
    r"(?P<text>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One row that is refused; no place: the whole file."""

    place: str
    column: str
    text: str


def read(problem: str) -> Complaint:
    """The parts of one problem, its words in the language of the page."""
    match = _PLACE.fullmatch(problem)
    if match is None:
        return Complaint("", "", reasons.say(problem))
    named = {"line": gettext("line %(n)s", n=match["number"]),
             "feature": gettext("shape %(n)s", n=match["number"])}  # fmt: skip
    return Complaint(named[match["what"]], match["column"] or "", reasons.say(match["text"]))
