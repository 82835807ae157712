"""What proves to Alertmanagers who we are.

By itself, because the parent of all processes asks for it before it starts them: without all that
tells Alertmanagers of incidents, it starts in half the time.
"""

from collections.abc import Mapping

from agent.strict import Refused
from alerts.channels.http import basic
from collector.outward.outlets import CLEAR, in_the_clear
from collector.secret_files import first_line
from collector.settings import Settings

SECRET = "RONDA_ALERTMANAGER_CREDENTIALS"
_NAME = "alertmanager_credentials_file"


def authorization_of(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """What proves who we are there; Refused when it cannot be read, or others may read it, there
    or on the way."""
    secret = environment.get(SECRET, "") or first_line(
        _NAME, settings.alertmanager_credentials_file
    )
    if secret and any(in_the_clear(url) for url in settings.alertmanager_urls):
        raise Refused(_NAME, CLEAR)
    return {"Authorization": _authorization(secret)} if secret else {}


def _authorization(secret: str) -> str:
    """USER:PASSWORD, or a token: no token holds a colon."""
    if not secret.isprintable():
        raise Refused(_NAME, "its first line is not plain text")
    user, colon, password = secret.partition(":")
    return basic(user, password) if colon else f"Bearer {secret}"
