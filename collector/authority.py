"""A certificate authority of our own, for a centre that has none: made once, its leaf renewed."""

import base64
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from collector.settings import Settings, split_address

FOLDER = "tls"
_FINGERPRINT_BYTES = 16


class Served(NamedTuple):
    """What ingest serves with (leaf and CA in one file) and what agents pin."""

    cert: Path
    key: Path
    ca_pem: str
    fingerprint: str


def ensure_ca(folder: Path, hosts: Sequence[str], now: float) -> Served:
    """The CA in `folder` and a leaf for `hosts` that is good for 30 days or more.

    Refused when the CA is there but damaged: agents have pinned it, so it is not made again.
    """
    # 0.03 s of a start, of each process of it: only for who has an authority of his own
    from collector import certificates

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = datetime.fromtimestamp(now, UTC)
    ca_cert, ca_key = folder / "ca.pem", folder / "ca.key"
    cert, key = folder / "ingest.pem", folder / "ingest.key"
    if not ca_cert.exists():
        certificates.make_ca(ca_cert, ca_key, at)
    authority, signer = certificates.load(ca_cert, ca_key)
    if not certificates.leaf_will_do(cert, key, authority, hosts, at):
        certificates.make_leaf(cert, key, authority, signer, hosts, at)
    return Served(cert, key, ca_cert.read_text(), fingerprint(ca_cert))


def with_own_ca(settings: Settings, now: float) -> Settings:
    """Settings with `cert` and `key` of our own authority, where `own_ca` asks for them."""
    if not settings.own_ca:
        return settings
    # every machine of a centre has the same settings, and shows a certificate for each way in
    told = [urlsplit(url).hostname or "" for url in (settings.ingest_url, *settings.ingest_also)]
    hosts = [split_address(settings.ingest)[0], "localhost", "127.0.0.1", *filter(None, told)]
    named = [host for host in dict.fromkeys(hosts) if host not in ("0.0.0.0", "::")]
    served = ensure_ca(settings.folder / FOLDER, named, now)
    return replace(settings, cert=str(served.cert), key=str(served.key), own_ca=False)


def fingerprint(ca_cert: Path) -> str:
    """26 characters that stand for a CA; they go into enrolment codes, after a dot."""
    der = ssl.PEM_cert_to_DER_cert(ca_cert.read_text())
    digest = hashlib.sha256(der).digest()[:_FINGERPRINT_BYTES]
    return base64.b32encode(digest).decode().rstrip("=")


def code_suffix(settings: Settings) -> str:
    """What a code to enrol with ends in: the CA of our own, when that is the one served."""
    ca_cert = settings.folder / FOLDER / "ca.pem"
    foreign = settings.cert and Path(settings.cert).resolve().parent != ca_cert.resolve().parent
    return f".{fingerprint(ca_cert)}" if ca_cert.exists() and not foreign else ""
