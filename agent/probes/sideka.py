"""Does SIDEKA, or another central application, show its login form?"""

import re
from dataclasses import dataclass

from agent.probes.browse import Browse
from agent.probes.http import Texts, each
from agent.probes.text import page_text, title
from agent.probes.visit import MOST_REDIRECTS, Visit
from agent.strict import Refused

_PASSWORD = re.compile(r"<input[^<>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)
_MAINTENANCE = (
    "maintenance", "dalam perbaikan", "dalam pemeliharaan", "sedang pemeliharaan", "be right back",
)  # fmt: skip
_DATABASE = ("sqlstate[", "database error", "koneksi database", "kesalahan basis data")
_BUSY = (429, 502, 503, 504)


@dataclass(frozen=True)
class Sideka(Browse):
    """`login` false: enough that the page answers. `must_match`: texts that stand in it, too."""

    login: bool = True
    must_match: Texts = ()

    def check(self) -> None:
        super().check()
        if not all(each(self.must_match)):
            raise Refused("must_match", "an empty text stands in every page")

    def judge(self, seen: Visit) -> str:
        if len(seen.redirects) > MOST_REDIRECTS:
            return f"more than {MOST_REDIRECTS} redirects, the last to {seen.redirects[-1]}"
        page = page_text(seen.response)
        return judge_page(self, seen.response.status, page)


def judge_page(rule: Sideka, status: int, page: str) -> str:
    """What is wrong with the page; "" when nothing is."""
    text = page.lower()
    form = _PASSWORD.search(page) or not rule.login
    if status == 200 and form:
        missing = (words for words in each(rule.must_match) if words.lower() not in text)
        return next((f"the page lacks {words!r}" for words in missing), "")
    if any(word in text for word in _DATABASE):
        return "the application cannot reach its database"
    if any(word in text for word in _MAINTENANCE):
        return "the application is in maintenance"
    if status in _BUSY:
        return f"the application is overloaded or stopped (HTTP {status})"
    if status != 200:
        return f"HTTP {status} instead of 200"
    shown = title(page)
    return f"another page instead of the login form{f': {shown}' if shown else ''}"
