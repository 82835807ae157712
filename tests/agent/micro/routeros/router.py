"""A router in a village: the stand-in of tests/playbooks, with what the agent's scripts touch.

Beyond the stand-in it knows: what versions and packages lack; /tool fetch, which speaks to real
servers as RouterOS does (bytes kept in `requests`); netwatch, whose probes go by `dead`; rights
(every script of a schedule has those of its policy and no more); certificates and the files they
come from; the flash, of which each write is counted. What it does not know it refuses.
"""

import re
import socket
import ssl
from collections.abc import Callable, Generator, Iterator
from urllib.parse import urlsplit

from tests.agent.micro.routeros.centre import Centre
from tests.playbooks.devices.routeros.box import SCHEDULER, Box, Item, Path
from tests.playbooks.devices.routeros.menus import Known
from tests.playbooks.devices.routeros.running import Run
from tests.playbooks.devices.routeros.scanning import Fault
from tests.playbooks.devices.routeros.values import Id, Value, shown

NETWATCH, FILE, CERTIFICATE = ("tool", "netwatch"), ("file",), ("certificate",)
ENVIRONMENT = ("system", "script", "environment")
SCRIPT = ("system", "script")
# path, the version that brought it, the package that brings it, parameters
_MENUS = """
/system/script/environment 6.0 - name value
/interface/wireless 6.0 wireless name ssid mode disabled comment running*
/interface/wireless/registration-table 6.0 wireless - interface mac-address
/interface/wifi 7.13 wifi name configuration configuration.ssid disabled comment running*
/interface/wifi/configuration 7.13 wifi name ssid
/interface/wifi/registration-table 7.13 wifi - interface mac-address
/interface/wifiwave2 7.1 wave2 name configuration configuration.ssid disabled comment running*
/interface/wifiwave2/configuration 7.1 wave2 name ssid
/interface/wifiwave2/registration-table 7.1 wave2 - interface mac-address
/caps-man/interface 6.0 capsman name disabled
/caps-man/registration-table 6.0 capsman - interface ssid
/tool/netwatch 6.0 advanced-tools host interval timeout type comment disabled status*
/certificate/settings 7.19 - builtin-trust-anchors builtin-trust-store
"""
USUAL = ("wireless", "advanced-tools")
_SINGLE = {("certificate", "settings")}
_FETCH = {
    "url", "http-method", "http-header-field", "http-data", "check-certificate", "output",
    "keep-result",
}  # fmt: skip
# what a command needs of a policy, beside what changes (write) and what asks (read)
_RIGHTS = {("tool", "fetch"): {"ftp"}, ("", "ping"): {"test"}}
_CHANGES = {"add", "set", "remove", "import"}
_FETCH_WAITS_S = 0.5
_LOST_WAITS_S = 8.0


class Menus(Known):
    """Menus of one version with some packages."""

    def __init__(self, version: tuple[int, ...], packages: set[str]) -> None:
        super().__init__(version[0])
        self.whole, self.single = version, set(_SINGLE)
        # all of it is in the one package of 7
        packages = packages | {"advanced-tools"} if version >= (7,) else packages
        for line in _MENUS.strip().splitlines():
            path_, since, package, *words = line.split()
            path = tuple(path_.strip("/").split("/"))
            there = version >= numbers(since) and package in {"-", *packages}
            if there:
                self.table[path] = words
            else:
                self.table.pop(path, None)
        for path in [path for path in self.table if path[:1] == ("interface",)]:
            if path[:2] not in self.table:
                del self.table[path]
        self._folders = {path[:depth] for path in self.table for depth in range(len(path) + 1)}

    def lose(self, gone: Path) -> None:
        """A package is switched off: a menu of it is not known any more."""
        self.table = {
            path: words for path, words in self.table.items() if path[: len(gone)] != gone
        }
        self._folders = {path[:depth] for path in self.table for depth in range(len(path) + 1)}
        self.been_read.clear()

    def command(self, path: Path, word: str) -> bool:
        if path in self.single:
            return word in ("get", "set")
        return super().command(path, word)

    def parameter(self, path: Path, word: str, name: str) -> bool:
        if (path, word) == (("tool",), "fetch"):
            return name in _FETCH
        if (path, word) == (CERTIFICATE, "import"):
            return name in ("file-name", "passphrase")
        return super().parameter(path, word, name)

    def settable(self, path: Path) -> list[str]:
        found = super().settable(path)
        if path == NETWATCH and self.whole >= (7, 4):
            return [*found, "port"]
        if path == NETWATCH:
            return [name for name in found if name != "type"]
        return found

    def named_by(self, path: Path) -> str:
        # a file is called by its name; of netwatch several may look at one host
        return "" if path == NETWATCH else super().named_by(path)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


