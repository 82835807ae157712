"""Does a WebDAV folder answer, and how full is it (RFC 4331)?"""

import re
from dataclasses import dataclass
from time import time

from agent.dial import left_s
from agent.probes import login
from agent.probes.browse import CLOCK_BEGINS, Browse
from agent.probes.visit import Cookies, Trust, Visit, join, tls_for
from agent.report import ProbeFailed, series
from agent.wire import Connection, WireError, split_url

_ASKED = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop>'
    b"<d:quota-used-bytes/><d:quota-available-bytes/></d:prop></d:propfind>"
)
_ANSWER_BYTES = 100_000
_MULTI_STATUS, _WHO, _FORBIDDEN = 207, 401, 403
_NUMBER = "<(?:[A-Za-z0-9]+:)?{}[^<>/]{{0,200}}>\\s*(-?[0-9]{{1,19}})\\s*<"
_USED = re.compile(_NUMBER.format("quota-used-bytes"))
_FREE = re.compile(_NUMBER.format("quota-available-bytes"))


@dataclass(frozen=True)
class Store(Browse):
    """A server of files. `login`: see agent/probes/login.py."""

    login: bool = False

    def check(self) -> None:
        super().check()
        scheme, host, _, _ = split_url(self.url)
        if self.login and (scheme != "https" or not self.verify_certificate):
            login.refuse_open(self.address or host)


@dataclass(frozen=True)
class Webdav(Store):
    """Without `login` it is good, too, that the server asks who we are."""

    def visit(self, trust: Trust, deadline: float, cookies: Cookies) -> Visit:
        return properties(self, trust, deadline)

    def judge(self, seen: Visit) -> str:
        status = seen.response.status
        if status == _WHO and not self.login:
            return ""
        if status in (_WHO, _FORBIDDEN) and self.login:
            raise ProbeFailed(f"{split_url(self.url)[1]} refuses the login")
        if seen.redirects:
            return f"redirected to {seen.redirects[-1]}"
        return "" if status == _MULTI_STATUS else f"HTTP {status} instead of 207"

    def numbers(self, seen: Visit) -> dict[str, float | None]:
        if not self.login:
            return {}
        text = seen.response.body.decode("utf-8", "replace")
        return {series("ronda_check_quota_used_ratio", {"check": self.name}): used_ratio(text)}


def properties(rule: Store, trust: Trust, deadline: float) -> Visit:
    """The answer to a question for the quota of `rule.url`."""
    scheme, host, port, path = split_url(rule.url)
    headers = {
        "User-Agent": "ronda-agent",
        "Depth": "0",
        "Content-Type": "application/xml",
        "Connection": "close",
    }
    if rule.login:
        headers["Authorization"] = login.basic(host)
    context = tls_for(trust) if scheme == "https" else None
    with Connection(scheme, host, port, context, left_s(deadline), rule.address) as wire:
        limit_s = left_s(deadline)
        answer = wire.request("PROPFIND", path, headers, _ASKED, _ANSWER_BYTES, limit_s)
        certificate = wire.certificate
    to = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
    return Visit(rule.url, answer, (join(rule.url, to),) if to else (), certificate)


def quota(rule: Store, deadline: float) -> float | None:
    """The used part of the space at `rule.url`; None where the server does not tell."""
    trust = Trust(rule.ca, rule.verify_certificate, time() > CLOCK_BEGINS)
    try:
        answer = properties(rule, trust, deadline).response
    except (WireError, TimeoutError):
        return None
    if answer.status in (_WHO, _FORBIDDEN):
        raise ProbeFailed(f"{split_url(rule.url)[1]} refuses the login")
    return used_ratio(answer.body.decode("utf-8", "replace"))


def used_ratio(text: str) -> float | None:
    """By the numbers in the answer; None without a limit (Nextcloud says -3 for that)."""
    used, free = _USED.search(text), _FREE.search(text)
    if used is None or free is None or int(used[1]) < 0 or int(free[1]) < 0:
        return None
    whole = int(used[1]) + int(free[1])
    return int(used[1]) / whole if whole else None
