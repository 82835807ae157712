"""Where gateways tell what people answered: an address with a secret in it, and signatures."""

import hmac
import logging
from threading import Lock

from flask import Blueprint, Response, current_app, request

from agent.strict import Refused
from alerts.channels import config, hooks
from alerts.channels.config import Line
from alerts.channels.hooks import Came, NotBelieved, NotUnderstood
from alerts.inbox import Inbox
from alerts.replies import Heard
from collector.secret import load_secret
from web.context import centre, now

bp = Blueprint("hooks", __name__)
log = logging.getLogger(__name__)

_KEY = "ronda.hooks"
_MAKING = Lock()


class Desk:
    """The channels that may tell us something, each with its secret."""

    def __init__(self, lines: list[Line], secret: bytes, inbox: Inbox) -> None:
        self.inbox = inbox
        able = [line for line in lines if type(config.behind(line)) in hooks.KINDS]
        self._lines = {line.name: line for line in able if config.hears(line)}
        self._secrets = {name: hooks.secret_of(secret, name) for name in self._lines}

    def line(self, name: str, secret: str) -> Line | None:
        """The channel of this address; None when there is none, or it is not its secret."""
        known = self._secrets.get(name, "")
        fits = hmac.compare_digest(known.encode(), secret.encode())
        return self._lines.get(name) if known and fits else None


@bp.get("/hooks/<channel>/<secret>")
def verify(channel: str, secret: str) -> Response:
    """What Meta asks once, when the address is entered there."""
    line = _desk().line(channel, secret)
    if line is None:
        return _say(404, "no such address")
    words = hooks.challenge(config.behind(line), secret, request.args)
    return _say(403, "not verified") if words is None else _say(200, words)


@bp.post("/hooks/<channel>/<secret>")
def receive(channel: str, secret: str) -> Response:
    """Messages came in. 200 also for those that are refused: to tell again would not help."""
    desk = _desk()
    line = desk.line(channel, secret)
    if line is None:
        return _say(404, "no such address")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        came = hooks.read(config.behind(line), headers, request.get_data())
    except NotBelieved:
        log.warning("channel %s: a message with a wrong signature", channel)
        return _say(401, "wrong signature")
    except NotUnderstood as error:
        log.warning("channel %s: %s", channel, error)
        return _say(400, "not understood")
    for one in came:
        desk.inbox.hear(_heard(channel, one), now())
    return _say(200, "ok")


def _heard(channel: str, came: Came) -> Heard:
    return Heard(channel, came.sender, came.text, came.id)


def _desk() -> Desk:
    """Made at the first call: a bad file of channels must not keep the console from starting."""
    with _MAKING:
        found = current_app.extensions.get(_KEY)
        if found is None:
            settings = centre().settings
            try:
                lines = config.load(settings)
            except Refused as refused:
                log.warning("%s", refused)
                return Desk([], b"", Inbox(centre().store, [], settings.timezone))
            home, citizens = settings.timezone, settings.citizens
            inbox = Inbox(
                centre().store, lines, home, citizens=citizens, hides=settings.public_hides
            )
            found = Desk(lines, load_secret(settings.folder), inbox)
            current_app.extensions[_KEY] = found
    desk: Desk = found
    return desk


def _say(status: int, words: str) -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
