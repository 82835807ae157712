"""Does a web page answer as it should: status, words, redirects, certificate?

What must (not) stand in the page is plain text, not a pattern: a bad pattern can run for ever,
and nothing could stop it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.probes import limits
from agent.probes.browse import Browse
from agent.probes.text import page_text
from agent.probes.visit import MOST_REDIRECTS, PAGE_BYTES, Cookies, Trust, Visit, visit
from agent.strict import Refused

Texts = str | tuple[str, ...]


@dataclass(frozen=True)
class Http(Browse):
    """Every text of `must_match` and none of `must_not_match` stands in the page (any case).

    `must_not_redirect_to`: texts no address on the way may hold; `final_url`: what the last
    address begins with.
    """

    status: int | tuple[int, ...] = 200
    must_match: Texts = ()
    must_not_match: Texts = ()
    follow_redirects: bool = True
    must_not_redirect_to: Texts = ()
    final_url: str = ""

    def check(self) -> None:
        super().check()
        for status in each(self.status):
            limits.between("status", status, 100, 599)
        if not each(self.status):
            raise Refused("status", "names no status")
        for field in ("must_match", "must_not_match", "must_not_redirect_to"):
            if not all(each(getattr(self, field))):
                raise Refused(field, "an empty text stands in every page")

    def visit(self, trust: Trust, deadline: float, cookies: Cookies) -> Visit:
        return visit(self.url, trust, deadline, cookies, self.follow_redirects, self.address)

    def judge(self, seen: Visit) -> str:
        return judge(self, seen)


def judge(rule: Http, seen: Visit) -> str:
    """What is wrong with what was seen, in plain words; "" when nothing is."""
    for text in each(rule.must_not_redirect_to):
        for address in seen.redirects:
            if text.lower() in address.lower():
                return f"redirected to {address}"
    if rule.follow_redirects and len(seen.redirects) > MOST_REDIRECTS:
        return f"more than {MOST_REDIRECTS} redirects, the last to {seen.redirects[-1]}"
    wanted = each(rule.status)
    if seen.response.status not in wanted:
        to = f" to {seen.redirects[-1]}" if seen.redirects and not rule.follow_redirects else ""
        return f"HTTP {seen.response.status}{to} instead of {' or '.join(map(str, wanted))}"
    if not seen.url.startswith(rule.final_url):
        return f"ends at {seen.url}, not at {rule.final_url}"
    return _judge_page(rule, seen)


def _judge_page(rule: Http, seen: Visit) -> str:
    page = page_text(seen.response).lower()
    for text in each(rule.must_not_match):
        if text.lower() in page:
            return f"the page holds {text!r}"
    for text in each(rule.must_match):
        if text.lower() not in page:
            beginning = f" in its first {PAGE_BYTES // 1000} kB" if seen.response.cut else ""
            return f"the page lacks {text!r}{beginning}"
    return ""


def each(value: Any) -> tuple[Any, ...]:
    """One or several as several."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
