"""The key by which a centre signs its evidence, and how anybody checks a signature.

It is made from the centre's secret, so it comes back with the key file and lies in no database.
"""

from pathlib import Path

from agent.strict import Refused
from collector.secret import derive

_PURPOSE = "evidence"
# keys of this centre before it was restored without its key file, one a line
FORMER = "evidence.keys"
KEY_CHARS = 64


class Signer:
    """Signs links; `key` is the public half, as 64 characters, that stands in every record."""

    def __init__(self, secret: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._own = Ed25519PrivateKey.from_private_bytes(derive(secret, _PURPOSE))
        self.key = self._own.public_key().public_bytes_raw().hex()

    def sign(self, link: str) -> str:
        """128 characters."""
        return self._own.sign(link.encode()).hex()


def signed(key: str, link: str, signature: str) -> bool:
    """Whether who holds the private half of `key` signed this link."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), link.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def former_keys(folder: Path) -> frozenset[str]:
    """Keys that somebody said were this centre's before."""
    try:
        lines = (folder / FORMER).read_text().split()
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(str(folder / FORMER), f"cannot be read: {error}") from error
    return frozenset(line for line in lines if _is_key(line))


def trust(folder: Path, key: str) -> bool:
    """Write down that `key` was this centre's before; False: it stands there already.

    It lies beside the databases and not in them: who can change rows cannot make a key trusted.
    """
    if not _is_key(key):
        raise Refused("key", f"expected {KEY_CHARS} characters of 0-9 a-f, got {key!r}")
    if key in former_keys(folder):
        return False
    with (folder / FORMER).open("a") as file:
        file.write(f"{key}\n")
    return True


def _is_key(text: str) -> bool:
    return len(text) == KEY_CHARS and set(text) <= set("0123456789abcdef")
