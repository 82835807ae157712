"""Does the Internet show the right content? What the centre is known to say, asked of the centre.

A suspended line or a captive portal answers everything, with a page of its own.
"""

import re
from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent.probes import limits
from agent.probes.visit import Trust, Visit, visit
from agent.report import ProbeFailed, Reading, Verdict, series
from agent.strict import Refused
from agent.wire import CertificateRefused, WireError

_KNOWN = re.compile(r"ronda-known ([0-9a-f]{8})\s*")
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """`url` is the centre's /known, `centre` its eight hex digits ("" = any centre will do)."""

    name: str
    url: str = ""
    centre: str = ""
    ca: str = ""
    timeout_s: float = 10.0

    def check(self) -> None:
        if self.url:
            limits.url("url", self.url)
        if self.centre and not re.fullmatch(r"[0-9a-f]{8}", self.centre):
            raise Refused("centre", "must be 8 hex digits")
        limits.between("timeout_s", self.timeout_s, 0.1, 60)
        if self.ca:
            limits.authority("ca", self.ca)

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        if not self.url:
            raise ProbeFailed("no collector is configured")
        deadline = monotonic() + self.timeout_s
        # the dates of a certificate say something of a clock, not of who answers
        trust = Trust(self.ca, dates=False)
        try:
            seen = visit(self.url, trust, deadline, {}, follow=False)
        except CertificateRefused as refused:
            return _reading(0.0, f"another server answers for the centre ({refused})")
        except (WireError, TimeoutError) as error:
            return _reading(None, f"the centre cannot be reached: {error}")
        return judge(seen, self.centre)


def judge(seen: Visit, centre: str) -> Reading:
    """Right content, wrong content, or a centre that is not well."""
    status = seen.response.status
    if seen.redirects:
        return _reading(0.0, f"sent to {seen.redirects[-1][:120]} instead of the centre")
    if status >= 500:
        return _reading(None, f"the centre answers HTTP {status}")
    text = seen.response.body[:20_000].decode("utf-8", "replace")
    match = _KNOWN.fullmatch(text)
    if match is not None and centre in ("", match[1]):
        return _reading(1.0, "")
    if match is not None:
        return _reading(0.0, f"centre {match[1]} answers instead of {centre}")
    title = _TITLE.search(text)
    shown = f": {' '.join(title[1].split())[:80]}" if title else ""
    return _reading(0.0, f"another page instead of the centre's{shown}")


def _reading(right: float | None, why: str) -> Reading:
    verdicts = {1.0: Verdict.GOOD, 0.0: Verdict.BAD, None: Verdict.UNKNOWN}
    return Reading(verdicts[right], {series("ronda_uplink_content_ok"): right}, why)
