"""Public SSH keys as people compare them: kind and SHA256 fingerprint, as `ssh-keygen -l` says."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.strict import Refused

_KIND = re.compile(r"[a-z0-9@.-]{4,64}")


@dataclass(frozen=True, slots=True)
class Key:
    """`line`: kind and key, as it is pinned."""

    line: str
    kind: str
    fingerprint: str


def key(text: str) -> Key:
    """A line of a public key file or of known_hosts; Refused where it is none."""
    words = text.split()
    # known_hosts has the name of the machine first
    for kind, coded in zip(words, words[1:], strict=False):
        body = _body(coded)
        if _KIND.fullmatch(kind) and body and _said(body) == kind:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")
            return Key(f"{kind} {coded}", kind, f"SHA256:{digest}")
    raise Refused("host_keys", f"no public key: {text[:60]!r}")


def keys(lines: Sequence[str]) -> list[Key]:
    """Each of them once, in their order; empty lines are none."""
    found = [key(line) for line in lines if line.strip()]
    return list({one.line: one for one in found}.values())


def shown(lines: Sequence[str]) -> list[Key]:
    """Those of them that can be read: of the others there is nothing to compare."""
    found = []
    for line in lines:
        try:
            found.append(key(line))
        except Refused:
            continue
    return found


def _body(coded: str) -> bytes:
    try:
        return base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _said(body: bytes) -> str:
    """The kind that a key says it is: its first field, with the length before it."""
    length = int.from_bytes(body[:4], "big")
    return body[4 : 4 + length].decode("ascii", "replace") if length <= len(body) - 4 else ""
