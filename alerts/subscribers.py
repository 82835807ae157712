"""The channel of webhooks over the database: for the outbox, and for a trial."""

from sqlalchemy import Engine

from alerts import webhooks
from alerts.channels.config import WEBHOOKS, Line
from alerts.channels.http import Web
from alerts.channels.subscribed import Address, Subscribed
from alerts.limits import Limits
from collector.db import reading
from collector.reach import parse
from collector.secret import load_secret
from collector.settings import Settings

_LIMITS = Limits(at_once=8, shared=False)


def line(settings: Settings, store: Engine) -> Line:
    """The way by which webhooks hear."""
    return Line(WEBHOOKS, WEBHOOKS, "", channel(settings, store), _LIMITS)


def channel(settings: Settings, store: Engine) -> Subscribed:
    """Looks each address up when it is sent; what may be reached is judged then."""
    centre = load_secret(settings.folder)

    def find(target: str) -> Address | None:
        with reading(store) as connection:
            found = webhooks.find(connection, int(target))
        if found is None or not found.active:
            return None
        return Address(found.url, found.secret(centre))

    return Subscribed(find, Web(parse(settings.allow_targets)))
