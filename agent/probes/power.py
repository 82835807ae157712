"""Is there mains, and how long will the battery last? Asked of NUT (upsd) or of apcupsd.

Both answer over TCP on the machine the UPS is plugged into; nothing else is needed here.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent.dial import say
from agent.probes import limits
from agent.report import ProbeFailed, Reading, Verdict, series
from agent.strict import Refused

_PORTS = {"nut": 3493, "apcupsd": 3551}
_MOST_BYTES = 64 << 10
_MOST_S = 30 * 86400
# words of NUT's ups.status that say where the power comes from
_MAINS, _BATTERY = {"OL", "BYPASS"}, {"OB", "FSD"}
# bits of apcupsd's STATFLAG
_ONLINE, _ON_BATTERY, _COMM_LOST = 0x8, 0x10, 0x100


@dataclass(frozen=True)
class Power:
    """`via` nut or apcupsd; `ups` its name there ("" = the first), which is also the label."""

    name: str
    via: str = "nut"
    host: str = "localhost"
    port: int | None = None
    ups: str = ""
    timeout_s: float = 4.0

    def check(self) -> None:
        limits.host("host", self.host)
        limits.between("timeout_s", self.timeout_s, 0.1, 30)
        if self.via not in _PORTS:
            raise Refused("via", f"{self.via!r} is not one of {', '.join(_PORTS)}")
        if self.port is not None:
            limits.between("port", self.port, 1, 65535)
        if not self.ups.isprintable() or len(self.ups) > 60 or set(self.ups) & set(' "\\'):
            raise Refused("ups", f"not the name of a UPS: {self.ups[:60]!r}")

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        deadline = monotonic() + self.timeout_s
        address = (self.host, self.port or _PORTS[self.via])
        try:
            with socket.create_connection(address, self.timeout_s) as line:
                talk = Talk(line, deadline)
                if self.via == "nut":
                    return self._reading(*of_nut(*ask_upsd(talk, self.ups)))
                return self._reading(*of_apcupsd(ask_apcupsd(talk)))
        except TimeoutError:
            raise ProbeFailed(f"{self.via} does not answer within {self.timeout_s:g} s") from None
        except OSError as error:
            raise ProbeFailed(say(error, *address)) from error

    def _reading(self, ups: str, state: "State") -> Reading:
        labels = {"ups": self.ups or ups or self.name}
        values = {
            series("ronda_power_on_mains", labels): state.mains,
            series("ronda_power_battery_ratio", labels): state.charge,
            series("ronda_power_runtime_seconds", labels): state.runtime_s,
        }
        if state.mains is None:
            return Reading(Verdict.UNKNOWN, values, state.words)
        return Reading(Verdict.GOOD if state.mains else Verdict.BAD, values, state.words)


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a UPS; `words` say what is wrong."""

    mains: float | None
    charge: float | None
    runtime_s: float | None
    words: str = ""


