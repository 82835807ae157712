"""Files of imports come in few at a time, on a thread of their own."""

from web.bridge import Bridge, Receive, Scope, Send, Wsgi, tell
from web.inventory import uploading


class TableDoor:
    """Lets requests that bring tables through to the console's pages."""

    def __init__(self, app: Wsgi, most: int = uploading.MOST_AT_ONCE) -> None:
        self._most, self._held = most, 0
        self._pages = Bridge(
            app, 1, uploading.LARGEST_BODY, uploading.BODY_S, say=uploading.refusal
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._held >= self._most:
            await tell(send, self._pages.no(503, (b"retry-after", b"60")))
            return
        self._held += 1
        try:
            await self._pages(scope, receive, send)
        finally:
            self._held -= 1

    async def close(self, limit_s: float) -> None:
        """Wait for what is being answered."""
        await self._pages.close(limit_s)
