"""Who on this machine knows of its access points? The kernel, ubus, hostapd, iwinfo, in this order.

A source that is not there, or does not answer, leaves the word to the next.
"""

import contextlib
import socket
from collections.abc import Callable
from typing import Any, Protocol

from agent.probes import radios, ubus
from agent.probes.air import Air
from agent.probes.radios import AccessPoint, Hosted
from agent.probes.system import Output, has, names_in, rooted, run
from agent.report import ProbeFailed

_CONTROL = ("/var/run/hostapd", "/run/hostapd")
_MOST_SOCKETS = 16
_ANSWER_BYTES = 64 << 10

# seconds that a command may take now
Left = Callable[[], float]
Points = dict[str, AccessPoint]
# of the probe, from look to look
Memory = dict[str, Any]


class Source(Protocol):
    """Somebody who knows of access points; each answer is None where he cannot say."""

    def points(self) -> Points | None:
        """By interface; empty when he looked and there is none."""
        ...

    def clients(self, interface: str) -> float | None: ...

    def air(self, interface: str) -> Air | None: ...


class Iw:
    """The kernel, by `iw`."""

    def __init__(self, left_s: Left, memory: Memory) -> None:
        self._left_s = left_s

    def points(self) -> Points | None:
        text = self._ask()
        return None if text is None else radios.access_points(text)

    def clients(self, interface: str) -> float | None:
        text = self._ask(interface, "station", "dump")
        return None if text is None else float(radios.stations(text))

    def air(self, interface: str) -> Air | None:
        text = self._ask(interface, "survey", "dump")
        return None if text is None else radios.survey(text)

    def _ask(self, *words: str) -> str | None:
        return said(["iw", "dev", *words], self._left_s)


class Ubus:
    """OpenWrt's daemons: netifd for what there should be, hostapd and rpcd for what there is."""

    def __init__(self, left_s: Left, memory: Memory) -> None:
        self._left_s = left_s
        # the interface that a section of the configuration had when it was up
        self._sections: dict[str, str] = memory.setdefault("sections", {})

    def points(self) -> Points | None:
        told = self._call("network.wireless", "status")
        sections = ubus.wireless(told)
        self._sections.update({section: name for section, (name, _) in sections.items() if name})
        found = {self._sections.get(key, key): point for key, (_, point) in sections.items()}
        if found:
            return found
        devices = self._call("iwinfo", "devices")
        if isinstance(devices, dict) and isinstance(names := devices.get("devices"), list):
            for name in [n for n in names if isinstance(n, str)][:_MOST_SOCKETS]:
                if point := ubus.info(self._call("iwinfo", "info", device=name)):
                    found[name] = point
            return found
        return None if told is None else found

    def clients(self, interface: str) -> float | None:
        counted = ubus.clients(self._call(f"hostapd.{interface}", "get_clients"))
        if counted is not None:
            return counted
        return ubus.clients(self._call("iwinfo", "assoclist", device=interface))

    def air(self, interface: str) -> Air | None:
        info = self._call("iwinfo", "info", device=interface)
        heard = ubus.air(info, self._call("iwinfo", "survey", device=interface))
        if heard.active_ms is None:
            load = ubus.load(self._call(f"hostapd.{interface}", "get_status"))
            return Air(heard.noise_dbm, heard.mhz, busy_ratio=load)
        return heard

    def _call(self, path: str, method: str, **settings: str) -> object:
        return ubus.call(path, method, self._left_s(), **settings)


class Hostapd:
    """hostapd, by its control socket, else by `hostapd_cli`."""

    def __init__(self, left_s: Left, memory: Memory) -> None:
        self._left_s = left_s
        self._seen: dict[str, Hosted] = {}

    def points(self) -> Points | None:
        names = next((found for folder in _CONTROL if (found := names_in(folder))), [])
        # an empty name: the one that hostapd_cli takes by itself
        texts = [self._status(name) for name in names[:_MOST_SOCKETS] or [""]]
        for text in texts:
            self._seen |= radios.hosted(text or "")
        if not self._seen:
            return None
        return {name: one.point for name, one in self._seen.items()}

    def clients(self, interface: str) -> float | None:
        one = self._seen.get(interface)
        if one is None or one.clients is not None:
            return one.clients if one else None
        text = said(["hostapd_cli", "-i", interface, "all_sta"], self._left_s)
        return None if text is None else float(radios.listed(text))

    def air(self, interface: str) -> Air | None:
        return None

    def _status(self, name: str) -> str | None:
        if name and (text := control(name, self._left_s())):
            return text
        chosen = ["-i", name] if name else []
        return said(["hostapd_cli", *chosen, "status"], self._left_s)


class Iwinfo:
    """OpenWrt's `iwinfo`, where there is nothing better."""

    def __init__(self, left_s: Left, memory: Memory) -> None:
        self._left_s = left_s
        self._seen: dict[str, tuple[AccessPoint, Air]] = {}

    def points(self) -> Points | None:
        text = said(["iwinfo"], self._left_s)
        self._seen = radios.iwinfo(text or "")
        return None if text is None else {name: point for name, (point, _) in self._seen.items()}

    def clients(self, interface: str) -> float | None:
        text = said(["iwinfo", interface, "assoclist"], self._left_s)
        return None if text is None else float(radios.listed(text))

    def air(self, interface: str) -> Air | None:
        seen = self._seen.get(interface)
        return seen[1] if seen else None


# the program that a source cannot do without; hostapd may have a socket alone
SOURCES: dict[str, tuple[str, Callable[[Left, Memory], Source]]] = {
    "iw": ("iw", Iw),
    "ubus": ("ubus", Ubus),
    "hostapd": ("hostapd_cli", Hostapd),
    "iwinfo": ("iwinfo", Iwinfo),
}


def here(left_s: Left, memory: Memory) -> dict[str, Source]:
    """The sources of this machine, those to be believed first."""
    sockets = any(names_in(folder) for folder in _CONTROL)
    return {
        name: source(left_s, memory)
        for name, (program, source) in SOURCES.items()
        if has(program) or (name == "hostapd" and sockets)
    }


def said(command: list[str], left_s: Left) -> str | None:
    """What a command printed; None when it failed or came too late."""
    limit_s = left_s()
    try:
        output = run(command, limit_s) if limit_s > 0 else Output(-1, "", "", late=True)
    except ProbeFailed:
        return None
    return output.out if output.code == 0 else None


def control(name: str, limit_s: float) -> str | None:
    """What hostapd answers to STATUS over its socket; None when it does not."""
    if limit_s <= 0:
        return None
    for folder in _CONTROL:
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line,
        ):
            line.settimeout(limit_s)
            # a name of the kernel's choosing, so that nothing is left in a folder
            line.bind("")
            line.connect(rooted(f"{folder}/{name}"))
            line.send(b"STATUS")
            return line.recv(_ANSWER_BYTES).decode("utf-8", "replace")
    return None
