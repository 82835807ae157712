"""The browser of a guest: names by the hotspot's DNS, everything through one interface."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import time

from agent.dial import left_s
from agent.probes.browse import CLOCK_BEGINS
from agent.probes.dns_ask import ask, family_of, say
from agent.probes.dns_message import RCODES
from agent.probes.portal_page import onward
from agent.probes.text import page_text
from agent.probes.visit import PAGE_BYTES, Trust, headers_for, join, keep_cookies, tls_for
from agent.wire import Connection, Response, WireError, split_url

_MOST_STEPS = 8
_REDIRECTS = (301, 302, 303, 307, 308)
_SENT_AGAIN = (307, 308)
_ASK_S, _PAGE_S = 2.0, 8.0
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a guest ended: the last address, what the name in it stands for, all on the way."""

    url: str
    address: str
    response: Response
    way: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return split_url(self.url)[1].lower()

    @property
    def page(self) -> str:
        return page_text(self.response)


@dataclass
class Guest:
    """`servers` are the hotspot's DNS (none: those of the machine), `port` where they listen."""

    interface: str
    servers: Sequence[str]
    port: int
    trust: Trust
    deadline: float
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)

    def get(self, url: str, may: Callable[[str], bool] = lambda url: True) -> Seen:
        """Open a page and go where it leads; WireError or TimeoutError when nothing comes.

        It stops at an address that `may` does not allow.
        """
        return self._go(url, b"", may)

    def send(self, url: str, form: str, may: Callable[[str], bool]) -> Seen:
        """Send a form by POST. What is in it goes to no address that `may` does not allow."""
        return self._go(url, form.encode("ascii"), may)

    def _go(self, url: str, body: bytes, may: Callable[[str], bool]) -> Seen:
        way: list[str] = []
        while True:
            seen = self._one(url, body, tuple(way))
            status, location = seen.response.status, seen.response.headers.get("location", "")
            if status not in _REDIRECTS:
                location = onward(seen.page) if status == 200 else ""
            if not location or len(way) >= _MOST_STEPS:
                return seen
            there = join(url, location)
            way.append(there)
            if not may(there):
                return Seen(seen.url, seen.address, seen.response, tuple(way))
            body = body if status in _SENT_AGAIN else b""
            url = there

    def _one(self, url: str, body: bytes, way: tuple[str, ...]) -> Seen:
        try:
            scheme, host, port, path = split_url(url)
        except ValueError as error:
            raise WireError(
                f"led to {url.partition('?')[0][:80]}, which is no web address"
            ) from error
        address = self.find(host)
        context = tls_for(self.trust) if scheme == "https" else None
        wait_s = min(_PAGE_S, left_s(self.deadline))
        method, headers = "POST" if body else "GET", headers_for(self.cookies, host)
        if body:
            headers["Content-Type"] = _FORM
        with Connection(scheme, host, port, context, wait_s, address, self.interface) as wire:
            limit_s = min(_PAGE_S, left_s(self.deadline))
            response = wire.request(method, path, headers, body, PAGE_BYTES, limit_s)
        keep_cookies(self.cookies, host, response.headers.get("set-cookie", ""))
        return Seen(url, address, response, way)

    def find(self, name: str) -> str:
        """The address of a name as a guest is told it; WireError in words when there is none."""
        if family_of(name) is not None:
            return name
        why = "no DNS server is known"
        for server in self.servers:
            wait_s = min(_ASK_S, left_s(self.deadline))
            try:
                answer = ask(server, self.port, name, "A", wait_s, self.interface)
            except OSError as error:
                why = say(error, server)
            except ValueError:
                raise WireError(f"the name {name[:80]} is not found") from None
            else:
                if answer.addresses:
                    return answer.addresses[0]
                code = RCODES.get(answer.rcode, "no address")
                why = f"DNS server {server} cannot resolve {name} ({code})"
        raise WireError(why)


def trust_of(ca: str, verified: bool) -> Trust:
    """Whom a guest believes now: a clock that is plainly wrong condemns no certificate."""
    return Trust(ca, verified, time() > CLOCK_BEGINS)
