"""What stands in the column `target` of a service, for each kind of check."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.inventory import cells

# a journey to whatever login page the hotspot leads to; all access points of the machine
ANYWHERE = "any"
# what agents can read over SNMP, by the names of agent/probes/snmp/*.toml
PROFILES = (
    "airos", "apc", "cambium-cnpilot", "cambium-epmp", "cambium-pmp", "cdata", "cyberpower",
    "eaton", "fiberhome", "generic", "grandstream", "host", "huawei", "huawei-olt", "interfaces",
    "mikrotik", "net-snmp", "netagent", "openwrt", "raisecom", "ruijie", "sensors", "swos",
    "system", "teltonika", "tplink", "tplink-ap", "ucd", "ufiber", "unifi", "ups-mib", "vsol",
    "zte",
)  # fmt: skip


def of(kind: str, text: str) -> Mapping[str, Any]:
    """The settings of the check that `text` stands for; ValueError when it stands for none."""
    return _READERS[kind](text) if text else {}


def host(text: str) -> str:
    """A name or an address."""
    if not re.fullmatch(r"[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,252}", text):
        raise ValueError(f"expected a host name or address, got {text!r}")
    return text


def address(text: str) -> str:
    """Of IP, in numbers."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"expected an address like 10.0.0.1, got {text!r}") from None


def account(text: str) -> str:
    """A name that a database knows."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,31}", text):
        raise ValueError(f"expected a name of 32 characters or fewer, got {text!r}")
    return text


def path(text: str) -> str:
    """A place on the agent's machine."""
    cells.plain(text)
    if not text.startswith("/") or len(text) > 100 or "/../" in f"{text}/":
        raise ValueError(f"expected a path from /, got {text!r}")
    return text


def pattern(text: str) -> str:
    """Names of files, with * and ?."""
    if "/" in cells.plain(text) or len(text) > 200:
        raise ValueError(f"expected a name with * and ?, got {text!r}")
    return text


def interface(text: str) -> str:
    """Of the agent's machine."""
    if not re.fullmatch(r"[A-Za-z0-9_.@:-]{1,15}", text):
        raise ValueError(f"expected an interface like wlan0, got {text!r}")
    return text


def identity(text: str) -> str:
    """Whom a DHCP server is to see."""
    if text != "own" and not re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", text):
        raise ValueError(f"expected own, or an address like 02:00:00:00:00:01, got {text!r}")
    return text


def fingerprint(text: str) -> str:
    """SHA-256 of a certificate."""
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower().replace(":", "")):
        raise ValueError(f"expected the 64 hex digits of a SHA-256, got {text[:80]!r}")
    return text


def user(text: str) -> str:
    """Of SNMPv3: 32 bytes."""
    if len(cells.plain(text).encode()) > 32:
        raise ValueError("must be 32 bytes or fewer")
    return text


def ups(text: str) -> str:
    """Of NUT or apcupsd."""
    if len(cells.plain(text)) > 60 or set(text) & set(' "\\'):
        raise ValueError(f"expected the name of a UPS, got {text!r}")
    return text


def server(text: str) -> str:
    """A host, and a port where it is not the usual one."""
    _device(text)
    return text


def of_address(text: str) -> str:
    """What a DNS server is asked for."""
    if text.upper() not in ("A", "AAAA"):
        raise ValueError(f"must be one of A, AAAA, got {text!r}")
    return text.upper()


def short(most: int) -> Callable[[str], str]:
    """Words, no more than `most` characters of them."""

    def read(text: str) -> str:
        if len(cells.plain(text)) > most:
            raise ValueError(f"must be {most} characters or fewer")
        return text

    return read


def fields(text: str) -> list[str]:
    """What is filled into a form, as NAME=VALUE|NAME=VALUE."""
    found = cells.several(text).split("|")
    for one in found:
        if not re.fullmatch(r"[^=\s]{1,100}=.{0,200}", one):
            raise ValueError(f"expected NAME=VALUE, got {one!r}")
    return found


