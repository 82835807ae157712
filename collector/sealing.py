"""Small secrets kept in the database: sealed with a key that lies outside of it."""

from os import urandom
from typing import Any

from collector.secret import derive

_NONCE = 12


def closed(secret: bytes, purpose: str, bound: str, plain: str) -> bytes:
    """A box that only this centre's secret opens, for this purpose and under this name alone."""
    nonce = urandom(_NONCE)
    shut: bytes = _cipher(secret, purpose).encrypt(nonce, plain.encode(), bound.encode())
    return nonce + shut


def opened(secret: bytes, purpose: str, bound: str, box: bytes) -> str | None:
    """What is in the box; None where another secret, purpose or name closed it."""
    from cryptography.exceptions import InvalidTag

    try:
        plain = _cipher(secret, purpose).decrypt(box[:_NONCE], box[_NONCE:], bound.encode())
    except (InvalidTag, ValueError):
        return None
    found: str = plain.decode()
    return found


def _cipher(secret: bytes, purpose: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(derive(secret, purpose))
