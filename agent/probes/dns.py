"""Does a DNS server answer, and with the address that is right?"""

import socket
from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent import fence
from agent.probes import limits
from agent.probes.dns_ask import ask, family_of, say
from agent.probes.dns_message import RCODES, TYPES, Answer, labels_of
from agent.probes.system import read
from agent.report import ProbeFailed, Reading, Verdict, series
from agent.strict import Refused

_PORT = 53
_MOST_SERVERS = 3


@dataclass(frozen=True)
class Dns:
    """Asks `server` (default: those of resolv.conf, in turn) for the addresses of `query`."""

    name: str
    query: str = "www.google.com"
    server: str = ""
    port: int = _PORT
    type: str = "A"
    # one of the answers must be this address, where the right one is known
    expect: str = ""
    timeout_s: float = 2.0
    tries: int = 2

    def check(self) -> None:
        try:
            labels_of(self.query)
        except ValueError:
            raise Refused("query", f"not a name: {self.query[:80]!r}") from None
        if self.type not in TYPES:
            raise Refused("type", f"{self.type!r} is not one of {', '.join(TYPES)}")
        if self.server and family_of(self.server) is None:
            raise Refused("server", f"must be an address, got {self.server[:80]!r}")
        if self.expect and family_of(self.expect) is None:
            raise Refused("expect", f"must be an address, got {self.expect[:80]!r}")
        limits.between("port", self.port, 1, 65535)
        limits.between("timeout_s", self.timeout_s, 0.1, 10)
        limits.between("tries", self.tries, 1, 5)

    @property
    def limit_s(self) -> float:
        return (self.tries + 1) * self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        servers = [self.server] if self.server else name_servers(read("/etc/resolv.conf"))
        if not servers:
            raise ProbeFailed("no DNS server in /etc/resolv.conf")
        if self.server:
            # those of the system are the centre's own business
            fence.judge(self.server)
        begun = monotonic()
        why = ""
        # what the house feels: a dead first server costs its time-out before the second is asked
        for attempt in range(self.tries):
            server = servers[attempt % len(servers)]
            try:
                answer = ask(server, self.port, self.query, self.type, self.timeout_s)
            except OSError as error:
                why = say(error, server)
            else:
                why = judge(answer, self.query, self.expect, server)
                return self._reading(why, monotonic() - begun)
        return self._reading(why, None)

    def _reading(self, why: str, took_s: float | None) -> Reading:
        values = {
            series("ronda_uplink_dns_up"): 0.0 if why else 1.0,
            series("ronda_uplink_dns_seconds"): took_s,
        }
        return Reading(Verdict.BAD if why else Verdict.GOOD, values, why)


def judge(answer: Answer, query: str, expect: str, server: str) -> str:
    """What is wrong with an answer, in plain words; "" when nothing is."""
    if answer.rcode == 3:
        return f"{server} says there is no name {query}"
    if answer.rcode:
        code = RCODES.get(answer.rcode, str(answer.rcode))
        return f"DNS server {server} cannot resolve {query} ({code})"
    if not answer.addresses:
        return f"DNS server {server} knows no address of {query}"
    if expect and _packed(expect) not in map(_packed, answer.addresses):
        return f"{query} is {answer.addresses[0]}, not {expect}"
    return ""


def name_servers(text: str) -> list[str]:
    """The servers in the text of resolv.conf, three at most, as libc takes them."""
    found = []
    for line in text.splitlines():
        words = line.partition("#")[0].partition(";")[0].split()
        if len(words) >= 2 and words[0] == "nameserver":
            server = words[1].partition("%")[0]
            if family_of(server) is not None:
                found.append(server)
    return found[:_MOST_SERVERS]


def _packed(address: str) -> bytes:
    """Equal for every spelling of an IPv6 address."""
    return socket.inet_pton(family_of(address) or socket.AF_INET, address)
