"""Does a service of this machine run? Asked of systemd, of procd, or of the list of processes."""

import json
import os
from dataclasses import dataclass
from typing import Any

from agent.probes.system import Output, names_in, read_or, rooted, run
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused

_MANAGERS = ("auto", "systemd", "procd")
_COMM_LENGTH = 15


@dataclass(frozen=True)
class Service:
    """Either `unit` (of systemd or OpenWrt's procd) or `process` (name of the program)."""

    name: str
    unit: str = ""
    process: str = ""
    manager: str = "auto"

    def check(self) -> None:
        if bool(self.unit) == bool(self.process):
            raise Refused("unit", "name either a unit or a process")
        if self.unit and (not _plain(self.unit) or self.unit.startswith((".", "-"))):
            raise Refused("unit", f"not a unit: {self.unit[:80]!r}")
        if "/" in self.process or not self.process.isprintable():
            raise Refused("process", f"not the name of a program: {self.process[:80]!r}")
        if self.manager not in _MANAGERS:
            raise Refused("manager", f"{self.manager!r} is not one of {', '.join(_MANAGERS)}")

    @property
    def limit_s(self) -> float:
        return 8.0

    def measure(self, memory: dict[str, Any]) -> Reading:
        if self.process:
            why = "" if self._process_lives(memory) else f"no process {self.process}"
        elif self._manager() == "systemd":
            why = self._ask_systemd()
        else:
            why = self._ask_procd()
        return Reading(Verdict.BAD if why else Verdict.GOOD, {}, why)

    def _manager(self) -> str:
        if self.manager != "auto":
            return self.manager
        if os.path.isdir(rooted("/run/systemd/system")):
            return "systemd"
        if os.path.exists(rooted("/sbin/procd")):
            return "procd"
        raise ProbeFailed("neither systemd nor procd runs here; name a process instead")

    def _ask_systemd(self) -> str:
        what = "--property=LoadState,ActiveState,SubState,Result"
        return judge_systemd(run(["systemctl", "show", what, "--", self.unit], 5.0), self.unit)

    def _ask_procd(self) -> str:
        asked = json.dumps({"name": self.unit})
        running = read_ubus(run(["ubus", "call", "service", "list", asked], 3.0), self.unit)
        if running is None:
            # not every script of OpenWrt starts through procd
            script = rooted(f"/etc/init.d/{self.unit}")
            if not os.path.exists(script):
                return f"no service {self.unit} on this machine"
            running = run([script, "running"], 3.0).code == 0
        return "" if running else f"{self.unit} does not run"

    def _process_lives(self, memory: dict[str, Any]) -> bool:
        last = memory.get("pid", "")
        if last and is_process(read_or(f"/proc/{last}/stat", ""), self.process):
            return self._is_it(last)
        for pid in names_in("/proc"):
            if not pid.isdigit():
                continue
            if is_process(read_or(f"/proc/{pid}/stat", ""), self.process) and self._is_it(pid):
                memory["pid"] = pid
                return True
        memory.pop("pid", None)
        return False

    def _is_it(self, pid: str) -> bool:
        """The kernel keeps 15 characters of a name; the rest stands in the command line."""
        if len(self.process) <= _COMM_LENGTH:
            return True
        program = read_or(f"/proc/{pid}/cmdline", "").partition("\0")[0]
        return program.rpartition("/")[2] == self.process


def judge_systemd(output: Output, unit: str) -> str:
    """What is wrong according to `systemctl show`; "" when nothing is."""
    lines = (line.partition("=") for line in output.out.splitlines())
    told = {key: value for key, _, value in lines}
    state, sub = told.get("ActiveState", ""), told.get("SubState", "")
    if not state or output.late:
        words = " ".join(output.err.split()) or "no answer"
        raise ProbeFailed(f"systemctl: {words[:160]}")
    if told.get("LoadState") == "not-found":
        return f"no service {unit} on this machine"
    if state in ("active", "reloading"):
        return ""
    if sub == "auto-restart":
        return f"{unit} fails and is started over and over ({told.get('Result', 'failed')})"
    if state == "failed":
        return f"{unit} failed ({told.get('Result', 'no reason given')})"
    return f"{unit} is {state}"


def read_ubus(output: Output, unit: str) -> bool | None:
    """Does an instance run, by `ubus call service list`? None when procd knows no instance."""
    if output.code != 0:
        return None
    try:
        told = json.loads(output.out or "{}")
        instances = told.get(unit, {}).get("instances", {}).values()
        states = [bool(instance.get("running")) for instance in instances]
    except (ValueError, AttributeError):
        raise ProbeFailed("ubus: the answer cannot be read") from None
    return any(states) if states else None


def is_process(stat: str, name: str) -> bool:
    """Is this text of /proc/PID/stat that of a living process `name`?"""
    # a name may itself hold brackets and spaces
    comm = stat[stat.find("(") + 1 : stat.rfind(")")]
    state = stat[stat.rfind(")") + 2 :][:1]
    return bool(comm) and comm == name[:_COMM_LENGTH] and state not in "ZX"


def _plain(unit: str) -> bool:
    return all(c.isascii() and (c.isalnum() or c in "@._-:\\") for c in unit)
