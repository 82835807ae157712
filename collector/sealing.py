"""Words that the centre must be able to read again, sealed at rest by its own secret."""

from os import urandom
from typing import Any

from collector.secret import derive

_NONCE = 12


def seal(secret: bytes, purpose: str, name: str, plain: str) -> bytes:
    """`plain` for one purpose, under a name: another purpose or name does not open it."""
    nonce = urandom(_NONCE)
    return bytes(nonce + _cipher(secret, purpose).encrypt(nonce, plain.encode(), name.encode()))


def unseal(secret: bytes, purpose: str, name: str, box: bytes) -> str | None:
    """What was sealed; None: by another secret, or it is damaged."""
    from cryptography.exceptions import InvalidTag

    nonce, closed = box[:_NONCE], box[_NONCE:]
    try:
        return str(_cipher(secret, purpose).decrypt(nonce, closed, name.encode()).decode())
    except (InvalidTag, ValueError):
        return None


def _cipher(secret: bytes, purpose: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(derive(secret, purpose))
