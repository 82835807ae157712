"""The body of a request, never more of it than we allow, and the answers to give."""

import asyncio
import re
import zlib
from collections.abc import Awaitable
from typing import NamedTuple, Protocol, overload

import msgspec

from collector.intake.wire import MAX_INFLATED_BYTES, MAX_SENT_BYTES

Headers = list[tuple[str, str]]
_JSON: Headers = [("content-type", "application/json")]
_FIELD = re.compile(r"[a-z-]+: ")
_FIELDS = {400: "body", 401: "authorization", 408: "body", 413: "body"}
# each member costs a new inflater and a copy of what follows it
_MOST_MEMBERS = 16
_TEXT: Headers = [("content-type", "text/plain; charset=utf-8")]


class Given(Protocol):
    """Headers as granian gives them; names in lower case."""

    @overload
    def get(self, key: str) -> str | None: ...

    @overload
    def get(self, key: str, default: str) -> str: ...


class Stream(Protocol):
    """The request's body as granian gives it: whole, or chunk by chunk."""

    async def __call__(self) -> bytes: ...

    def __aiter__(self) -> "Stream": ...

    async def __anext__(self) -> bytes: ...


class Reply(NamedTuple):
    """One answer over HTTP."""

    status: int
    body: bytes = b""
    headers: Headers = _JSON


class Problem(Exception):
    """A request that is refused; `retry_s` says when trying again can help."""

    def __init__(self, status: int, error: str, retry_s: int | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.retry_s = retry_s

    def reply(self) -> Reply:
        return reply_json({"error": self.error}, self.status, self._headers())

    def reply_text(self, last: str) -> Reply:
        """As the flat form says it: which field, why, and the `last` lines."""
        named = _FIELD.match(self.error) is not None
        said = self.error if named else f"{_FIELDS.get(self.status, 'report')}: {self.error}"
        return reply_text(f"error {said}\n{last}", self.status, self._headers())

    def _headers(self) -> Headers:
        found = [] if self.retry_s is None else [("retry-after", str(self.retry_s))]
        if self.status == 401:
            # what uclient-fetch waits for before it shows a password
            found.append(("www-authenticate", 'Basic realm="ronda"'))
        if self.status in (408, 413):
            # the rest of such a body is not read; the connection cannot go on
            found.append(("connection", "close"))
        return found


def reply_json(thing: object, status: int = 200, headers: Headers | None = None) -> Reply:
    return Reply(status, msgspec.json.encode(thing), [*_JSON, *headers] if headers else _JSON)


def reply_text(text: str, status: int = 200, headers: Headers | None = None) -> Reply:
    return Reply(status, text.encode(), [*_TEXT, *headers] if headers else _TEXT)


class Patience:
    """Bodies that are being read, and since when; one sweep a second ends those that dawdle.

    A timer for each request would cost more than all the rest of reading it.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._reading: dict[asyncio.Task[object], float] = {}

    async def wait(self, body: Awaitable[bytes]) -> bytes:
        """The body, or Problem 408."""
        task = asyncio.current_task()
        assert task is not None
        self._reading[task] = asyncio.get_running_loop().time() + self._within_s
        try:
            return await body
        except asyncio.CancelledError:
            if task in self._reading:
                raise
            task.uncancel()
            words = f"the body did not come within {self._within_s:g} s"
            raise Problem(408, words) from None
        finally:
            self._reading.pop(task, None)

    def sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for task in [task for task, due in self._reading.items() if due < now]:
            del self._reading[task]
            task.cancel()


async def read_body(headers: Given, stream: Stream, patience: Patience) -> bytes:
    """The body as it means: whole, in time, inflated; or Problem 400, 408, 413, 415."""
    encoding = headers.get("content-encoding", "").strip().lower() or "identity"
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Problem(415, "content-encoding: only gzip, or none")
    sent = await patience.wait(_sent(headers, stream))
    return sent if encoding == "identity" else inflate(sent)


def inflate(sent: bytes) -> bytes:
    """What was gzipped, in one member or several; stops at the limit, the memory stays free."""
    parts: list[bytes] = []
    room = MAX_INFLATED_BYTES + 1
    rest = sent
    while rest or not parts:
        unpacker = zlib.decompressobj(31)
        try:
            parts.append(unpacker.decompress(rest, room))
        except zlib.error as error:
            raise Problem(400, f"not gzip: {error}") from None
        room -= len(parts[-1])
        if room <= 0:
            raise Problem(413, f"more than {MAX_INFLATED_BYTES >> 20} MiB inflated")
        if not unpacker.eof:
            raise Problem(400, "not gzip: cut short")
        rest = unpacker.unused_data
        if len(parts) >= _MOST_MEMBERS and rest:
            raise Problem(400, f"not gzip we read: more than {_MOST_MEMBERS} members")
    return b"".join(parts)


async def _sent(headers: Given, stream: Stream) -> bytes:
    announced = headers.get("content-length")
    if announced is not None:
        if not announced.isdigit() or int(announced) > MAX_SENT_BYTES:
            raise _too_much()
        try:
            return await stream()
        except RuntimeError:
            # granian's word for a peer that is gone; this answer is for the counters
            raise Problem(400, "the connection broke off") from None
    parts = []
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > MAX_SENT_BYTES:
            raise _too_much()
        parts.append(chunk)
    return b"".join(parts)


def _too_much() -> Problem:
    return Problem(413, f"more than {MAX_SENT_BYTES >> 20} MiB sent")
