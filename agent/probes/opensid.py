"""Does OpenSID work? Its login page tells, and which of its ways to fail it is.

OpenSID says 200 to nearly everything: a dead database, maintenance, a page of its own for each.
`/siteman` is asked and nothing else: the front page counts visitors. With its cookies kept, a
check is one session and not one more file in /tmp each time. Nobody logs in: failed logins lock.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from agent.probes import gambling, limits
from agent.probes.browse import Browse
from agent.probes.http import Texts, each
from agent.probes.text import page_text, title
from agent.probes.visit import MOST_REDIRECTS, Cookies, Trust, Visit, visit
from agent.probes.web import say
from agent.wire import split_url

_USERNAME = re.compile(r"name\s*=\s*[\"']?username\b", re.IGNORECASE)
_NO_DATABASE = "OpenSID cannot reach its database"
# of a redirect the path tells, whatever page it leads to
_PATHS = (
    ("koneksi_database/config", "the key of OpenSID does not fit its database"),
    ("koneksi_database/desabaru", "the key of OpenSID does not fit its database"),
    ("koneksi", _NO_DATABASE),
    ("periksa", "OpenSID finds faults in its database and asks for a repair"),
    ("install", "OpenSID is not set up: it asks to be installed"),
)
_BROKEN = (
    ("koneksi database gagal", _NO_DATABASE),
    ("sebuah kesalahan basis data", _NO_DATABASE),
    ("a database error occurred", _NO_DATABASE),
    ("unable to connect to your database", _NO_DATABASE),
    ("session: configured save path", "OpenSID cannot write its sessions: is the disk full?"),
    ("session_start(): failed", "OpenSID cannot write its sessions: is the disk full?"),
)
# what a page says where no login form stands in it
_FORMLESS = (
    ("offline mode", "OpenSID is in maintenance mode"),
    ("maintenance", "OpenSID is in maintenance mode"),
    ("perbaikan", "OpenSID is in maintenance mode"),
    ("pemeliharaan", "OpenSID is in maintenance mode"),
    ("fatal error", "OpenSID stops with an error of PHP"),
    ("parse error", "OpenSID stops with an error of PHP"),
    ("uncaught e", "OpenSID stops with an error of PHP"),
    ("a php error was encountered", "OpenSID stops with an error of PHP"),
    ("whoops, looks like", "OpenSID stops with an error of PHP"),
)


@dataclass(frozen=True)
class Opensid(Browse):
    """`url` is where OpenSID is, with or without /siteman."""

    words: Texts = ()
    allowed: Texts = ()
    gambling: bool = True

    least_every_s: ClassVar[float] = 120.0

    def check(self) -> None:
        super().check()
        limits.texts("words", each(self.words))
        limits.texts("allowed", each(self.allowed))

    def visit(self, trust: Trust, deadline: float, cookies: Cookies) -> Visit:
        """Follows redirects as far as they stay with the login page: see `way`."""
        url, host = login_page(self.url), split_url(self.url)[1]
        ways: list[str] = []
        certificate = None
        while True:
            address = self.address if split_url(url)[1] == host else ""
            seen = visit(url, trust, deadline, cookies, follow=False, address=address)
            certificate = certificate or seen.certificate
            ways += seen.redirects
            if not seen.redirects or len(ways) > MOST_REDIRECTS or way(ways[-1], host):
                return Visit(seen.url, seen.response, tuple(ways), certificate)
            url = ways[-1]

    def judge(self, seen: Visit) -> str:
        host = split_url(self.url)[1]
        page = page_text(seen.response)
        moved = seen.redirects[-1] if 300 <= seen.response.status < 400 and seen.redirects else ""
        why = way(moved, host) if moved else ""
        if not why:
            own, allowed = each(self.words), each(self.allowed)
            why = say(gambling.found(page, seen.redirects, own, allowed, self.gambling))
        if not why and len(seen.redirects) > MOST_REDIRECTS:
            why = f"OpenSID redirects for ever, the last time to {seen.redirects[-1]}"
        return why or judge_page(seen.response.status, page)


def login_page(url: str) -> str:
    """The address of the login form of the OpenSID at `url`."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0].rstrip("/")
    return bare if bare.lower().endswith("/siteman") else f"{bare}/siteman"


def way(address: str, host: str) -> str:
    """What a redirect says of OpenSID's state; "" for one on the way to its login page."""
    try:
        _, to, _, path = split_url(address)
    except ValueError:
        return f"redirected to {address}, which is no web address"
    path = path.partition("?")[0].lower().strip("/")
    if _bare(to) != _bare(host):
        return f"redirected to {address}"
    if path in ("", "index.php") or path.endswith("first"):
        # following it would count a visitor
        return f"OpenSID leads to its front page instead of the login: {address}"
    return _among(_PATHS, path.replace("-", "_"))


def judge_page(status: int, page: str) -> str:
    """What is wrong with the page that came; "" when it is the login form."""
    text = page.lower().replace("\\/", "/")
    if why := _among(_BROKEN, text):
        return why
    if status == 200 and "siteman/auth" in text and _USERNAME.search(page):
        return ""
    if why := _among(_FORMLESS, text):
        return why
    if status == 404:
        return "there is no OpenSID login here (HTTP 404)"
    if status != 200:
        return f"HTTP {status} instead of 200"
    if not text.strip():
        return "OpenSID shows an empty page"
    shown = title(page)
    return f"another page instead of OpenSID's login{f': {shown}' if shown else ''}"


def _among(signs: tuple[tuple[str, str], ...], text: str) -> str:
    return next((why for sign, why in signs if sign in text), "")


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
