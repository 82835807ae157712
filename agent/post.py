"""The way to the collector: one kept connection, the token, the pinned CA, its addresses."""

import re
from collections.abc import Sequence

from agent import diary
from agent.around import Door
from agent.clock import Clock
from agent.dial import Address
from agent.identity import Home, Identity, swapped, with_token
from agent.wire import Connection, Response, split_url, tls_context

__all__ = ["Post", "Response"]

# 127.0.0.1.example.com is somebody else
_LOOPBACK = re.compile(r"localhost|::1|127(\.\d{1,3}){3}")
_TIMEOUT_S = 10.0
_CONFIG_BYTES = 1 << 20


class Post:
    """Requests to whichever address of the collector answers. Errors are WireError."""

    def __init__(self, home: Home, identity: Identity, clock: Clock) -> None:
        self.identity = identity
        self._home, self._clock = home, clock
        self._urls: tuple[str, ...] = (identity.url,)
        self._at = 0
        self._connection: Connection | None = None
        self._past_sent = self._past_received = 0
        self._tried_other = False
        # where the collector answered last: beacons go there, too
        self.peer: Address | None = None

    @property
    def sent(self) -> int:
        return self._past_sent + (self._connection.sent_bytes if self._connection else 0)

    @property
    def received(self) -> int:
        return self._past_received + (self._connection.received_bytes if self._connection else 0)

    @property
    def total_bytes(self) -> int:
        return self.sent + self.received

    @property
    def door(self) -> Door:
        """Where the collector answered last, for who has more to ask there."""
        url = self._urls[self._at]
        return Door(url, self.identity.token, self.identity.ca, self._clock.dates_count())

    @property
    def trusted(self) -> bool:
        """Is it certain that the collector itself answers?"""
        scheme, host, _, _ = split_url(self._urls[self._at])
        return scheme == "https" or _LOOPBACK.fullmatch(host) is not None

    @property
    def who(self) -> tuple[int, bytes] | None:
        """The agent's number and the key of its beacons; None when it has none."""
        agent, key = self.identity.agent, self.identity.key
        try:
            number, secret = int(agent), bytes.fromhex(key)
        except ValueError:
            return None
        return (number, secret) if secret and 0 < number < 1 << 32 else None

    def use_addresses(self, urls: Sequence[str]) -> None:
        """Addresses from the configuration first; the one enrolled at is never given up."""
        # the token was given over TLS and must not travel in the clear
        plain_too = split_url(self.identity.url)[0] == "http"
        fit = [url for url in urls if plain_too or split_url(url)[0] == "https"]
        wanted = tuple(dict.fromkeys([*fit, self.identity.url]))
        if wanted != self._urls:
            self.close()
            self._urls, self._at = wanted, 0

    def report(self, body: bytes, headers: dict[str, str]) -> Response:
        """Deliver one gzipped report."""
        answer = self._request(
            "POST", "/api/v1/reports", {"Content-Encoding": "gzip", **headers}, body
        )
        if answer.status != 401:
            self._tried_other = False
        return answer

    def config(self, headers: dict[str, str]) -> Response:
        return self._request("GET", "/api/v1/config", headers)

    def rotate(self, body: bytes) -> Response:
        return self._request("POST", "/api/v1/rotate", {}, body)

    def tunnel(self, body: bytes) -> Response:
        return self._request("POST", "/api/v1/tunnel", {}, body)

    def keep(self, identity: Identity) -> None:
        """Use this identity from now on, also after a restart."""
        self.identity = identity
        try:
            self._home.keep_identity(identity)
        except OSError as error:
            diary.say(f"the identity cannot be written: {error}")

    def new_token(self, token: str, key: str) -> None:
        """The answer to a rotation; without a key the one in use stays."""
        self.keep(with_token(self.identity, token, key or self.identity.key))

    def other_token(self) -> bool:
        """Change to the other token of a rotation; False when there is none left to try."""
        if self._tried_other or not self.identity.old_token:
            self._tried_other = False
            return False
        self._tried_other = True
        self.keep(swapped(self.identity))
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._past_sent += self._connection.sent_bytes
            self._past_received += self._connection.received_bytes
            self._connection.close()
        self._connection = None

    def elsewhere(self) -> None:
        """What answered here was no help, or was no collector: the next address from now on."""
        self.close()
        self._at = (self._at + 1) % len(self._urls)

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> Response:
        connection, base = self._connected()
        bearer = {"Authorization": f"Bearer {self.identity.token}"}
        answer = connection.request(method, base + path, {**bearer, **headers}, body, _CONFIG_BYTES)
        self.peer = connection.peer
        return answer

    def _connected(self) -> tuple[Connection, str]:
        scheme, host, port, path = split_url(self._urls[self._at])
        if self._connection is None:
            context = None
            if scheme == "https":
                context = tls_context(self.identity.ca or None, self._clock.dates_count())
            self._connection = Connection(scheme, host, port, context, _TIMEOUT_S, counts=True)
        return self._connection, path.rstrip("/")
