"""A connection to somebody who may answer in drops, or never: whatever is waited for ends in time.

No proxy is asked and no redirect followed: whoever the settings name answers, and nobody else.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Iterator


class Wire:
    """Makes connections to the host of one address; certificates and names are checked."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        # of the address what a request names
        self.path = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))

    def connection(self, limit_s: float) -> http.client.HTTPConnection:
        """Not open yet; `within` opens it."""
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=limit_s)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=limit_s, context=self._tls
        )


@contextlib.contextmanager
def within(connection: http.client.HTTPConnection, limit_s: float) -> Iterator[None]:
    """What is done with an open connection in here is over after `limit_s`, with TimeoutError."""
    late = threading.Event()
    # the limit of a socket is one of each read: an answer in drops would hold us for good
    watch = threading.Timer(limit_s, _cut, (connection, late))
    watch.daemon = True
    watch.start()
    try:
        if connection.sock is None:
            connection.connect()
            _refuse(late, limit_s)
        yield
        # an answer that ends with the connection looks whole where we cut it
        _refuse(late, limit_s)
    except (OSError, http.client.HTTPException):
        _refuse(late, limit_s)
        raise
    finally:
        watch.cancel()


def _refuse(late: threading.Event, limit_s: float) -> None:
    if late.is_set():
        raise TimeoutError(f"no answer in {limit_s:g} s") from None


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    # first this: one that is still being opened has nothing to cut, and is asked for it then
    late.set()
    sock = connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):
            # closing alone would not wake who waits on it
            sock.shutdown(socket.SHUT_RDWR)
