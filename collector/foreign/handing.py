"""From the console to ingest, which alone writes the journal: over HTTP on this machine, sealed.

**A seal** is a keyed digest of what is handed over. Nobody who lacks the centre's secret can make
one, and the secret itself never travels, so it does not matter who else listens or answers there.
"""

import hmac
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from collector.secret import derive
from collector.settings import Settings, split_address

PATH = "/internal/v1/foreign"
SEAL = "x-ronda-seal"
_LIMIT_S = 10.0
_RETRY_S = 5
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


class NotTaken(Exception):
    """Ingest is away or cannot write now; trying again in `retry_s` may help."""

    def __init__(self, problem: str, retry_s: int = _RETRY_S) -> None:
        super().__init__(problem)
        self.retry_s = retry_s


def seal(secret: bytes, payload: bytes) -> str:
    return derive(secret, "foreign", payload).hex()


def is_sealed(secret: bytes, payload: bytes, given: str) -> bool:
    return hmac.compare_digest(seal(secret, payload).encode(), given.encode())


def hand_over(settings: Settings, secret: bytes, payload: bytes) -> None:
    """Return once the journal has it on disk; NotTaken otherwise."""
    connection = _connection(settings)
    try:
        connection.request("POST", PATH, payload, {SEAL: seal(secret, payload)})
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        raise NotTaken(f"ingest does not answer: {error}") from None
    finally:
        connection.close()
    if answer.status != 204:
        told = answer.getheader("retry-after", "")
        retry_s = int(told) if told.isdigit() else _RETRY_S
        raise NotTaken(f"ingest answers {answer.status}", retry_s)


def _connection(settings: Settings) -> HTTPConnection:
    host, port = split_address(settings.ingest)
    host = _EVERYWHERE.get(host, host)
    if not settings.cert:
        return HTTPConnection(host, port, timeout=_LIMIT_S)
    # its certificate is made out to the name that agents know, and nothing secret is sent
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=_LIMIT_S, context=context)
