"""A device that playbooks may work on: how it is reached, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from playbooks.model import Platform

# an agent hears of it with its next report, and then has to sign in
TUNNEL_S = 240.0


class Way(StrEnum):
    """How a device behind CGNAT is reached.

    `direct` also stands for the address a site has in a VPN; `jump` goes through another machine,
    `tunnel` through a port that the site's agent opens towards the centre on request.
    """

    DIRECT = "direct"
    JUMP = "jump"
    TUNNEL = "tunnel"


@dataclass(frozen=True, slots=True)
class Login:
    """Who signs in; `key` is a private key in OpenSSH's form, `password` also opens a key."""

    user: str
    password: str = field(default="", repr=False)
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Jump:
    """The machine on the way, with a login and pinned keys of its own; `device`: its name."""

    address: str
    port: int
    login: Login
    host_keys: tuple[str, ...]
    device: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """`host_keys`: public keys, one of which it must show. `old_algorithms`: SHA-1 is let in for
    this device. `values`: what parameters mean here, such as the name of its uplink."""

    site: str
    device: str
    platform: Platform
    address: str
    port: int
    login: Login
    host_keys: tuple[str, ...]
    way: Way = Way.DIRECT
    jump: Jump | None = None
    old_algorithms: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.site}/{self.device}"

    @property
    def reach_s(self) -> float:
        """How long it may take to have a way to it opened, before it can be dialled at all."""
        return TUNNEL_S if self.way is Way.TUNNEL else 0.0
