"""The centre's one secret, and the keys made from it."""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from agent.strict import Refused

FILE = "secret.key"
LENGTH = 32


def load_secret(folder: Path) -> bytes:
    """The 32 bytes of `folder`/secret.key, made at first use; Refused when the file is damaged."""
    path = folder / FILE
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        secret = _make(path)
    except OSError as error:
        raise Refused(str(path), f"cannot be read: {error.strerror}") from error
    if len(secret) != LENGTH:
        raise Refused(str(path), f"expected {LENGTH} bytes, found {len(secret)}; restore it")
    return secret


def derive(secret: bytes, *parts: str | bytes | int) -> bytes:
    """32 bytes that stand for `parts` and cannot be guessed without the secret.

    HMAC-SHA256 over the parts, each behind its length, so that ("ab", "c") is not ("a", "bc").
    """
    message = b""
    for part in parts:
        piece = part if isinstance(part, bytes) else str(part).encode()
        message += len(piece).to_bytes(8, "big") + piece
    return hmac.new(secret, message, hashlib.sha256).digest()


def _make(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        # a link never replaces: of several processes at their first start one wins, all read it
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
    _sync_folder(path.parent)
    return path.read_bytes()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
