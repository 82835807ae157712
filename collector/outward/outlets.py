"""Which receivers there are, by the settings of the centre and the secrets beside them."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from agent.strict import Refused
from collector.outward.post import Receiver
from collector.secret_files import first_line
from collector.settings import Settings

# a copy for others; the engine that keeps the history
COPY, ENGINE = "copy", "engine"
# what people read of them: doctor, logs
CALLED = {COPY: "remote write", ENGINE: "remote write to the engine"}
_SECRETS = {COPY: "RONDA_REMOTE_WRITE_SECRET", ENGINE: "RONDA_METRICS_SECRET"}
CLEAR = "goes by https only, but for this machine itself"
_NEAR = ("localhost", "127.0.0.1", "::1")


def wanted(settings: Settings) -> list[str]:
    """The outlets that are configured, by name; no secret is read for it."""
    urls = {COPY: settings.remote_write_url, ENGINE: settings.metrics_write_url}
    return [name for name, url in urls.items() if url]


def in_the_clear(url: str) -> bool:
    """Whether others could read on the way what goes there."""
    parts = urlsplit(url)
    return parts.scheme != "https" and parts.hostname not in _NEAR


def receivers(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> dict[str, Receiver]:
    """By outlet; Refused when a secret cannot be read, or would travel in the open."""
    s = settings
    copy = (s.remote_write_url, s.remote_write_user, s.remote_write_tenant)
    engine = (s.metrics_write_url, s.metrics_user, s.metrics_tenant)
    told = {
        COPY: ("remote_write", *copy, s.remote_write_secret_file),
        ENGINE: ("metrics", *engine, s.metrics_secret_file),
    }
    made = {}
    for name in wanted(settings):
        prefix, url, user, tenant, file = told[name]
        secret = environment.get(_SECRETS[name], "") or first_line(f"{prefix}_secret_file", file)
        made[name] = _checked(prefix, Receiver(url, user, secret, tenant))
    return made


def _checked(prefix: str, receiver: Receiver) -> Receiver:
    secret = receiver.secret
    if not (secret.isascii() and secret.isprintable()):
        raise Refused(f"{prefix}_secret_file", "a secret is printable ASCII on one line")
    if receiver.user and not secret:
        raise Refused(f"{prefix}_user", f"wants {prefix}_secret_file: a user has a password")
    if secret and in_the_clear(receiver.url):
        raise Refused(f"{prefix}_secret_file", CLEAR)
    return receiver
