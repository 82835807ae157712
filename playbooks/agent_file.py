"""The agent as one file that a Python of 3.11 or newer runs: made, signed, taken in, verified.

The same tree gives the same bytes everywhere: names in their order, one time for all, nothing
compressed, since a compressor's bytes depend on its version.
"""

import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

from agent.strict import Refused
from playbooks.session import MOST_FILE

NAME = "ronda-agent.pyz"
# in DATA: what came of a release, and the key it must be signed with
FOLDER = "agent"
SIGNER = "signer.pub"
_HOME = Path(__file__).parents[1] / "agent"
_KINDS = (".py", ".toml", ".txt", ".service")
# in words that every Python reads
_MAIN = """import sys

if sys.version_info < (3, 11):
    sys.exit(
        "ronda-agent: perlu Python 3.11 atau lebih baru, ini %d.%d "
        "(needs Python 3.11 or newer)" % sys.version_info[:2]
    )

from agent.cli import main

sys.exit(main())
"""
_SHEBANG = b"#!/usr/bin/env python3\n"
_MADE = (1980, 1, 1, 0, 0, 0)
_RELEASE = re.compile(r'^__version__ = "([0-9A-Za-z.+-]{1,40})"$', re.MULTILINE)


def built(home: Path = _HOME) -> bytes:
    """The file, of the program in `home`."""
    texts = {
        f"agent/{path.relative_to(home).as_posix()}": path.read_bytes()
        for path in home.rglob("*")
        # agents of other devices are not part of this one
        if path.suffix in _KINDS and path.is_file() and home / "micro" not in path.parents
    }
    texts["__main__.py"] = _MAIN.encode()
    out = io.BytesIO(_SHEBANG)
    out.seek(0, os.SEEK_END)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name in sorted(texts):
            entry = zipfile.ZipInfo(name, _MADE)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            file.writestr(entry, texts[name])
    return out.getvalue()


def release(data: bytes) -> str:
    """The version that the file says it is; Refused where it is no agent."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            text = file.read("agent/__init__.py")[:4096].decode()
            file.getinfo("__main__.py")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise Refused(NAME, "is no agent as one file") from error
    found = _RELEASE.search(text)
    if found is None:
        raise Refused(NAME, "does not say its version")
    return found[1]


def signed(data: bytes, key: Path) -> tuple[bytes, bytes]:
    """Signature and public key; the private key in `key` (Ed25519, PEM) is made at first use."""
    from cryptography.hazmat.primitives import serialization as how

    private = _private(key)
    public = private.public_key().public_bytes(
        how.Encoding.PEM, how.PublicFormat.SubjectPublicKeyInfo
    )
    return private.sign(data), public


def check(data: bytes, signature: bytes, public: bytes) -> None:
    """Refused unless this key signed exactly these bytes."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public).verify(signature, data)
    except InvalidSignature as error:
        raise Refused(NAME, "is not signed by the key of this centre: do not use it") from error


def take(folder: Path, file: Path, signer: Path | None) -> str:
    """Take a release in, with FILE.sig beside it: its version. `signer`: trust this key from now
    on; else the one that is trusted already."""
    data, signature = _read(file), _read(file.with_name(f"{file.name}.sig"))
    public = _trusted(folder) if signer is None else _read(signer)
    check(data, signature, public)
    version = release(data)
    home = folder / FOLDER
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in ((SIGNER, public), (f"{NAME}.sig", signature), (NAME, data)):
        _written(home / name, text)
    return version


def taken(folder: Path) -> bytes:
    """The agent that this centre brings to devices, verified anew; Refused says how to get one."""
    home = folder / FOLDER
    if not (home / NAME).is_file():
        told = "none was taken in: make agent, then ronda playbooks agent --take FILE"
        raise Refused(NAME, told)
    data = _read(home / NAME)
    check(data, _read(home / f"{NAME}.sig"), _trusted(folder))
    return data


def _trusted(folder: Path) -> bytes:
    path = folder / FOLDER / SIGNER
    if not path.is_file():
        raise Refused(NAME, "no key is trusted yet: name the maker's with --signer FILE")
    return _read(path)


def _private(path: Path) -> Any:
    from cryptography.hazmat.primitives import serialization as how
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = Ed25519PrivateKey.generate().private_bytes(
            how.Encoding.PEM, how.PrivateFormat.PKCS8, how.NoEncryption()
        )
        _written(path, text)
    try:
        key = how.load_pem_private_key(_read(path), None)
    except (ValueError, TypeError) as error:
        raise Refused(str(path), "is no private key in PEM without a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(str(path), "is no Ed25519 key")
    return key


def _public(text: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(text)
    except ValueError as error:
        raise Refused(SIGNER, "is no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Refused(SIGNER, "is no Ed25519 key")
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_FILE + 1)
    except OSError as error:
        raise Refused(str(path), error.strerror or "cannot be read") from error
    if len(data) > MOST_FILE:
        raise Refused(str(path), f"larger than {MOST_FILE} bytes")
    return data


def _written(path: Path, data: bytes) -> None:
    """Whole or not at all, for its owner alone."""
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
