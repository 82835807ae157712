"""Small secrets kept in the database: sealed with a key that lies outside of it."""

from os import urandom
from typing import Any

from collector.secret import derive

_NONCE = 12
OVERHEAD = _NONCE + 16


def closed(secret: bytes, purpose: str, bound: str, plain: str) -> bytes:
    """A box that only this centre's secret opens, for this purpose and under this name alone."""
    return closed_bytes(secret, purpose, bound, plain.encode())


def opened(secret: bytes, purpose: str, bound: str, box: bytes) -> str | None:
    """What is in the box; None where another secret, purpose or name closed it."""
    plain = opened_bytes(secret, purpose, bound, box)
    return None if plain is None else plain.decode()


def closed_bytes(secret: bytes, purpose: str, bound: str, plain: bytes) -> bytes:
    """`closed` for what is no text; OVERHEAD bytes longer."""
    nonce = urandom(_NONCE)
    shut: bytes = _cipher(secret, purpose).encrypt(nonce, plain, bound.encode())
    return nonce + shut


def opened_bytes(secret: bytes, purpose: str, bound: str, box: bytes) -> bytes | None:
    """`opened` for what is no text."""
    from cryptography.exceptions import InvalidTag

    try:
        plain: bytes = _cipher(secret, purpose).decrypt(box[:_NONCE], box[_NONCE:], bound.encode())
    except (InvalidTag, ValueError):
        return None
    return plain


def _cipher(secret: bytes, purpose: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(derive(secret, purpose))
