"""The channels of webhooks and of followers over the database: for the outbox, and for a trial."""

from collections.abc import Sequence

from sqlalchemy import Engine

from alerts import webhooks
from alerts.channels.config import FOLLOWERS, WEBHOOKS, Line
from alerts.channels.http import Web
from alerts.channels.subscribed import Address, Subscribed
from alerts.followed import Followed
from alerts.limits import Limits
from collector.db import reading
from collector.reach import parse
from collector.secret import load_secret
from collector.settings import Settings

_LIMITS = Limits(at_once=8, shared=False)
# what the staff is told goes by the same gateways: they keep the better part of them
_FOR_FOLLOWERS = Limits(per_s=1.0, at_once=2, daily_cap=1000, shared=False)


def lines(settings: Settings, store: Engine, others: Sequence[Line]) -> list[Line]:
    """The ways by which webhooks hear, and those who follow a place; `others`: those to people."""
    return [
        Line(WEBHOOKS, WEBHOOKS, "", channel(settings, store), _LIMITS),
        Line(FOLLOWERS, FOLLOWERS, "", Followed(store, others), _FOR_FOLLOWERS),
    ]


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
