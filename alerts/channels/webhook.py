"""A message as JSON to somebody's own address; the answer's body is judged, not only its status."""

import base64
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.channels import NotifyFailed, reach
from alerts.channels.answer import Answer, BadAnswer, read
from alerts.channels.reach import Address, Network

LIMIT_S = 10.0
_CONNECT_S = 5.0
_LONGEST_WAIT_S = 3600.0
# later may be better: the rest of 4xx says that the request itself is wrong
_TRY_AGAIN = frozenset({408, 421, 423, 425, 429})


@dataclass(frozen=True)
class Webhook:
    """POSTs JSON; `allowed` networks may be reached although they are the centre's own."""

    allowed: Sequence[Network] = ()
    own: Callable[[], Sequence[Network]] = reach.own_networks
    limit_s: float = LIMIT_S
    stopwatch: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """What the other side said, in short; NotifyFailed when it did not take the message."""
        parts = _split(target)
        address, port = self._find(parts)
        body = json.dumps(message, ensure_ascii=False).encode()
        try:
            answer = self._post(parts, address, port, body)
        except (OSError, BadAnswer) as error:
            raise NotifyFailed(f"{parts.hostname}: {_say(error)}") from error
        return judge(answer)

    def _find(self, parts: SplitResult) -> tuple[Address, int]:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            addresses = reach.resolve(str(parts.hostname), port)
        except OSError as error:
            raise NotifyFailed(f"{parts.hostname}: {_say(error)}") from error
        own = self.own()
        problems = [reach.problem(address, self.allowed, own) for address in addresses]
        for address, problem in zip(addresses, problems, strict=True):
            if not problem:
                return address, port
        raise NotifyFailed(f"{problems[0]}: list it in allow_targets to reach it", permanent=True)

    def _post(self, parts: SplitResult, address: Address, port: int, body: bytes) -> Answer:
        ends_at = self.stopwatch() + self.limit_s
        # to the address that was judged: a name may tell another one the next time
        raw = socket.create_connection((str(address), port), min(_CONNECT_S, self.limit_s))
        with raw:
            sock = raw
            if parts.scheme == "https":
                sock = self.tls.wrap_socket(raw, server_hostname=parts.hostname)
            with sock:
                sock.sendall(_request(parts, body))
                return read(sock, ends_at, self.stopwatch)


def judge(answer: Answer) -> str:
    """The answer in short when it means "taken"; NotifyFailed with the reason when not."""
    status = answer.status
    said = " ".join(answer.body[:200].decode("utf-8", "replace").split())
    if 200 <= status < 300:
        if refusal := _refusal(answer.body):
            raise NotifyFailed(f"{status}, but it says {refusal}")
        return f"{status} {said}".strip()
    if 300 <= status < 400:
        raise NotifyFailed(f"{status}: it points elsewhere; give the final address", permanent=True)
    permanent = 400 <= status < 500 and status not in _TRY_AGAIN
    raise NotifyFailed(f"{status} {said}".strip(), permanent, _seconds(answer))


def _refusal(body: bytes) -> str:
    """Gateways say no with status 200; empty when this one does not."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    no = any(told.get(key) in (False, "error", "failed") for key in ("status", "ok", "success"))
    if not no and not told.get("error"):
        return ""
    why = told.get("reason") or told.get("error") or told.get("message") or told
    return str(why)[:200]


def _seconds(answer: Answer) -> float | None:
    try:
        return min(max(0.0, float(answer.headers["retry-after"])), _LONGEST_WAIT_S)
    except KeyError:
        return None
    except ValueError:
        return None


def _split(target: str) -> SplitResult:
    try:
        parts = urlsplit(target)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise NotifyFailed("not an http or https address", permanent=True)
    return parts


def _request(parts: SplitResult, body: bytes) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: ronda",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if parts.username:
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Authorization: Basic {base64.b64encode(known.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode("ascii", "replace") + body


def _say(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
