"""One HTTP request to an address that may be reached, answered within a limit."""

import base64
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from agent.strict import Refused
from alerts.channels import NotifyFailed
from alerts.channels.answer import Answer, BadAnswer, read
from collector import reach
from collector.reach import Address, Network

LIMIT_S = 10.0
_CONNECT_S = 5.0
Headers = Mapping[str, str]


@cache
def _trusting() -> ssl.SSLContext:
    """One for all: reading whom this machine trusts takes longer than asking somebody."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Web:
    """Asks; `allowed` networks may be reached although they are the centre's own."""

    allowed: Sequence[Network] = ()
    own: Callable[[], Sequence[Network]] = reach.own_networks
    limit_s: float = LIMIT_S
    stopwatch: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext = field(default_factory=_trusting)

    def connect(self, host: str, port: int, limit_s: float) -> socket.socket:
        """A socket to the first address of a name that may be reached and answers.

        NotifyFailed names the address that may not be reached; OSError when none answers.
        """
        own = self.own()
        addresses = reach.resolve(host, port)
        problems = [reach.problem(address, self.allowed, own) for address in addresses]
        fine = [a for a, problem in zip(addresses, problems, strict=True) if not problem]
        if not fine:
            problem = f"{problems[0]}: list it in allow_targets to reach it"
            raise NotifyFailed(problem, permanent=True)
        # to the address that was judged: a name may tell another one the next time
        return _first(fine, port, min(_CONNECT_S, limit_s))

    def ask(self, method: str, url: str, headers: Headers, body: bytes = b"") -> Answer:
        """The answer, whatever its status; NotifyFailed when there is none."""
        parts = split(url)
        host, ends_at = str(parts.hostname), self.stopwatch() + self.limit_s
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            with self._open(parts, host, port) as sock:
                sock.sendall(_request(method, parts, headers, body))
                return read(sock, ends_at, self.stopwatch)
        except (OSError, BadAnswer) as error:
            raise NotifyFailed(f"{host}: {say(error)}") from error

    def post_json(self, url: str, told: object, headers: Headers | None = None) -> Answer:
        body = json.dumps(told, ensure_ascii=False).encode()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return self.ask("POST", url, {**kind, **(headers or {})}, body)

    def post_form(
        self, url: str, told: Mapping[str, str], headers: Headers | None = None
    ) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", url, {**kind, **(headers or {})}, urlencode(told).encode())

    def get(self, url: str, headers: Headers | None = None) -> Answer:
        return self.ask("GET", url, headers or {})

    def _open(self, parts: SplitResult, host: str, port: int) -> socket.socket:
        raw = self.connect(host, port, self.limit_s)
        if parts.scheme != "https":
            return raw
        try:
            return self.tls.wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def split(url: str) -> SplitResult:
    """The parts of an address; NotifyFailed when it is none of the web."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise NotifyFailed("not an http or https address", permanent=True)
    return parts


def check_url(place: str, text: str) -> None:
    """Refused when it is no address of the web."""
    try:
        split(text)
    except NotifyFailed as failed:
        raise Refused(place, failed.reason) from None


def say(error: Exception) -> str:
    """What went wrong on the way, without addresses or secrets."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _first(addresses: Sequence[Address], port: int, limit_s: float) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return socket.create_connection((str(address), port), limit_s)
        except OSError:
            continue
    return socket.create_connection((str(addresses[-1]), port), limit_s)


def _request(method: str, parts: SplitResult, headers: Headers, body: bytes) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told: dict[str, Any] = {
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": "ronda",
        "Content-Length": len(body),
        "Connection": "close",
    }
    if parts.username:
        told["Authorization"] = basic(unquote(parts.username), unquote(parts.password or ""))
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in {**told, **headers}.items()]
    text = "\r\n".join([*(_flat(line) for line in lines), "", ""])
    return text.encode("ascii", "replace") + body


def _flat(line: str) -> str:
    # a value from a settings file must not make lines of its own
    return line.replace("\r", " ").replace("\n", " ")
