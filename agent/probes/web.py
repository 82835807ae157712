"""A web site: does it work (`web`), and does it still show what is the village's (`defaced`)?"""

from dataclasses import dataclass
from typing import Any, ClassVar

from agent.probes import gambling, limits
from agent.probes.browse import Browse
from agent.probes.http import Http, Texts, each
from agent.probes.text import page_text
from agent.probes.visit import Visit
from agent.report import ProbeFailed, Reading, Verdict


@dataclass(frozen=True)
class Web(Http):
    """As http, and nothing of gambling or of `words` stands in it."""

    words: Texts = ()
    allowed: Texts = ()
    gambling: bool = True

    def check(self) -> None:
        super().check()
        limits.texts("words", each(self.words))
        limits.texts("allowed", each(self.allowed))

    def judge(self, seen: Visit) -> str:
        return _foreign(self, seen) or super().judge(seen)


@dataclass(frozen=True)
class Defaced(Browse):
    """Bad: gambling, or one of `words`, stands in the page. A page that does not come is unknown:
    whether the site works is for another check to say."""

    words: Texts = ()
    allowed: Texts = ()
    gambling: bool = True

    unseen: ClassVar[Verdict] = Verdict.UNKNOWN
    least_every_s: ClassVar[float] = 300.0

    def check(self) -> None:
        super().check()
        limits.texts("words", each(self.words))
        limits.texts("allowed", each(self.allowed))

    def judge(self, seen: Visit) -> str:
        why = _foreign(self, seen)
        if not why and seen.response.status != 200:
            raise ProbeFailed(f"HTTP {seen.response.status} instead of 200")
        return why

    def measure(self, memory: dict[str, Any]) -> Reading:
        reading = super().measure(memory)
        if reading.verdict is Verdict.UNKNOWN:
            raise ProbeFailed(reading.reason)
        # address, status and certificate are the other check's
        return Reading(reading.verdict, {}, reading.reason)


def _foreign(rule: Web | Defaced, seen: Visit) -> str:
    own, allowed = each(rule.words), each(rule.allowed)
    page = page_text(seen.response)
    return say(gambling.found(page, seen.redirects, own, allowed, rule.gambling))


def say(words: str) -> str:
    """The reason for these words; "" for none."""
    return f"the page is not the village's: it holds {words!r}" if words else ""
