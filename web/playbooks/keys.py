"""Public SSH keys as people compare them: kind and SHA256 fingerprint, as `ssh-keygen -l` says."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.strict import Refused
from collector.ssh_keys import NotAKey, public_key


@dataclass(frozen=True, slots=True)
class Key:
    """`line`: kind and key, as it is pinned."""

    line: str
    kind: str
    fingerprint: str


def key(text: str) -> Key:
    """A line of a public key file or of known_hosts; Refused where it is none."""
    try:
        found = public_key(text)
    except NotAKey:
        raise Refused("host_keys", f"no public key: {text[:60]!r}") from None
    return Key(found.text, found.kind, found.fingerprint)


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
