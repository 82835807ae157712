"""Is a device there, and what does it say of itself over SNMP?

Each round asks who it is, which is the verdict; all that its profile knows is read every
`walk_every_s`, and stands until the next time.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent.probes import limits
from agent.probes.called import Called
from agent.probes.snmp.who import AUTHS, PRIVS, Community, User
from agent.report import ProbeFailed, Reading, Verdict, series
from agent.strict import Refused

_LEAST_PASSWORD = 8


@dataclass(frozen=True)
class Snmp(Called):
    """`community` for v2c and v1, or `v3` (a user) with passwords; `version` 1 or 2 where it need
    not be found out; `device` is the label, else `name`."""

    name: str
    host: str
    port: int = 161
    community: str = "public"
    version: int = 0
    v3: str = ""
    auth: str = "sha"
    auth_password: str = ""
    priv: str = "aes"
    priv_password: str = ""
    context: str = ""
    profile: str = "auto"
    device: str = ""
    interfaces: tuple[str, ...] = ()
    timeout_s: float = 2.0
    within_s: float = 30.0
    walk_every_s: float = 60.0

    def check(self) -> None:
        limits.host("host", self.host)
        limits.between("port", self.port, 1, 65535)
        limits.between("timeout_s", self.timeout_s, 0.1, 30)
        limits.between("within_s", self.within_s, 1, 300)
        limits.between("walk_every_s", self.walk_every_s, 1, 86400)
        self._check_who()
        self._check_passwords()
        if self.profile != "auto":
            # its files are read, so that a mistake in them shows at once
            from agent.probes.snmp.profile import items

            items(self.profile)
        limits.called("device", self.device)

    def _check_who(self) -> None:
        if not 0 < len(self.community) <= 255:
            raise Refused("community", "must have 1 to 255 characters")
        if self.version not in (0, 1, 2):
            raise Refused("version", "must be 1 or 2, or 0 to find out; a user (v3) has none")
        if self.version and self.v3:
            raise Refused("version", "is for a community; a user (v3) has none")
        if len(self.v3.encode()) > 32:
            raise Refused("v3", "a user has at most 32 characters")
        for place, known in (("auth", AUTHS), ("priv", PRIVS)):
            if getattr(self, place) not in known:
                problem = f"{getattr(self, place)!r} is not one of {', '.join(known)}"
                raise Refused(place, problem)

    def _check_passwords(self) -> None:
        for place in ("auth_password", "priv_password"):
            password = getattr(self, place)
            if password and not self.v3:
                raise Refused(place, "is for v3, which names a user")
            if password and len(password) < _LEAST_PASSWORD:
                raise Refused(place, f"must have at least {_LEAST_PASSWORD} characters")
        if self.priv_password and not self.auth_password:
            raise Refused("priv_password", "needs an auth_password")

    @property
    def limit_s(self) -> float:
        return self.within_s + 1.0

    def who(self, version: int = 2) -> Community | User:
        """Who asks; `version` of a community that nobody gave one."""
        if not self.v3:
            return Community(self.community, self.version or version)
        return User(
            self.v3, self.auth, self.auth_password, self.priv, self.priv_password, self.context
        )

    def measure(self, memory: dict[str, Any]) -> Reading:
        try:
            from agent.probes.snmp.visit import Device
        except ImportError as error:
            missing = f"no SNMP without pysnmp and cryptography: {error}"
            raise ProbeFailed(missing) from error
        device: Device = memory.setdefault("device", Device())
        verdict, reason = device.look(self, monotonic())
        up = {Verdict.GOOD: 1.0, Verdict.BAD: 0.0}.get(verdict)
        name = series("ronda_device_up", {"device": self.label})
        return Reading(verdict, {name: up, **device.latest}, reason)
