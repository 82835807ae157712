"""Where the external engine is, and by what it knows us."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.strict import Refused
from collector.outward.outlets import ENGINE, in_the_clear, receivers
from collector.outward.post import Receiver
from collector.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """`read` is the address that `/api/v1/...` is added to; `receiver` takes what is written."""

    read: str
    receiver: Receiver
    timeout_s: float

    @property
    def host(self) -> str:
        """How messages name it."""
        return urlsplit(self.read).netloc


def place_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Place | None:
    """The configured one, None where there is none; Refused when its secret, or that of another
    receiver, cannot be read or would travel in the open."""
    known = receivers(settings, environment)
    if not settings.metrics_url:
        return None
    engine = known[ENGINE]
    if engine.secret and in_the_clear(settings.metrics_url):
        raise Refused("metrics_url", "https only, since there is a secret; but for this machine")
    return Place(settings.metrics_url.rstrip("/"), engine, settings.metrics_timeout_s)
