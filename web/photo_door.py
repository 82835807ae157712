"""Who may send a photo: with strangers at every place no village could show the cable it found."""

from flask import Flask, abort, request

from alerts.links import Why
from web import context, hands, incident_acts, uploads
from web.bridge import Bridge
from web.door import Door, Sender
from web.tongue import gettext


class PhotoDoor(Door):
    """Lets requests that bring photos through to the console's pages."""

    def __init__(
        self,
        app: Flask,
        most: int = uploads.MOST_AT_ONCE,
        most_each: int = uploads.MOST_OF_ONE,
        body_s: float = uploads.BODY_S,
        quiet_s: float = uploads.QUIET_S,
    ) -> None:
        pages = Bridge(app, 1, uploads.LARGEST_BODY, body_s, quiet_s=quiet_s, say=uploads.refusal)
        super().__init__(app, pages, _sender, most, most_each)


def _sender() -> Sender:
    """The account, or the person a link was made for; for these two one is as good as another."""
    given = request.view_args or {}
    if request.endpoint == "hands.photo":
        opened = hands.opened(given["token"])
        if isinstance(opened, Why):
            return hands.refusal(opened)
        return f"link {opened.person.scope} {opened.person.name}"
    context.greet()
    if context.me() is None:
        abort(401, gettext("Your session has ended. Sign in, then send the photo again."))
    return f"account {incident_acts.photographer(given['number'])}"