def page(text: str) -> str:
    """An address of the web, as an agent takes it."""
    url = cells.webhook(text)
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("a password has no place in an address")
    if not parts.netloc.isascii():
        raise ValueError(f"write the host in ASCII (xn--...), got {text!r}")
    if parts.port == 0:
        raise ValueError(f"no page is at port 0, got {text!r}")
    return url


def _server(text: str, default: int | None) -> Mapping[str, Any]:
    name, port = _split(text)
    if not port and default is None:
        raise ValueError(f"expected HOST:PORT, got {text!r}")
    return {"host": host(name), "port": cells.whole(1, 65535)(port or str(default))}


def _device(text: str) -> Mapping[str, Any]:
    """A host, and a port where it is not the usual one."""
    name, port = _split(text)
    return {"host": host(name)} | ({"port": cells.whole(1, 65535)(port)} if port else {})


def _split(text: str) -> tuple[str, str]:
    """Host and port; "" where no port is named."""
    name, colon, port = text.rpartition(":")
    # an IPv6 address without a port is full of colons
    bare = port.endswith("]") or (":" in name and not name.startswith("["))
    if bare or not colon:
        name, port = text, ""
    if not name or (colon and not bare and not port):
        raise ValueError(f"expected HOST:PORT, got {text!r}")
    return name.strip("[]"), port


def _domain(text: str) -> str:
    labels = text.lower().split(".")
    if len(labels) < 2 or not all(
        re.fullmatch(r"[a-z0-9_]([a-z0-9-]{0,62})", one) for one in labels
    ):
        raise ValueError(f"expected a domain like sukamaju.desa.id, got {text!r}")
    return text.lower()


def _query(text: str) -> str:
    """A name that DNS can be asked for."""
    labels = host(text).rstrip(".").split(".")
    if not all(0 < len(one) < 64 for one in labels):
        raise ValueError(f"expected a name like sukamaju.desa.id, got {text!r}")
    return text


def _container(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}", text):
        raise ValueError(f"expected the name of a container, got {text!r}")
    return text


def _program(text: str) -> dict[str, Any]:
    """`nginx` is a unit of systemd or procd; `process:nginx` any program of that name."""
    kind, colon, process = text.partition(":")
    if colon and kind != "process":
        raise ValueError(f"expected a unit or process:NAME, got {text!r}")
    found = process if colon else text
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}", found):
        raise ValueError(f"expected a unit or process:NAME, got {text!r}")
    return {"process" if colon else "unit": found}


def _url(text: str) -> Mapping[str, Any]:
    return {"url": page(text)}


def _under(key: str, read: Callable[[str], str]) -> Callable[[str], Mapping[str, Any]]:
    return lambda text: {key: read(text)}


def _or_any(read: Callable[[str], Mapping[str, Any]]) -> Callable[[str], Mapping[str, Any]]:
    return lambda text: {} if text == ANYWHERE else read(text)


def _at(port: int | None) -> Callable[[str], Mapping[str, Any]]:
    return lambda text: _server(text, port)


_READERS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    **dict.fromkeys(("http", "web", "defaced", "opensid", "sideka", "nextcloud", "webdav"), _url),
    "tcp": _at(None),
    "tls": _at(443),
    "smtp": _at(25),
    "imap": _at(993),
    "mysql": _at(3306),
    "postgres": _at(5432),
    "dns": _under("query", _query),
    "ping": _under("host", host),
    **dict.fromkeys(("mail_domain", "domain"), _under("domain", _domain)),
    "journey": _or_any(_under("portal", page)),
    "wifi": _or_any(_under("ap", cells.name)),
    **dict.fromkeys(("snmp", "routeros", "power"), _device),
    "docker": _under("container", _container),
    "backup_age": _under("path", path),
    "service": _program,
}
