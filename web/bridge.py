"""Flask behind ASGI: the whole request goes in, the whole answer comes out, in a few threads.

A thread is taken only when the body is there, and given back before the answer is on its way,
so that neither a slow sender nor a slow reader holds one.
"""

import asyncio
import contextlib
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

LARGEST_BODY = 64 * 1024
_BODY_S = 20.0
# so many whole requests wait for a thread; who comes then is asked to come again
_MOST_WAITING = 256
_AGAIN = (b"retry-after", b"5")
# bytes of bodies that are held at once: connections are many, and nobody knows yet whose they are
MOST_HELD = 64 << 20
# of the largest ones so many have room in any case
_LARGEST_HELD = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"text/plain"),)
    body: bytes = b""


# of an answer that is no page: nothing in it may run, and nobody keeps it
BARE = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Bridge:
    """Hands requests to a WSGI app and its answers to the server."""

    def __init__(
        self,
        app: Wsgi,
        threads: int,
        largest: int = LARGEST_BODY,
        body_s: float = _BODY_S,
        quiet_s: float = _BODY_S,
        say: Callable[[int], str] = lambda _: "",
        kind: bytes = b"text/plain; charset=utf-8",
        most_held: int = MOST_HELD,
    ) -> None:
        self._app, self._say, self._kind = app, say, kind
        self._largest, self._body_s, self._quiet_s = largest, body_s, quiet_s
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._most_held = max(most_held, _LARGEST_HELD * largest)
        self._busy = self._waiting = self._held = 0

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer, to be kept or sent."""
        self._busy += 1
        try:
            return await self._answer(scope, receive)
        finally:
            self._busy -= 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._busy += 1
        try:
            await tell(send, await self._answer(scope, receive))
        finally:
            self._busy -= 1

    async def close(self, limit_s: float) -> None:
        """Wait for what is being answered, so that no thread finds its loop gone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self._busy:
                    await asyncio.sleep(0.01)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_s):
                problem = await self._read(headers_of(scope), receive, body)
            if problem:
                return self.no(problem, *([_AGAIN] if problem == 503 else []))
            return await self._page(environ_of(scope, bytes(body)))
        except (UnicodeDecodeError, TimeoutError):
            return self.no(400)
        finally:
            self._held -= len(body)

    async def _page(self, environ: dict[str, Any]) -> Answer:
        if self._waiting >= _MOST_WAITING:
            return self.no(503, _AGAIN)
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            return await loop.run_in_executor(self._threads, self._run, environ)
        finally:
            self._waiting -= 1

    def no(self, status: int, *more: tuple[bytes, bytes]) -> Answer:
        """The answer to a request that no page sees."""
        kind = (b"content-type", self._kind)
        return Answer(status, (kind, *BARE, *more), self._say(status).encode())

    async def _read(self, headers: Mapping[str, str], receive: Receive, body: bytearray) -> int:
        """Adds all of it to `body`; the status where it is too large, or too many are held."""
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._largest:
            return 413
        more = True
        while more:
            message = await self._next(receive)
            if message["type"] == "http.disconnect":
                # half of what somebody wrote is not what they meant
                raise TimeoutError
            piece = message.get("body", b"")
            body += piece
            self._held += len(piece)
            more = message.get("more_body", False)
            if len(body) > self._largest:
                return 413
            if self._held > self._most_held:
                return 503
        return 0

    async def _next(self, receive: Receive) -> dict[str, Any]:
        """The next piece of a body; TimeoutError when it lets us wait."""
        if self._quiet_s >= self._body_s:
            return await receive()
        async with asyncio.timeout(self._quiet_s):
            return await receive()

    def _run(self, environ: dict[str, Any]) -> Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            begun.append((status, headers))

        parts = self._app(environ, start_response)
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, headers = begun[-1]
        sent = tuple((k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers)
        return Answer(int(status.split(" ", 1)[0]), sent, body)


async def tell(send: Send, answer: Answer) -> None:
    """Send a whole answer."""
    start = {"type": "http.response.start", "status": answer.status}
    await send(start | {"headers": list(answer.headers)})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers by small name; of repeated ones the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def environ_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """What WSGI (PEP 3333) wants to know; UnicodeDecodeError when the query is not ASCII."""
    host, port = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("ascii"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _put_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    # the body is here: its length is known, however it was sent
    return environ | {"CONTENT_LENGTH": str(len(body))}


def _put_header(environ: dict[str, Any], name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    # `X_Forwarded_For` would pass for `X-Forwarded-For`, which only a listed proxy may say
    if "_" in name:
        return
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    joint = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
