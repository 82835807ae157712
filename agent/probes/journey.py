"""Does a guest of the hotspot get in? The whole way, from the hotspot's own side:
an address, names, the login page and its form, the login, the internet."""

import re
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

from agent.probes import limits
from agent.probes.dns_ask import family_of
from agent.probes.http import Texts, each
from agent.probes.journey_walk import STEPS, Walk
from agent.report import Reading, Verdict, series
from agent.strict import Refused
from agent.wire import split_url

_LOGOUT_S = 3.0
_INTERFACE = re.compile(r"[A-Za-z0-9_.@:-]{1,15}")
_IDENTITY = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)
_FIELD = re.compile(r"[^=\s]{1,100}=.{0,200}")


@dataclass(frozen=True)
class Journey:
    """`portal`: where the village's login page is ("" = wherever the hotspot leads); `url`: a page
    that a guest opens first, and what it `expect`s there ("" = HTTP 204).

    `login`: sign in, with a password of agent/probes/login.py; `exempt`: the hotspot lets this
    machine through without a login.
    """

    name: str
    portal: str = ""
    interface: str = ""
    login: bool = False
    exempt: bool = False
    url: str = "http://connectivitycheck.gstatic.com/generate_204"
    expect: str = ""
    dhcp: bool = True
    identity: str = ""
    server: str = ""
    port: int = 53
    form: bool = True
    must_match: Texts = ()
    fields: Texts = ()
    login_host: str = ""
    logout: str = ""
    verify_certificate: bool = True
    ca: str = ""
    timeout_s: float = 25.0

    # what it costs others: the hotspot's servers, and its log of logins
    least_every_s: ClassVar[float] = 60.0

    def check(self) -> None:
        self._check_addresses()
        limits.between("timeout_s", self.timeout_s, 5, 60)
        limits.between("port", self.port, 1, 65535)
        limits.texts("must_match", each(self.must_match))
        for text in each(self.fields):
            if not _FIELD.fullmatch(text):
                raise Refused("fields", f"expected NAME=VALUE, got {text[:80]!r}")
        if self.interface and not _INTERFACE.fullmatch(self.interface):
            raise Refused("interface", f"not an interface: {self.interface[:80]!r}")
        if self.identity not in ("", "own") and not _IDENTITY.fullmatch(self.identity):
            raise Refused("identity", "expected own, or an address like 02:00:00:00:00:01")
        if self.login and self.exempt:
            raise Refused("login", "a machine that is exempt has nowhere to sign in")
        if self.login and not self.portal:
            raise Refused("portal", "name the login page that a password may go to")
        if self.ca:
            limits.authority("ca", self.ca)

    def _check_addresses(self) -> None:
        limits.url("url", self.url)
        if not self.exempt and split_url(self.url)[0] != "http":
            raise Refused("url", "must be http://: no hotspot can lead away from https")
        for field in ("portal", "logout"):
            if text := getattr(self, field):
                limits.url(field, text)
        if self.server and family_of(self.server) is None:
            raise Refused("server", f"must be an address, got {self.server[:80]!r}")
        if self.login_host:
            limits.host("login_host", self.login_host)
        if self.logout and not self.login:
            raise Refused("logout", "goes with login")

    @property
    def limit_s(self) -> float:
        return self.timeout_s + _LOGOUT_S + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        walk = Walk(self, memory, monotonic() + self.timeout_s)
        walk.go()
        walk.sign_out(monotonic() + _LOGOUT_S)
        memory["told"] = [(step, walk.up[step], walk.told.get(step, "")) for step in STEPS]
        values = {series("ronda_hotspot_journey_up", {"step": s}): walk.up[s] for s in STEPS}
        # the same fault as another page in place of the centre's: the line is suspended
        values[series("ronda_uplink_content_ok")] = 0.0 if walk.suspended else None
        if walk.why:
            return Reading(Verdict.BAD, values, walk.why[:200])
        return Reading(Verdict.UNKNOWN if walk.blind else Verdict.GOOD, values, walk.blind[:200])
