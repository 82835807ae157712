"""Who answers everybody: from memory where it can, by a few threads of its own where it must.

However many ask, a page is made once at a time, and the control room's pages wait for none of them.
"""

import asyncio
import re
from typing import Any

from web.api.rates import Rates
from web.bridge import Answer, Bridge, Receive, Scope, Send, Wsgi, tell
from web.opendata import PREFIX as DATA
from web.public import PREFIX
from web.public.kept import Age, Kept, Key, Ready, ready

THREADS = 2
LARGEST_BODY = 16 * 1024
# pages on their way to be made, and forms on theirs; one more is told to come back
MOST_WAITING = 64
# what one address may send: a village shares one, so it is a village's worth
SENT_BURST, SENT_PER_S = 20.0, 0.5
# and everybody together
ALL_BURST, ALL_PER_S = 100.0, 5.0

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+/?")
_LONGEST = 200
# the one question that pages answer by their address; all others are not looked at
_ENGLISH = b"lang=en"
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_BARE = (_TEXT, (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_NOTHING = Answer(404, _BARE, b"404\n")
_NOT_SO = Answer(405, (*_BARE, (b"allow", b"GET, HEAD, POST")), b"405\n")
_BUSY = Answer(503, (*_BARE, (b"retry-after", b"5")), b"503\n")
# a page of somebody else's that lets its readers send: they do not know of it
_FOREIGN = Answer(403, _BARE, b"403\n")
_TOO_FAST = Answer(
    429,
    (*_BARE, (b"retry-after", b"60")),
    b"Terlalu banyak kiriman dari jaringan ini. Coba lagi satu menit lagi.\n"
    b"Too many from this network. Try again in a minute.\n",
)


def wanted(path: str) -> bool:
    """Is it a public page that is asked for?

    The pages' own router reads `//status` as `/status`: it leads past nobody's memory and limits.
    """
    plain = "/" + path.lstrip("/")
    return any(plain == each or plain.startswith(f"{each}/") for each in (PREFIX, DATA))


class Front:
    """The ASGI application of the public pages."""

    def __init__(self, app: Wsgi, kept: Kept | None = None) -> None:
        self._pages = Bridge(app, THREADS, LARGEST_BODY)
        self.kept = Kept() if kept is None else kept
        self._making: dict[Key, asyncio.Task[Answer]] = {}
        self._taking = 0
        self._each = Rates(SENT_BURST, SENT_PER_S)
        self._all = Rates(ALL_BURST, ALL_PER_S)

    async def close(self, limit_s: float) -> None:
        """Wait for what is being made."""
        await self._pages.close(limit_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if len(path) > _LONGEST or not _PATH.fullmatch(path):
            await tell(send, _NOTHING)
        elif method in ("GET", "HEAD"):
            await self._look(scope, send)
        elif method == "POST":
            await self._take(scope, receive, send)
        else:
            await tell(send, _NOT_SO)

    async def _look(self, scope: Scope, send: Send) -> None:
        key = (scope["path"], "en" if scope["query_string"] == _ENGLISH else "")
        found, now = self.kept.get(key), asyncio.get_running_loop().time()
        age = Age.GONE if found is None else found.age(now)
        if found is not None and age in (Age.FRESH, Age.STALE):
            if age is Age.STALE:
                self._begin(key, scope)
            answer = _asked(found, scope)
        else:
            answer = await self._anew(key, scope)
            if answer.status >= 500 and found is not None and age is Age.OLD:
                answer = _asked(found, scope)
        await tell(send, _headless(answer) if scope["method"] == "HEAD" else answer)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        now, (address, _) = asyncio.get_running_loop().time(), scope.get("client") or ("", 0)
        if (b"sec-fetch-site", b"cross-site") in scope["headers"]:
            await tell(send, _FOREIGN)
        # who sends too much takes nothing away from the others
        elif self._each.take(address, now) or self._all.take("", now):
            await tell(send, _TOO_FAST)
        elif self._taking >= MOST_WAITING:
            await tell(send, _BUSY)
        else:
            self._taking += 1
            try:
                await self._pages(scope, receive, send)
            finally:
                self._taking -= 1

    async def _anew(self, key: Key, scope: Scope) -> Answer:
        making = self._begin(key, scope)
        if making is None:
            return _BUSY
        answer = await asyncio.shield(making)
        made = self.kept.get(key)
        return answer if answer.status != 200 or made is None else _asked(made, scope)

    def _begin(self, key: Key, scope: Scope) -> "asyncio.Task[Answer] | None":
        """The answer on its way, once for all who wait for it; None: too many others are."""
        if key not in self._making:
            if len(self._making) >= MOST_WAITING:
                return None
            self._making[key] = asyncio.create_task(self._make(key, scope))
            self._making[key].add_done_callback(lambda _: self._making.pop(key, None))
        return self._making[key]

    async def _make(self, key: Key, scope: Scope) -> Answer:
        path, language = key
        # an answer for everybody is made for nobody in particular: no header, no address
        asked = {**scope, "method": "GET", "path": path, "headers": [], "client": None}
        asked["query_string"] = _ENGLISH if language else b""
        answer = await self._pages.answer(asked, _no_body)
        if (made := ready(answer, asyncio.get_running_loop().time())) is not None:
            self.kept.put(key, made)
        elif answer.status < 500:
            self.kept.drop(key)
        return answer


def _asked(found: Ready, scope: Scope) -> Answer:
    packs, known = False, b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            packs = b"gzip" in value
        elif name == b"if-none-match":
            known = value
    return found.to(packs, known)


def _headless(answer: Answer) -> Answer:
    return Answer(answer.status, answer.headers)


async def _no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}
