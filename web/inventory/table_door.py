"""Files of imports, and the looks at what they would change: few at a time, on threads of their
own, so that no page waits for a province being read."""

from flask import Flask, abort

from web import context
from web.bridge import Bridge, Receive, Scope, Send
from web.door import Door, Sender
from web.inventory import uploading
from web.inventory.desk import EDITORS
from web.tongue import gettext


class TableDoor(Door):
    """Lets requests that bring tables, or have them read again, through to the console's pages."""

    def __init__(
        self,
        app: Flask,
        most: int = uploading.MOST_AT_ONCE,
        most_each: int = uploading.MOST_OF_ONE,
    ) -> None:
        files = Bridge(app, 1, uploading.LARGEST_BODY, uploading.BODY_S, say=uploading.refusal)
        super().__init__(app, files, _sender, most, most_each)
        self._looks = Bridge(app, 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if uploading.brings_tables(scope["method"], scope["path"]):
            await super().__call__(scope, receive, send)
        else:
            await self._looks(scope, receive, send)

    async def close(self, limit_s: float) -> None:
        """Wait for what is being answered."""
        await super().close(limit_s)
        await self._looks.close(limit_s)


def _sender() -> Sender:
    """The account, where it may change the inventory."""
    context.greet()
    user = context.me()
    if user is None:
        abort(401, gettext("Please sign in."))
    if user.role not in EDITORS:
        abort(403, gettext("Your role does not allow this."))
    return user.name
