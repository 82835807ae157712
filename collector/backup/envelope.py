"""A whole backup under a passphrase: nothing of it can be read, changed, cut off or moved.

A first line and a salt, then parts of a MiB: AES-256-GCM, each numbered by its nonce and the last
one marked, so that a missing, added or misplaced part does not open. The key is scrypt's of the
passphrase and this file's own salt, so a nonce is never used twice with it.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agent.strict import Refused
from collector.backup.sealed import SALT, key_of

FORM = 1
FIRST_LINE = b"ronda backup sealed %d\n"
_MARK = b"ronda backup sealed "
_PART_BYTES = 1 << 20
_TAG_BYTES = 16


class Sealer:
    """Takes bytes of any length and writes them closed; only after `finish` it is whole."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        head = FIRST_LINE % FORM + os.urandom(SALT)
        self._box = _Box(head, passphrase)
        self._waiting = bytearray()
        file.write(head)

    def write(self, data: bytes) -> None:
        self._waiting += data
        # one part stays: it may be the last
        while len(self._waiting) > _PART_BYTES:
            self._file.write(self._box.close(bytes(self._waiting[:_PART_BYTES]), last=False))
            del self._waiting[:_PART_BYTES]

    def finish(self) -> None:
        self._file.write(self._box.close(bytes(self._waiting), last=True))
        self._waiting.clear()


def is_closed(path: Path) -> bool:
    """Whether a passphrase is needed to know anything of this backup."""
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK


@contextmanager
def opened(path: Path, passphrase: str | None) -> Iterator[BinaryIO]:
    """The bytes of a backup, whether it is under a passphrase or not.

    Refused here for a newer form, and while reading for another passphrase or any damage.
    """
    with path.open("rb") as file:
        if not is_closed(path):
            yield file
            return
        line = file.readline(64)
        if line != FIRST_LINE % FORM:
            raise Refused(str(path), "sealed by a newer version of ronda, or damaged")
        if passphrase is None:
            raise Refused(str(path), "is under a passphrase, and none was given")
        box = _Box(line + file.read(SALT), passphrase)
        with io.BufferedReader(_Opened(file, box, str(path)), _PART_BYTES) as plain:
            yield plain


class _Box:
    """The key and the number of the next part."""

    def __init__(self, head: bytes, passphrase: str) -> None:
        self._head = head
        self._aes = AESGCM(key_of(passphrase, head[-SALT:]))
        self.count = 0

    def close(self, part: bytes, last: bool) -> bytes:
        return self._aes.encrypt(self._nonce(last), part, self._head)

    def open(self, part: bytes, last: bool) -> bytes:
        return self._aes.decrypt(self._nonce(last), part, self._head)

    def _nonce(self, last: bool) -> bytes:
        self.count += 1
        return self.count.to_bytes(11, "big") + bytes([last])


class _Opened(io.RawIOBase):
    """Reads the parts one by one, each only after the next is known to be there or not."""

    def __init__(self, file: BinaryIO, box: _Box, place: str) -> None:
        self._file, self._box, self._place = file, box, place
        self._next = file.read(_PART_BYTES + _TAG_BYTES)
        self._plain = b""
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._plain and not self._over:
            self._plain = self._part()
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _part(self) -> bytes:
        part, self._next = self._next, self._file.read(_PART_BYTES + _TAG_BYTES)
        self._over = not self._next
        try:
            return self._box.open(part, self._over)
        except InvalidTag:
            if self._box.count == 1:
                problem = "the passphrase is not the one of this backup, or it is damaged"
                raise Refused(self._place, problem) from None
            at = f"about byte {(self._box.count - 1) * (_PART_BYTES + _TAG_BYTES)}"
            raise Refused(self._place, f"cut off or damaged at {at}") from None
