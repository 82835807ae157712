"""Passwords of checks: files on the agent's machine, one for each server.

They stand in `logins/HOST` of the agent's folder as `user:password`. No password passes through
the centre, and none goes to a server that it is not for.
"""

import os

from agent.report import ProbeFailed
from agent.strict import Refused

_MOST_CHARACTERS = 1000


def of(host: str) -> tuple[str, str]:
    """User and password for `host`; ProbeFailed when there are none."""
    from agent.cli import data_folder

    name = host.lower().rstrip(".")
    path = os.path.join(data_folder(), "logins", name)
    if "/" in name or name.startswith("."):
        raise ProbeFailed(f"no login for {host}")
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_MOST_CHARACTERS).strip()
    except FileNotFoundError:
        raise ProbeFailed(f"no login for {host}: write user:password into {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProbeFailed(f"{path} cannot be read") from error
    user, colon, password = text.partition(":")
    if not (user and colon and password) or not text.isprintable():
        raise ProbeFailed(f"{path} does not hold user:password")
    return user, password


def refuse_open(host: str) -> None:
    """A password goes over lines of this machine, or encrypted to who has proved who he is."""
    if host not in ("localhost", "::1") and not host.startswith("127."):
        raise Refused("login", "a password needs encryption and a certificate that is verified")


def basic(host: str) -> str:
    """What a web server is shown (RFC 7617)."""
    import base64

    user, password = of(host)
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