class Talk:
    """Lines and messages over a connection, not longer than it may take."""

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line, self._deadline, self._rest = line, deadline, b""

    def send(self, data: bytes) -> None:
        self._line.sendall(data)

    def line(self) -> str:
        while b"\n" not in self._rest:
            self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def exactly(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._more()
        data, self._rest = self._rest[:count], self._rest[count:]
        return data

    def _more(self) -> None:
        left = self._deadline - monotonic()
        if left <= 0 or len(self._rest) > _MOST_BYTES:
            raise TimeoutError
        self._line.settimeout(left)
        piece = self._line.recv(4096)
        if not piece:
            raise ProbeFailed("the connection was closed in the middle of an answer")
        self._rest += piece


def ask_upsd(talk: Talk, ups: str) -> tuple[str, dict[str, str]]:
    """The name of the UPS and its variables, by NUT's protocol."""
    if not ups:
        listed = [words[1] for words in _list(talk, "UPS") if len(words) > 1]
        if not listed:
            raise ProbeFailed("upsd knows no UPS")
        ups = listed[0]
    rows = _list(talk, f"VAR {ups}")
    return ups, {words[2]: words[3] for words in rows if len(words) > 3}


def _list(talk: Talk, what: str) -> list[list[str]]:
    """The rows of a LIST; a value in quotes is one word."""
    talk.send(f"LIST {what}\n".encode())
    line = talk.line()
    if line.startswith("ERR"):
        raise ProbeFailed(f"upsd: {line[4:80]}")
    rows: list[list[str]] = []
    while not line.startswith("END LIST"):
        if len(rows) > 1000:
            raise ProbeFailed("upsd: an answer without end")
        head, quote, value = line.partition('"')
        words = head.split()
        rows += [] if line.startswith("BEGIN") else [words + ([value[:-1]] if quote else [])]
        line = talk.line()
    return rows


def ask_apcupsd(talk: Talk) -> dict[str, str]:
    """What `apcaccess` shows, by the protocol it speaks: lengths in two bytes, 0 at the end."""
    talk.send(b"\x00\x06status")
    lines: list[str] = []
    while (length := int.from_bytes(talk.exactly(2), "big")) and len(lines) < 1000:
        lines.append(talk.exactly(length).decode("utf-8", "replace"))
    return status_of("".join(lines))


def status_of(text: str) -> dict[str, str]:
    """Fields of `upsc` or `apcaccess`, one a line."""
    parts = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {key.strip(): value.partition("#")[0].strip() for key, colon, value in parts if colon}


def of_nut(ups: str, told: Mapping[str, str]) -> tuple[str, State]:
    """State by NUT's variables. A runtime of 0 is an estimate that was never made, unless the
    battery carries the load."""
    words = set(told.get("ups.status", "").split())
    mains = 0.0 if words & _BATTERY else 1.0 if words & _MAINS else None
    charge = _number(told.get("battery.charge"), 0, 100)
    runtime_s = _number(told.get("battery.runtime"), 0, _MOST_S)
    if not runtime_s and mains != 0.0:
        runtime_s = None
    why = "" if mains else _why(mains, charge, told.get("ups.status") or "no ups.status")
    return ups, State(mains, None if charge is None else charge / 100, runtime_s, why)


def of_apcupsd(told: Mapping[str, str]) -> tuple[str, State]:
    """State by the fields of apcaccess."""
    flags = _flags(told.get("STATFLAG", ""))
    words = set(told.get("STATUS", "").upper().split())
    if flags & _COMM_LOST or "COMMLOST" in words:
        return told.get("UPSNAME", ""), State(None, None, None, "apcupsd lost the UPS (COMMLOST)")
    mains: float | None = None
    if flags & _ON_BATTERY or "ONBATT" in words:
        mains = 0.0
    elif flags & _ONLINE or "ONLINE" in words:
        mains = 1.0
    charge = _number(told.get("BCHARGE"), 0, 100)
    minutes = _number(told.get("TIMELEFT"), 0, _MOST_S / 60)
    runtime_s = minutes * 60 if minutes or (minutes == 0 and mains == 0.0) else None
    why = "" if mains else _why(mains, charge, told.get("STATUS") or "no STATUS")
    return told.get("UPSNAME", ""), State(
        mains, None if charge is None else charge / 100, runtime_s, why
    )


def _why(mains: float | None, charge: float | None, status: str) -> str:
    if mains is None:
        return f"neither on mains nor on battery: {status[:80]}"
    return "on battery" + ("" if charge is None else f", {charge:g} % left")


def _number(text: str | None, least: float, most: float) -> float | None:
    """The number a field begins with, None where there is none or it cannot be."""
    try:
        value = float((text or "").split()[0])
    except (ValueError, IndexError):
        return None
    return value if least <= value <= most else None


def _flags(text: str) -> int:
    try:
        return int(text.split()[0], 16)
    except (ValueError, IndexError):
        return 0
