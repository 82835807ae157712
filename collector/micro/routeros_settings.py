"""What differs from router to router, as an array of RouterOS's language."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from collector.micro import traffic
from collector.micro.model import Check, Choices
from collector.quoting import routeros_bytes as text

# reports that wait in memory: six hours of one a minute, some 300 kB
MOST_WAITING = 360
# how many of them leave in one run
BATCH = 10
_SPREAD_S = 30
_NEAR_S = 10
_QUERY = "www.google.com"
# kinds that are no looks of their own: they say which numbers are wanted
_NUMBERS = ("host", "link", "wifi")
# scripts that count people; only one of the wifi finds its menus
_PEOPLE = ("ronda-leases", "ronda-hotspot")
_WIFI = ("ronda-wifi", "ronda-wave2", "ronda-wireless", "ronda-capsman")

Fields = Mapping[str, Any]


def settings(choices: Choices) -> str:
    """The script that gives them."""
    checks = looks(choices)
    kinds = {check["kind"] for check in choices.checks}
    uplinks = dict.fromkeys(str(check["uplink"]) for check in checks if check.get("uplink"))
    given = {
        "site": choices.site,
        "centre": choices.url,
        "code": choices.code,
        # made once for this code; the router adds what it alone is called
        "nonce": hashlib.sha256(f"ronda {choices.code}".encode()).hexdigest()[:16],
        "every": choices.every_s,
        # routers that a district's power brings back do not come all at once
        "spread": zlib.crc32(choices.site.encode()) % min(_SPREAD_S, choices.every_s + 1),
        "wan": choices.wan,
        "cap": MOST_WAITING,
        "batch": BATCH,
        # kB of a day, 0 without a bound; bytes of a connection, and of looks with each report
        "most": (choices.bytes_per_day or 0) // 1000,
        "costs": choices.connection,
        "looks": look_bytes(checks, choices),
        "ahead": choices.utc_offset_s,
        "host": "host" in kinds,
        "link": "link" in kinds,
    }
    parts = [*_PEOPLE, *(_WIFI if "wifi" in kinds else ())]
    lines = [f"{text(key)}={_value(value)}; \\" for key, value in given.items()]
    lines += [f'"parts"={_array([text(name) for name in parts])}; \\']
    lines += [f'"uplinks"={_array([text(name) for name in uplinks])}; \\']
    lines += [f'"checks"={_array([_check(check, choices.every_s) for check in checks])}}})']
    body = "\n  ".join(lines)
    return f"# What differs from site to site.\n:return ({{{body}\n"


def looks(choices: Choices) -> list[Check]:
    """The checks that have a verdict."""
    return [check for check in choices.checks if check["kind"] not in _NUMBERS]


def look_bytes(checks: Sequence[Check], choices: Choices) -> int:
    """What all looks between two reports cost; the centre is known by its answers."""
    each = [check for check in checks if check["kind"] != "known"]
    return sum(traffic.look_bytes(check, choices.connection) for check in each)


def line(check: Check) -> str:
    """How its line in a report begins."""
    return f"check.{check['name']}="


def _check(check: Check, every_s: int) -> str:
    fields = {
        "name": str(check["name"]),
        "line": line(check),
        "uplink": str(check.get("uplink") or ""),
        **_LOOKS[check["kind"]](check, every_s),
    }
    return "{" + ";".join(f"{text(key)}={_value(value)}" for key, value in fields.items()) + "}"


def _ping(check: Check, every_s: int) -> Fields:
    host = str(check["host"])
    named = host != "gateway" and not _is_address(host)
    watch = ""
    if _is_address(host):
        # three packets a report, and no more, where they cost something
        every = _NEAR_S if _is_near(host) else max(_NEAR_S, every_s // 3)
        watch = _netwatch(check, f"host={host} interval={every}s timeout=2s")
    why = f"no answer from {host}"
    return {"how": "ping", "host": host, "named": named, "why": why, "watch": watch}


def _tcp(check: Check, every_s: int) -> Fields:
    host, port = str(check["host"]), int(check["port"])
    known = _is_address(host)
    every = _NEAR_S if known and _is_near(host) else max(_NEAR_S, every_s)
    where = f"host={host if known else f'[:resolve {text(host)}]'}"
    how = f"{where} type=tcp-conn port={port} interval={every}s timeout=5s"
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {
        "how": "tcp",
        "host": host,
        "named": not known,
        "why": f"no answer from {place}",
        "lost": f"the name {host} is not found",
        "watch": _netwatch(check, how),
    }


def _page(check: Check, every_s: int) -> Fields:
    url = str(check["url"])
    why, closed = f"{url} gives no page", url.lower().startswith("https:")
    return {"how": "page", "host": url, "closed": closed, "why": why, "watch": ""}


def _dns(check: Check, every_s: int) -> Fields:
    query = str(check.get("query") or _QUERY)
    return {"how": "dns", "host": query, "why": f"the name {query} is not found", "watch": ""}


def _known(check: Check, every_s: int) -> Fields:
    return {"how": "known", "host": "", "why": "", "watch": ""}


_LOOKS = {"ping": _ping, "tcp": _tcp, "http": _page, "dns": _dns, "known": _known}


def _netwatch(check: Check, what: str) -> str:
    mark = text(f"ronda {check['name']}")
    return f"/tool netwatch add {what} comment={mark}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_near(host: str) -> bool:
    return ip_address(host).is_private


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else text(str(value))


def _array(items: Sequence[str]) -> str:
    """An empty one has no braces of its own."""
    return "{" + "; \\\n    ".join(items) + "}" if items else '[:toarray ""]'
