"""Who asks a device: a community (v1, v2c) or a user (v3). Needs nothing of pysnmp."""

from dataclasses import dataclass

AUTHS = ("md5", "sha", "sha224", "sha256", "sha384", "sha512")
PRIVS = ("des", "aes", "aes192", "aes256")


@dataclass(frozen=True, slots=True)
class User:
    """A user of SNMPv3; an empty password means that he does without."""

    name: str
    auth: str = "sha"
    auth_password: str = ""
    priv: str = "aes"
    priv_password: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Community:
    """The word that opens a device to SNMPv2c, or with `version` 1 to SNMPv1."""

    word: str
    version: int = 2
