"""Keys of SSH as people paste them: public ones of machines, private ones that sign in."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

# a key of this kind signs in several ways; under its own name that is SHA-1
RSA = "ssh-rsa"
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")


class NotAKey(ValueError):
    """Why a text is no key, in a few words that never repeat it."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`blob` is what a machine shows of itself and what is compared."""

    kind: str
    blob: bytes

    @property
    def text(self) -> str:
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")
        return f"SHA256:{digest}"

    @property
    def signatures(self) -> tuple[str, ...]:
        """What to ask a machine for so that it shows a key of this kind."""
        return RSA_SIGNATURES if self.kind == RSA else (self.kind,)


def public_key(line: str) -> PublicKey:
    """A line of `ssh_host_*_key.pub`, of `ssh-keyscan` or of known_hosts; NotAKey otherwise."""
    words = line.split()
    # lines of known_hosts with @ name authorities, and keys that must never be believed
    if words and not words[0].startswith("@"):
        for kind, text in zip(words[:2], words[1:3], strict=False):
            blob = _decoded(text)
            if blob and _kind_inside(blob) == kind:
                return PublicKey(kind, blob)
    raise NotAKey("is no public key such as ssh-ed25519 AAAA...")


def shown_key(blob: bytes) -> PublicKey:
    """The key that a machine showed."""
    return PublicKey(_kind_inside(blob), blob)


def private_key(text: str | bytes, passphrase: str = "") -> Any:
    """A key in the form of OpenSSH or PEM, ready to sign in; NotAKey tells what hinders."""
    # a sixth of a second, and only who signs in somewhere needs them
    from cryptography.exceptions import UnsupportedAlgorithm

    data = text.encode() if isinstance(text, str) else text
    # pasted out of a page, lines end as that machine ends them
    data = data.replace(b"\r\n", b"\n").strip() + b"\n"
    try:
        return _read(data, None)
    except TypeError as error:
        # all that the library says of one that is locked
        if not passphrase:
            raise NotAKey("is under a passphrase") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotAKey("is no private key of RSA, ECDSA or Ed25519") from error
    try:
        return _read(data, passphrase.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotAKey("does not open with this passphrase") from error


def _read(data: bytes, passphrase: bytes | None) -> Any:
    import io

    import paramiko
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    openssh = b"BEGIN OPENSSH PRIVATE KEY" in data
    load = forms.load_ssh_private_key if openssh else forms.load_pem_private_key
    key = load(data, passphrase)
    if isinstance(key, rsa.RSAPrivateKey):
        return paramiko.RSAKey(key=key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return paramiko.ECDSAKey(vals=(key, key.public_key()))
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise ValueError("of a kind that nothing here signs with")
    plain = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption())
    return paramiko.Ed25519Key.from_private_key(io.StringIO(plain.decode()))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _kind_inside(blob: bytes) -> str:
    """The name a key begins with; "" where what follows is missing."""
    end = 4 + int.from_bytes(blob[:4], "big")
    name = blob[4:end]
    return name.decode("ascii", "replace") if 4 < end < len(blob) else ""
