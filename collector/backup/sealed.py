"""Secrets under a passphrase: scrypt makes the key of it, AES-256-GCM closes the box."""

import base64
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from agent.strict import Refused

# 64 MiB and a fifth of a second for each guess
_LOG2_N, _R, _P = 16, 8, 1
SALT, _NONCE = 16, 12


def seal(files: Mapping[str, bytes], passphrase: str, bound_to: str) -> bytes:
    """A box with `files` in it; it opens only beside the same `bound_to`."""
    plain = {name: base64.b64encode(data).decode() for name, data in files.items()}
    salt, nonce = os.urandom(SALT), os.urandom(_NONCE)
    box = AESGCM(key_of(passphrase, salt)).encrypt(
        nonce, json.dumps(plain).encode(), bound_to.encode()
    )
    return salt + nonce + box


def unseal(box: bytes, passphrase: str, bound_to: str) -> dict[str, bytes]:
    """What `seal` put in; Refused for another passphrase."""
    salt, nonce, closed = box[:SALT], box[SALT : SALT + _NONCE], box[SALT + _NONCE :]
    try:
        plain = AESGCM(key_of(passphrase, salt)).decrypt(nonce, closed, bound_to.encode())
    except (InvalidTag, ValueError):
        raise Refused("passphrase", "is not the one of this backup") from None
    return {name: base64.b64decode(data) for name, data in json.loads(plain).items()}


def key_of(passphrase: str, salt: bytes) -> bytes:
    """32 bytes; slow on purpose."""
    return Scrypt(salt=salt, length=32, n=1 << _LOG2_N, r=_R, p=_P).derive(passphrase.encode())