class Router(Box):
    """`dead`: hosts and pages that do not answer. `out`: no packet gets to the centre.

    `page`: what answers instead of every page, as a login page does. `flash`: what was written.
    """

    def __init__(
        self, centre: Centre, version: str = "7.15.3", packages: tuple[str, ...] = USUAL
    ) -> None:
        super().__init__(version)
        self.menus = Menus(numbers(version), set(packages))
        for path in self.menus.table:
            (self.singles if path in _SINGLE else self.items).setdefault(path, {})
        for path in [*self.items, *self.singles]:
            if path not in self.menus.table:
                self.items.pop(path, None)
                self.singles.pop(path, None)
        self.dead: set[str] = set()
        self.out, self.page = False, ""
        # for so long after a start netwatch looks at nothing, since 7
        self.idle_s = 0.0 if self.menus.version < 7 else 300.0
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []
        self.flash: list[str] = []
        self.real = 1_790_000_000.0 - self.uptime
        self.centre = centre
        self.trusted: list[str] = []
        self.wan: Item = self.named(("interface",), "ether1") or {}
        for item in self.items["interface",].values():
            item |= {"rx-byte": 1_000, "tx-byte": 500}
        self.rights: dict[int, list[set[str]]] = {}
        self.items[ENVIRONMENT] = Globals(self)

    # time, and what the world is at

    @property
    def now(self) -> float:
        """The real time, which no router knows."""
        return self.real + self.uptime

    def cut_power(self) -> None:
        self.real += self.uptime
        super().cut_power()

    def power(self, wall: float = 86_400.0, took_s: float = 8.0) -> None:
        super().power(wall, took_s)
        self.wan |= {"rx-byte": int(self.now) % 9_973, "tx-byte": 0}

    def seen(self, path: Path, number: int) -> Item:
        found = super().seen(path, number)
        if path == ("interface",):
            found["running"] = not self._broken(found)
        if path == NETWATCH:
            found["status"] = self._watched(found)
        return found

    def single(self, path: Path) -> Item:
        found = super().single(path)
        if path == ("system", "device-mode"):
            found |= {"fetch": "fetch" not in self.barred, "flagged": "flagged" in self.barred}
        return found

    def _broken(self, item: Item) -> bool:
        return shown(item.get("name")) in self.dead

    def _watched(self, item: Item) -> str:
        if self.uptime < self.idle_s:
            return "unknown"
        host, kind = shown(item.get("host")), shown(item.get("type") or "simple")
        place = f"{host}:{shown(item['port'])}" if kind == "tcp-conn" else host
        return "down" if place in self.dead or (self.out and not _near(host)) else "up"

    # commands

    def command(
        self, run: Run, path: Path, word: str, given: list[Value], options: Item,
        chosen: list[int] | None,
    ) -> Generator[float, None, Value]:  # fmt: skip
        self._allow(run, path, word)
        if (path, word) == (("tool",), "fetch"):
            return (yield from self._fetch(given, options))
        if (path, word) == ((), "ping"):
            return (yield from self._ping(shown(given[0]), int(options["count"])))
        if path == FILE and word == "print":
            self.flash.append("file")
            return self.add(FILE, {"name": f"{shown(options['file'])}.txt", "contents": ""})
        if path == FILE and word == "add" and numbers(self.version) < (7, 9):
            raise Fault("failure: not implemented")
        if (path, word) == (CERTIFICATE, "import"):
            return self._import(shown(options["file-name"]))
        if (path, word) == (ENVIRONMENT, "remove"):
            return self._forget(given)
        if word in _CHANGES:
            self.flash.append(f"{'/'.join(path)} {word}")
        return (yield from super().command(run, path, word, given, options, chosen))

    def _allow(self, run: Run, path: Path, word: str) -> None:
        mine = self.rights.get(id(run.job))
        if not mine:
            return
        need = {"write"} if word in _CHANGES else {"read"}
        need |= _RIGHTS.get((*path, word) if path else ("", word), set())
        if lacking := need - mine[-1]:
            raise Fault(f"not enough permissions (9): {' '.join(sorted(lacking))}")

    def _script(self, run: Run, which: Value) -> Generator[float, None, Value]:
        """Run with its own policy; a caller with less may not."""
        item = self.named(SCRIPT, shown(which)) or {}
        rights = set(shown(item.get("policy")).split(","))
        mine = self.rights.setdefault(id(run.job), [])
        if mine and not rights <= mine[-1]:
            raise Fault("not enough permissions (9)")
        mine.append(rights)
        try:
            return (yield from super()._script(run, which))
        finally:
            mine.pop()

    def start(self, text: str, out: Callable[[str], None] | None = None) -> Id:
        """What a schedule runs has the rights of its policy."""
        job, number = self.begin(text, out or (lambda _: None))
        for item in self.items[SCHEDULER].values():
            if shown(item.get("on-event")) == text:
                self.rights[id(job)] = [set(shown(item.get("policy")).split(","))]
        return Id(number)

    def _forget(self, given: list[Value]) -> Value:
        names = list(self.globals)
        for each in given[0]:
            self.globals.pop(names[each.number - 1], None)
        return None

    def _ping(self, place: str, count: int) -> Generator[float, None, Value]:
        lost = place in self.dead or (self.out and not _near(place))
        yield float(count) if lost else 0.1
        return 0 if lost else count

    def resolve(self, name: str) -> str:
        if self.out:
            raise Fault("failure: dns server failure")
        return super().resolve(name)

    # fetch

    def _fetch(self, given: list[Value], options: Item) -> Generator[float, None, Value]:
        if "fetch" in self.barred:
            raise Fault("failure: not allowed by device-mode (fetch)")
        if options.get("output") != "user" and options.get("keep-result") is not False:
            self.flash.append("fetch")
        url = shown(options["url"])
        if url in self.dead or (self.out and url.startswith(self.centre.url)):
            yield _LOST_WAITS_S
            raise Fault("failure: connection timeout")
        yield _FETCH_WAITS_S
        status, body = self._asked(url, options)
        if not 200 <= status < 300:
            raise Fault(f"failure: Fetch failed with status {status}")
        return {"data": body, "status": "finished"} if "as-value" in given else None

    def _asked(self, url: str, options: Item) -> tuple[int, str]:
        if self.page or not url.startswith(self.centre.url):
            return 200, self.page
        parts = urlsplit(url)
        request = self._bytes(url, options)
        self.requests.append(request)
        self.centre.now = self.now
        try:
            with self._link(parts.port or 80, parts.scheme == "https", options) as link:
                link.sendall(request)
                answer = b"".join(iter(lambda: link.recv(65536), b""))
        except OSError as error:
            raise Fault(f"failure: {error}") from None
        self.answers.append(answer)
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode("latin-1")

    def _link(self, port: int, closed: bool, options: Item) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port), timeout=10)
        if not closed:
            return link
        assert options.get("check-certificate") == "yes-without-crl", "a certificate unchecked"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.trusted:
            context.load_verify_locations(cadata="".join(self.trusted))
        try:
            return context.wrap_socket(link, server_hostname="127.0.0.1")
        except OSError:
            link.close()
            raise

    def _bytes(self, url: str, options: Item) -> bytes:
        parts = urlsplit(url)
        body = shown(options.get("http-data")).encode("latin-1")
        agent = "Mikrotik/6.x Fetch" if self.menus.version < 7 else "MikroTik"
        lines = [
            f"{shown(options.get('http-method', 'get')).upper()} {parts.path or '/'} HTTP/1.1",
            f"Host: {parts.netloc}", f"User-Agent: {agent}", "Connection: close",
        ]  # fmt: skip
        # a comma begins the next header, wherever it stands
        for header in filter(None, shown(options.get("http-header-field")).split(",")):
            name, colon, value = header.partition(":")
            if not colon or not re.fullmatch(r"[A-Za-z-]+", name):
                raise Fault("failure: http-header-field")
            lines.append(f"{name}: {value.strip()}")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _import(self, name: str) -> Value:
        file = next((f for f in self.items[FILE].values() if f["name"] == name), None)
        if file is None:
            raise Fault("failure: cannot open file")
        pem = shown(file.get("contents"))
        ssl.PEM_cert_to_DER_cert(pem)
        self.trusted.append(pem)
        self.flash.append("certificate")
        return self.add(CERTIFICATE, {"name": f"{name}_0", "trusted": True})


def _near(host: str) -> bool:
    return host.startswith(("192.168.", "10.", "127."))


class Globals(dict[int, Item]):
    """The global variables as items of a menu."""

    def __init__(self, box: Box) -> None:
        super().__init__()
        self.box = box

    def __iter__(self) -> Iterator[int]:
        return iter(range(1, len(self.box.globals) + 1))

    def __contains__(self, number: object) -> bool:
        return number in list(self)

    def get(self, number: int, default: Item | None = None) -> Item:
        return {"name": list(self.box.globals)[number - 1]}
