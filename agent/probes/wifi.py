"""How many people are on the hotspot? Clients by access point, sessions, leases; never who."""

from dataclasses import dataclass
from time import monotonic, time
from typing import Any

from agent.probes import pools
from agent.probes.access_points import look, told
from agent.probes.sessions import portal, sessions
from agent.probes.sources import here
from agent.report import ProbeFailed, Reading, series
from agent.strict import Refused

_COMMAND_S = 2.0
_LOOK_S = 20.0


@dataclass(frozen=True)
class Wifi:
    """`ap`: what people call this access point; else each radio interface is one.

    `leases`, `config`: files of dnsmasq or ISC dhcpd when they are not in the usual places.
    """

    name: str
    ap: str = ""
    leases: str = ""
    config: str = ""

    def check(self) -> None:
        for field in ("leases", "config"):
            path = getattr(self, field)
            if path and not path.startswith("/"):
                raise Refused(field, f"not a path from the root: {path[:80]!r}")
        if len(self.ap) > 100 or not self.ap.isprintable():
            raise Refused("ap", "not up to 100 printable characters")

    @property
    def limit_s(self) -> float:
        return _LOOK_S + _COMMAND_S

    def measure(self, memory: dict[str, Any]) -> Reading:
        deadline = monotonic() + _LOOK_S

        def left_s() -> float:
            return min(_COMMAND_S, deadline - monotonic())

        radios, why = look(here(left_s, memory), memory)
        values = told(self.ap, radios, memory)
        # a portal that is installed and never ran has no series
        program = memory.get("portal") or portal()
        people = sessions(program, left_s) if program else None
        if people is not None or "portal" in memory:
            memory["portal"] = program
            values["ronda_hotspot_sessions"] = people
        counted = pools.counted(self.leases, self.config, time(), left_s())
        if counted is None and not values:
            raise ProbeFailed(why or "no access point and no DHCP server here")
        for name, (count, ratio) in (counted or {}).items():
            labels = {"pool": name}
            values[series("ronda_dhcp_leases", labels)] = float(count)
            if ratio is not None:
                values[series("ronda_dhcp_leases_used_ratio", labels)] = ratio
        return Reading(None, values, why)
