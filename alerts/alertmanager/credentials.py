"""What proves to an Alertmanager who we are."""

from collections.abc import Mapping

from agent.strict import Refused
from alerts.channels.http import basic
from collector.outward.outlets import CLEAR, in_the_clear
from collector.secret_files import first_line
from collector.settings import Settings

SECRET = "RONDA_ALERTMANAGER_CREDENTIALS"


def authorization_of(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """What proves who we are there; Refused when it cannot be read, or others may read it, there
    or on the way."""
    name = "alertmanager_credentials_file"
    secret = environment.get(SECRET, "") or first_line(name, settings.alertmanager_credentials_file)
    if secret and any(in_the_clear(url) for url in settings.alertmanager_urls):
        raise Refused(name, CLEAR)
    return {"Authorization": authorization(secret)} if secret else {}


def authorization(secret: str) -> str:
    """USER:PASSWORD, or a token: no token holds a colon."""
    if not secret.isprintable():
        raise Refused("alertmanager_credentials_file", "its first line is not plain text")
    user, colon, password = secret.partition(":")
    return basic(user, password) if colon else f"Bearer {secret}"
