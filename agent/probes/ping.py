"""Does a host answer ping, how fast, and how much gets lost?

We call the system's ping (iputils or busybox): raw sockets would need root.
"""

import re
from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent import fence
from agent.dial import WireError, resolve
from agent.ground import WINDOWS
from agent.meter import METER, PING_BYTES, stays_here
from agent.probes import limits
from agent.probes.system import Output, default_route, read, run
from agent.report import ProbeFailed, Reading, Verdict, series

_COUNTS = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")
_REPLY = re.compile(r"seq=(\d+) .*time=([\d.]+) ms(?! *\(DUP)")
_NO_NAME = re.compile(r"not known|bad address|[Uu]nknown host|name resolution|No address assoc")
_NO_ROUTE = re.compile(r"[Nn]etwork (is )?unreachable|No route to host")
_NO_OPTION = re.compile(r"(invalid|unrecognized) option|bad (timing )?interval|invalid number")

# Three packets are too few to speak of loss: it is told over the rounds of the last minute
_LOSS_OVER_S = 65.0


@dataclass(frozen=True)
class Ping:
    """`host` is an address, a name, or "gateway" for the default gateway of the moment."""

    name: str
    host: str
    count: int = 3
    wait_s: int = 2
    interval_s: float = 0.3

    def check(self) -> None:
        limits.host("host", self.host)
        limits.between("count", self.count, 1, 20)
        limits.between("wait_s", self.wait_s, 1, 10)
        # iputils lets nobody but root send faster
        limits.between("interval_s", self.interval_s, 0.2, 5)

    @property
    def limit_s(self) -> float:
        # an old ping without -i sends one packet a second, that of Windows waits for each
        each_s = self.wait_s + 1.0 if WINDOWS else max(self.interval_s, 1.0)
        return self.count * each_s + self.wait_s + 2.0

    def measure(self, memory: dict[str, Any]) -> Reading:
        host = self._address()
        if host is None:
            return self._bad(memory, "no default gateway")
        why, sent, times = self._ask_there(host) if WINDOWS else self._ask(host, memory)
        if not stays_here(self.host):
            METER.add((sent + len(times)) * PING_BYTES)
        if not times:
            return self._bad(memory, why)
        rounds = memory.setdefault("rounds", [])
        loss = loss_ratio(rounds, monotonic(), sent, len(times))
        return Reading(Verdict.GOOD, self._values(sum(times) / len(times), jitter(times), loss))

    def _ask(self, host: str, memory: dict[str, Any]) -> tuple[str, int, list[float]]:
        """Why there may be no answer, the packets sent, and the times of the answers."""
        limit_s = self.limit_s - 0.5
        output = run(self._command(host, memory), limit_s)
        if _NO_OPTION.search(output.err) and "plain" not in memory:
            memory["plain"] = True
            output = run(self._command(host, memory), limit_s)
        return reason(output, host), *read_output(output, host)

    def _ask_there(self, host: str) -> tuple[str, int, list[float]]:
        """The same of Windows: by address, since its words about names are in any language."""
        from agent.probes import windows

        try:
            address = str(resolve(host, 0, monotonic() + self.wait_s)[0][1][0])
        except WireError as error:
            return str(error), 0, []
        except TimeoutError:
            return f"the look-up of the name {host} does not end", 0, []
        output = run(windows.ping_command(address, self.count, self.wait_s), self.limit_s - 0.5)
        return f"no answer from {host}", *windows.read_ping(output)

    def _address(self) -> str | None:
        if self.host == "gateway" and WINDOWS:
            from agent.probes.windows import gateway

            return gateway(self.wait_s + 1.0)
        if self.host != "gateway":
            if fence.stands():
                for _, address in resolve(self.host, 0, monotonic() + self.wait_s):
                    fence.judge(str(address[0]))
            return self.host
        route = default_route(read("/proc/net/route"))
        if route is not None and not route.gateway:
            raise ProbeFailed(f"the default route over {route.interface} has no gateway address")
        return route.gateway if route else None

    def _command(self, host: str, memory: dict[str, Any]) -> list[str]:
        pace = [] if "plain" in memory else ["-i", f"{self.interval_s:g}"]
        return ["ping", "-n", "-c", str(self.count), "-W", str(self.wait_s), *pace, "--", host]

    def _bad(self, memory: dict[str, Any], why: str) -> Reading:
        # an outage is told by the verdict; its packets must not make the line look lossy afterwards
        memory.pop("rounds", None)
        return Reading(Verdict.BAD, self._values(None, None, 1.0), why)

    def _values(
        self, rtt: float | None, wobble: float | None, loss: float
    ) -> dict[str, float | None]:
        labels = {"target": self.name}
        return {
            series("ronda_uplink_rtt_seconds", labels): rtt,
            series("ronda_uplink_jitter_seconds", labels): wobble,
            series("ronda_uplink_loss_ratio", labels): loss,
        }


def read_output(output: Output, host: str) -> tuple[int, list[float]]:
    """Packets sent and the round-trip times in seconds; ProbeFailed when ping could not send."""
    times = {seq: float(ms) / 1000 for seq, ms in _REPLY.findall(output.out)}
    counts = _COUNTS.search(output.out)
    if counts is not None and int(counts[1]) > 0:
        return int(counts[1]), list(times.values())
    said = output.err + output.out
    if output.late or _NO_NAME.search(said) or _NO_ROUTE.search(said):
        return 0, []
    raise ProbeFailed(f"ping sent nothing: {' '.join(said.split())[:160]}")


def reason(output: Output, host: str) -> str:
    """Why there was no reply, in plain words."""
    said = output.err + output.out
    if "Temporary failure" in said:
        return f"the name {host} cannot be looked up now"
    if _NO_NAME.search(said):
        return f"the name {host} is not found"
    if _NO_ROUTE.search(said):
        return f"no route to {host}"
    return f"no answer from {host}"


def jitter(times: list[float]) -> float | None:
    """Mean difference between one round-trip time and the next; None with fewer than two."""
    steps = [abs(b - a) for a, b in zip(times, times[1:], strict=False)]
    return sum(steps) / len(steps) if steps else None


def loss_ratio(rounds: list[tuple[float, int, int]], now: float, sent: int, received: int) -> float:
    """Lost packets over the rounds of the last minute, this one added; old ones are dropped."""
    rounds.append((now, sent, min(received, sent)))
    while rounds[0][0] < now - _LOSS_OVER_S:
        rounds.pop(0)
    return 1 - sum(r for _, _, r in rounds) / sum(s for _, s, _ in rounds)
