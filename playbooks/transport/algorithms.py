"""Which algorithms of SSH a device is spoken to with: those of today, or for one that was opted in
also those of SHA-1, which the library no longer has (docs/decisions/old-algorithms.md).

The tables are the library's own, one class with another name or another hash beside each.
"""

from hashlib import sha1
from typing import Any

from cryptography.hazmat.primitives import hashes
from paramiko import RSAKey, Transport
from paramiko.kex_curve25519 import KexCurve25519
from paramiko.kex_gex import KexGexSHA256
from paramiko.kex_group14 import KexGroup14SHA256

from collector.ssh_keys import RSA

_GROUP_2 = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)


class Modern(Transport):
    """Nothing of SHA-1, MD5, CBC or 3DES."""

    # the same exchange under the name that it has had since RFC 8731
    _kex_info = {**Transport._kex_info, "curve25519-sha256": KexCurve25519}
    _preferred_kex = ("curve25519-sha256", *Transport._preferred_kex)
    _preferred_ciphers = tuple(
        name for name in Transport._preferred_ciphers if not name.endswith("-cbc")
    )
    _preferred_macs = tuple(name for name in Transport._preferred_macs if "-sha2-" in name)


class _Group14(KexGroup14SHA256):
    """RFC 4253, 8.2."""

    name = "diffie-hellman-group14-sha1"
    hash_algo = sha1


class _Group1(_Group14):
    """RFC 4253, 8.1, with the prime of RFC 2409, 6.2: 1,024 bits."""

    name = "diffie-hellman-group1-sha1"
    P = int(_GROUP_2, 16)


class _Exchange(KexGexSHA256):
    """RFC 4419."""

    name = "diffie-hellman-group-exchange-sha1"
    hash_algo = sha1
    min_bits = 1024


class _OldRsa(RSAKey):
    """A key that also signs and is proved the way of RFC 4253, 6.6."""

    HASHES = {**RSAKey.HASHES, RSA: hashes.SHA1}


class Old(Modern):
    """All of Modern first: only a device that knows nothing better is spoken to with less."""

    _kex_info = {**Modern._kex_info, **{k.name: k for k in (_Group14, _Exchange, _Group1)}}
    _preferred_kex = (*Modern._preferred_kex, _Group14.name, _Exchange.name, _Group1.name)
    _key_info = {**Modern._key_info, RSA: _OldRsa}
    _preferred_keys = (*Modern._preferred_keys, RSA)
    _preferred_pubkeys = (*Modern._preferred_pubkeys, RSA)
    _preferred_ciphers = Transport._preferred_ciphers
    _preferred_macs = Transport._preferred_macs


def old_form(key: Any) -> Any:
    """A private key of RSA as it signs in to a device of old."""
    return _OldRsa(key=key.key)
