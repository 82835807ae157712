"""One visit of a web page as a browser makes it: redirects, cookies, the certificate shown."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from agent.dial import left_s
from agent.wire import Connection, Response, WireError, split_url, tls_context

if TYPE_CHECKING:
    import ssl

PAGE_BYTES = 200_000
MOST_REDIRECTS = 5
_MOST_COOKIES = 20
_LONGEST_COOKIE = 1000
_REDIRECTS = (301, 302, 303, 307, 308)

Cookies = MutableMapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a visit believes: `ca` in PEM ("" = the system's), anybody when not `verified`."""

    ca: str = ""
    verified: bool = True
    # a clock that is plainly wrong must not condemn certificates
    dates: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """Where it ended and what was there; `redirects` are all addresses it was sent to.

    `certificate` is the DER shown by the first TLS server on the way.
    """

    url: str
    response: Response
    redirects: tuple[str, ...] = ()
    certificate: bytes | None = None


def visit(
    url: str,
    trust: Trust,
    deadline: float,
    cookies: Cookies,
    follow: bool = True,
    address: str = "",
) -> Visit:
    """Get `url`, over `address` instead of where its name leads; WireError as the wire says it."""
    redirects: list[str] = []
    certificate: bytes | None = None
    first_host = split_url(url)[1]
    while True:
        try:
            scheme, host, port, path = split_url(url)
        except ValueError as error:
            raise WireError(f"redirected to {url}, which is no web address") from error
        context = tls_for(trust) if scheme == "https" else None
        at = address if host == first_host else ""
        with Connection(scheme, host, port, context, left_s(deadline), at) as wire:
            headers = headers_for(cookies, host)
            limit_s = left_s(deadline)
            response = wire.request("GET", path, headers, limit_bytes=PAGE_BYTES, limit_s=limit_s)
            certificate = certificate or wire.certificate
        keep_cookies(cookies, host, response.headers.get("set-cookie", ""))
        location = response.headers.get("location", "")
        if response.status not in _REDIRECTS or not location:
            return Visit(url, response, tuple(redirects), certificate)
        redirects.append(join(url, location))
        if not follow or len(redirects) > MOST_REDIRECTS:
            return Visit(url, response, tuple(redirects), certificate)
        url = redirects[-1]


@lru_cache(maxsize=4)
def tls_for(trust: Trust) -> "ssl.SSLContext":
    """One context for all checks that trust alike: each costs half a megabyte."""
    if trust.verified:
        return tls_context(trust.ca or None, check_dates=trust.dates)
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def join(base: str, location: str) -> str:
    """The address a redirect leads to, seen from `base`."""
    if location.partition(":")[0].isalpha() and "://" in location:
        return location
    scheme, _, rest = base.partition("://")
    if location.startswith("//"):
        return f"{scheme}:{location}"
    if location.startswith("?"):
        return f"{base.partition('#')[0].partition('?')[0]}{location}"
    location = location.removeprefix("./")
    host, _, path = rest.partition("?")[0].partition("/")
    if location.startswith("/"):
        return f"{scheme}://{host}{location}"
    folder = path.rpartition("/")[0]
    return f"{scheme}://{host}/{folder}{'/' if folder else ''}{location}"


def keep_cookies(cookies: Cookies, host: str, lines: str) -> None:
    """Remember what a server set: a session kept is one session file less on its disk."""
    for line in lines.split("\n"):
        pair, _, rest = line.partition(";")
        name, equals, value = pair.strip().partition("=")
        if not equals or len(pair) > _LONGEST_COOKIE or not (pair.isascii() and pair.isprintable()):
            continue
        if not value or "max-age=0" in rest.lower().replace(" ", ""):
            cookies.pop((host, name), None)
        elif (host, name) in cookies or len(cookies) < _MOST_COOKIES:
            cookies[host, name] = value


def headers_for(cookies: Cookies, host: str) -> dict[str, str]:
    """What a server is told of us, and the cookies that it set itself."""
    headers = {
        "User-Agent": "ronda-agent",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if mine := "; ".join(f"{name}={value}" for (at, name), value in cookies.items() if at == host):
        headers["Cookie"] = mine
    return headers
