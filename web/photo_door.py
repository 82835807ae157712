"""Who may send a photo is decided before a byte of it is read, and each has few on the way.

Without that a dozen strangers who send slowly would hold every place, and no village could show the
cable that it found.
"""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, abort, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from alerts.links import Why
from web import context, hands, incident_acts, uploads
from web.bridge import Answer, Bridge, Receive, Scope, Send, environ_of, tell
from web.tongue import gettext, speak

_ASKING_THREADS = 2


class PhotoDoor:
    """Lets requests that bring photos through to the console's pages."""

    def __init__(
        self,
        app: Flask,
        most: int = uploads.MOST_AT_ONCE,
        most_each: int = uploads.MOST_OF_ONE,
        body_s: float = uploads.BODY_S,
        quiet_s: float = uploads.QUIET_S,
    ) -> None:
        self._app, self._most, self._most_each = app, most, most_each
        self._pages = Bridge(
            app, 1, uploads.LARGEST_BODY, body_s, quiet_s=quiet_s, say=uploads.refusal
        )
        self._asking = ThreadPoolExecutor(_ASKING_THREADS, thread_name_prefix="photo-door")
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
        """In whose name it comes, or the page that says why it may not."""
        try:
            environ = environ_of(scope, b"")
        except UnicodeDecodeError:
            return self._pages.no(400)
        with self._app.request_context(environ):
            try:
                who = _sender()
            except (HTTPException, SQLAlchemyError) as error:
                who = self._app.make_response(self._app.handle_user_exception(error))
            if isinstance(who, str):
                return who
            return _answer(self._app.process_response(self._app.make_response(who)))


def _sender() -> str | Response | tuple[str, int]:
    """The account, or the person a link was made for; for these two one is as good as another."""
    given = request.view_args or {}
    if request.endpoint == "hands.photo":
        opened = hands.opened(given["token"])
        if isinstance(opened, Why):
            return hands.refusal(opened)
        return f"link {opened.person.scope} {opened.person.name}"
    speak(context.language())
    context.recognise()
    speak(context.language())
    if context.me() is None:
        abort(401, gettext("Your session has ended. Sign in, then send the photo again."))
    return f"account {incident_acts.photographer(given['number'])}"


def _answer(response: Response) -> Answer:
    headers = ((k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.headers)
    return Answer(response.status_code, tuple(headers), response.get_data())
