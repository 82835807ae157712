"""The certificates of our own authority: made, read, and looked at whether they still will do."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agent.strict import Refused

CA_YEARS = 10
LEAF_DAYS = 365
RENEW_DAYS = 30
# an agent's clock may run behind ours
_BACKDATED = timedelta(days=1)


def make_ca(cert: Path, key: Path, at: datetime) -> None:
    """A new authority, in these files."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ronda ingest CA")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _blank(name, name, secret.public_key(), at, timedelta(days=CA_YEARS * 365.25))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(secret, hashes.SHA256())
    )
    # the key first: a certificate without its key would stop every later start
    _write(key, _pem(secret))
    _write(cert, made.public_bytes(serialization.Encoding.PEM))


def make_leaf(
    cert: Path,
    key: Path,
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    hosts: Sequence[str],
    at: datetime,
) -> None:
    """A new leaf of the authority for `hosts`, in these files."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ronda ingest")])
    # a CA near its end ends its leaves with it
    lasts = min(timedelta(days=LEAF_DAYS), authority.not_valid_after_utc - at)
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _blank(name, authority.subject, secret.public_key(), at, lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(h) for h in hosts]), critical=False)
        .add_extension(server, critical=False)
        .add_extension(key_id, critical=False)
        .sign(signer, hashes.SHA256())
    )
    # the CA is shown too: an agent finds the one its code names before it has it
    chain = [one.public_bytes(serialization.Encoding.PEM) for one in (made, authority)]
    _write(key, _pem(secret))
    _write(cert, b"".join(chain))


def _blank(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    at: datetime,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _BACKDATED)
        .not_valid_after(at + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def leaf_will_do(
    cert: Path, key: Path, authority: x509.Certificate, hosts: Sequence[str], at: datetime
) -> bool:
    """Is the leaf of this authority, for these hosts, and good for a month?"""
    try:
        leaf, secret = load(cert, key)
        leaf.verify_directly_issued_by(authority)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (Refused, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    left = leaf.not_valid_after_utc - at
    ours = leaf.public_key() == secret.public_key()
    return ours and left >= timedelta(days=RENEW_DAYS) and set(names) == set(map(_general, hosts))


def load(cert: Path, key: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate and its key; Refused when they are damaged or not of ours."""
    try:
        certificate = x509.load_pem_x509_certificate(cert.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise Refused(str(cert), f"the certificate or its key is damaged: {error}") from error
    if not isinstance(secret, ec.EllipticCurvePrivateKey):
        raise Refused(str(key), "not a key of ours")
    return certificate, secret


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(secret: ec.EllipticCurvePrivateKey) -> bytes:
    return secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
