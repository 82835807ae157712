"""Services as checks: what `target` and the further columns mean for each kind of probe."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.inventory import cells
from collector.inventory.cells import Cell
from collector.inventory.store import Service

# checks that every agent has; a service may not take their names
STANDARD = ("gateway", "dns", "link", "host", "known", "wifi", "console", "ingest")


def _texts(text: str) -> list[str]:
    return cells.several(text).split("|")


def _statuses(text: str) -> list[int]:
    return [cells.whole(100, 599)(part) for part in _texts(text)]


def _yes_no(text: str) -> bool:
    return bool(cells.choice("true", "false")(text) == "true")


_COMMON: Mapping[str, Cell] = {"every_s": cells.number(1, 86400), "uplink": cells.name}
SETTINGS: Mapping[str, Mapping[str, Cell]] = {
    "http": {
        **_COMMON,
        "status": _statuses,
        "must_match": _texts,
        "must_not_match": _texts,
        "follow_redirects": _yes_no,
        "must_not_redirect_to": _texts,
        "final_url": cells.webhook,
        "address": cells.plain,
        "verify_certificate": _yes_no,
        "timeout_s": cells.number(0.1, 60),
    },
    "tcp": {**_COMMON, "banner": cells.plain, "timeout_s": cells.number(0.1, 30)},
    "dns": {
        **_COMMON,
        "server": cells.plain,
        "port": cells.whole(1, 65535),
        "type": cells.plain,
        "expect": cells.plain,
        "timeout_s": cells.number(0.1, 10),
        "tries": cells.whole(1, 5),
    },
    "ping": {
        **_COMMON,
        "count": cells.whole(1, 20),
        "wait_s": cells.whole(1, 10),
        "interval_s": cells.number(0.2, 5),
    },
    "service": {**_COMMON, "manager": cells.choice("auto", "systemd", "procd")},
}
FURTHER = tuple(dict.fromkeys(name for known in SETTINGS.values() for name in known))


def problems(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a row of services, each with its column."""
    kind, scope = values.get("kind", "http"), values.get("scope", "desa")
    if values["name"] in STANDARD:
        yield f"column name: {values['name']} is a check every agent has; choose another name"
    if scope != "desa" and values.get("site"):
        yield f"column site: a service of scope {scope} is in no village"
    try:
        _target(kind, values.get("target", ""))
    except ValueError as error:
        yield f"column target: {error}"
    for name, text in values.get("settings", {}).items():
        if not text:
            continue
        read = SETTINGS[kind].get(name)
        try:
            if read is None:
                raise ValueError(f"a check of kind {kind} has no {name}")
            read(text)
        except ValueError as error:
            yield f"column {name}: {error}"


def check_of(service: Service) -> dict[str, Any] | None:
    """The check an agent is told to make of a service; None for one without a target."""
    if not service.target:
        return None
    known = SETTINGS[service.kind]
    given = {key: known[key](text) for key, text in service.settings.items() if key in known}
    target = _target(service.kind, service.target)
    return {"name": service.name, "kind": service.kind, **target, **given}


def _target(kind: str, text: str) -> dict[str, Any]:
    if not text:
        return {}
    if kind == "http":
        url = cells.webhook(text)
        if "@" in urlsplit(url).netloc:
            raise ValueError("a password has no place in an address")
        return {"url": url}
    if kind == "tcp":
        host, _, port = text.rpartition(":")
        if not host:
            raise ValueError(f"expected HOST:PORT, got {text!r}")
        return {"host": _host(host.strip("[]")), "port": cells.whole(1, 65535)(port)}
    if kind == "service":
        return _program(text)
    return {"query" if kind == "dns" else "host": _host(text)}


def _program(text: str) -> dict[str, Any]:
    """`nginx` is a unit of systemd or procd; `process:nginx` any program of that name."""
    kind, colon, process = text.partition(":")
    if colon and kind != "process":
        raise ValueError(f"expected a unit or process:NAME, got {text!r}")
    found = process if colon else text
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}", found):
        raise ValueError(f"expected a unit or process:NAME, got {text!r}")
    return {"process" if colon else "unit": found}


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,252}", text):
        raise ValueError(f"expected a host name or address, got {text!r}")
    return text
