"""Does a web page answer as it should: status, words, redirects, certificate?

What must (not) stand in the page is plain text, not a pattern: a bad pattern can run for ever,
and nothing could stop it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

from agent.probes import limits
from agent.probes.certificate import epoch, validity
from agent.probes.visit import MOST_REDIRECTS, PAGE_BYTES, Trust, Visit, tls_for, visit
from agent.report import Reading, Verdict, series
from agent.strict import Refused
from agent.wire import CertificateRefused, Connection, WireError, split_url

_EXPIRED, _NOT_YET = 10, 9
# before this the clock of the machine is wrong, not the certificate
_CLOCK_BEGINS = epoch(2026, 1, 1, 0, 0, 0)

Texts = str | tuple[str, ...]


@dataclass(frozen=True)
class Http:
    """Every text of `must_match` and none of `must_not_match` stands in the page (any case).

    `must_not_redirect_to`: texts no address on the way may hold; `final_url`: what the last
    address begins with; `address`: connect here instead of where the name leads.
    """

    name: str
    url: str
    status: int | tuple[int, ...] = 200
    must_match: Texts = ()
    must_not_match: Texts = ()
    follow_redirects: bool = True
    must_not_redirect_to: Texts = ()
    final_url: str = ""
    address: str = ""
    verify_certificate: bool = True
    # certificates (PEM) to trust instead of the system's
    ca: str = ""
    timeout_s: float = 10.0

    def check(self) -> None:
        limits.url("url", self.url)
        limits.between("timeout_s", self.timeout_s, 0.1, 60)
        for status in _all(self.status):
            limits.between("status", status, 100, 599)
        if not _all(self.status):
            raise Refused("status", "names no status")
        for field in ("must_match", "must_not_match", "must_not_redirect_to"):
            if not all(_all(getattr(self, field))):
                raise Refused(field, "an empty text stands in every page")
        if self.address:
            limits.host("address", self.address)
        if self.ca:
            limits.authority("ca", self.ca)

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        now = time()
        deadline = monotonic() + self.timeout_s
        trust = Trust(self.ca, self.verify_certificate, now > _CLOCK_BEGINS)
        cookies = memory.setdefault("cookies", {})
        try:
            seen = visit(self.url, trust, deadline, cookies, self.follow_redirects, self.address)
            expires_at = validity(seen.certificate)[1] if seen.certificate else None
        except CertificateRefused as refused:
            why, expires_at = self._refused(refused, deadline, now)
            return self._reading(why, None, expires_at, memory)
        except (WireError, TimeoutError, ValueError) as error:
            why = f"no answer from {self.url}" if isinstance(error, TimeoutError) else str(error)
            return self._reading(why, None, None, memory)
        why = judge(self, seen)
        return self._reading(why, float(seen.response.status), expires_at, memory)

    def _refused(
        self, refused: CertificateRefused, deadline: float, now: float
    ) -> tuple[str, float | None]:
        """Reason and end of a certificate that was not believed: look at it without believing."""
        scheme, host, port, _ = split_url(self.url)
        if refused.code not in (_EXPIRED, _NOT_YET) or scheme != "https":
            return str(refused), None
        context = tls_for(Trust(verified=False))
        try:
            with Connection(scheme, host, port, context, address=self.address) as wire:
                wire.connect(max(0.0, deadline - monotonic()))
                begins_at, expires_at = validity(wire.certificate or b"")
        except (WireError, ValueError):
            return str(refused), None
        return judge_dates(begins_at, expires_at, now) or str(refused), expires_at

    def _reading(
        self, why: str, status: float | None, expires_at: float | None, memory: dict[str, Any]
    ) -> Reading:
        labels = {"check": self.name}
        values = {series("ronda_check_http_status_code", labels): status}
        # a series that comes and goes would make a new layout each time
        if expires_at is not None or self.url.startswith("https:") or "certified" in memory:
            memory["certified"] = True
            values[series("ronda_check_certificate_expiry_timestamp_seconds", labels)] = expires_at
        return Reading(Verdict.BAD if why else Verdict.GOOD, values, why[:200])


def judge(rule: Http, seen: Visit) -> str:
    """What is wrong with what was seen, in plain words; "" when nothing is."""
    for text in _all(rule.must_not_redirect_to):
        for address in seen.redirects:
            if text.lower() in address.lower():
                return f"redirected to {address}"
    if rule.follow_redirects and len(seen.redirects) > MOST_REDIRECTS:
        return f"more than {MOST_REDIRECTS} redirects, the last to {seen.redirects[-1]}"
    wanted = _all(rule.status)
    if seen.response.status not in wanted:
        to = f" to {seen.redirects[-1]}" if seen.redirects and not rule.follow_redirects else ""
        return f"HTTP {seen.response.status}{to} instead of {' or '.join(map(str, wanted))}"
    if not seen.url.startswith(rule.final_url):
        return f"ends at {seen.url}, not at {rule.final_url}"
    return _judge_page(rule, seen)


def _judge_page(rule: Http, seen: Visit) -> str:
    page = seen.response.body.decode("utf-8", "replace").lower()
    for text in _all(rule.must_not_match):
        if text.lower() in page:
            return f"the page holds {text!r}"
    for text in _all(rule.must_match):
        if text.lower() not in page:
            beginning = f" in its first {PAGE_BYTES // 1000} kB" if seen.response.cut else ""
            return f"the page lacks {text!r}{beginning}"
    return ""


def judge_dates(begins_at: float, expires_at: float, now: float) -> str:
    """What is wrong with the dates of a certificate; "" when nothing is."""
    if now > expires_at:
        return f"certificate expired {_span(now - expires_at)} ago"
    if now < begins_at:
        return f"certificate is valid only in {_span(begins_at - now)}"
    return ""


def _span(seconds: float) -> str:
    for unit_s, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_s:
            count = int(seconds // unit_s)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"


def _all(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
