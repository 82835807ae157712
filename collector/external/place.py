"""Where the external engine is, and by what it knows us."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent.strict import Refused
from collector.outward.post import Receiver
from collector.settings import Settings

SECRET = "RONDA_METRICS_SECRET"


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
    """The configured one, None where there is none; Refused when its secret cannot be read, or
    others may read it."""
    if not settings.metrics_url:
        return None
    secret = environment.get(SECRET, "") or _first_line(settings.metrics_secret_file)
    if not (secret.isascii() and secret.isprintable()):
        raise Refused("metrics_secret_file", "expected one line of plain characters")
    user, tenant = settings.metrics_user, settings.metrics_tenant
    receiver = Receiver(settings.metrics_write_url, user, secret, tenant)
    return Place(settings.metrics_url.rstrip("/"), receiver, settings.metrics_timeout_s)


def _first_line(name: str) -> str:
    if not name:
        return ""
    path = Path(name)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Refused("metrics_secret_file", f"others may read it: chmod 600 {path}")
        return path.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("metrics_secret_file", f"cannot be read: {error}") from error
