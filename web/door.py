"""Who may send something large is decided before a byte of it is read, and each has few on the way.

Without that a dozen strangers who send slowly would hold every place.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from web.bridge import Answer, Bridge, Receive, Scope, Send, environ_of, tell

# in whose name a request comes, or the page that says why it may not
Sender = str | Response | tuple[str, int]

_ASKING_THREADS = 2


class Door:
    """Lets requests of those who may through to the console's pages."""

    def __init__(
        self, app: Flask, pages: Bridge, sender: Callable[[], Sender], most: int, most_each: int
    ) -> None:
        self._app, self._pages, self._sender = app, pages, sender
        self._most, self._most_each = most, most_each
        self._asking = ThreadPoolExecutor(_ASKING_THREADS, thread_name_prefix="door")
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        who = await loop.run_in_executor(self._asking, self._who, scope)
        if isinstance(who, Answer):
            await tell(send, who)
        elif (status := self._full(who)) is not None:
            await tell(send, self._pages.no(status, (b"retry-after", b"60")))
        else:
            self._held[who] += 1
            try:
                await self._pages(scope, receive, send)
            finally:
                self._held[who] -= 1
                self._held += Counter()  # forgets who has none any more

    async def close(self, limit_s: float) -> None:
        """Wait for what is being answered."""
        await self._pages.close(limit_s)
        self._asking.shutdown(wait=False, cancel_futures=True)

    def _full(self, who: str) -> int | None:
        if self._held[who] >= self._most_each:
            return 429
        return 503 if self._held.total() >= self._most else None

    def _who(self, scope: Scope) -> str | Answer:
        try:
            environ = environ_of(scope, b"")
        except UnicodeDecodeError:
            return self._pages.no(400)
        with self._app.request_context(environ):
            try:
                who = self._sender()
            except (HTTPException, SQLAlchemyError) as error:
                who = self._app.make_response(self._app.handle_user_exception(error))
            if isinstance(who, str):
                return who
            return _answer(self._app.process_response(self._app.make_response(who)))


def _answer(response: Response) -> Answer:
    headers = ((k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.headers)
    return Answer(response.status_code, tuple(headers), response.get_data())
