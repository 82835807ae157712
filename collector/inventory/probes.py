"""Services as checks: what `target` and the further columns mean for each kind of probe."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.inventory import cells, targets
from collector.inventory.cells import Cell
from collector.inventory.store import Service

# checks that every agent has; a service may not take their names
STANDARD = ("gateway", "dns", "link", "host", "known", "wifi", "capacity", "console", "ingest")

# kinds whose page is also looked at for what does not belong there
WITH_CONTENTS = ("web", "opensid")

Check = dict[str, Any]


def _texts(text: str) -> list[str]:
    return cells.several(text).split("|")


def _statuses(text: str) -> list[int]:
    return [cells.whole(100, 599)(part) for part in _texts(text)]


def _yes_no(text: str) -> bool:
    return bool(cells.choice("true", "false")(text) == "true")


_COMMON: Mapping[str, Cell] = {"every_s": cells.number(1, 86400), "uplink": cells.name}
_PAGE: Mapping[str, Cell] = {
    **_COMMON,
    "address": cells.plain,
    "verify_certificate": _yes_no,
    "timeout_s": cells.number(0.1, 60),
}
_SERVER: Mapping[str, Cell] = {**_PAGE, "timeout_s": cells.number(0.1, 30)}
_WORDS: Mapping[str, Cell] = {"words": _texts, "allowed": _texts, "gambling": _yes_no}
_HTTP: Mapping[str, Cell] = {
    **_PAGE,
    "status": _statuses,
    "must_match": _texts,
    "must_not_match": _texts,
    "follow_redirects": _yes_no,
    "must_not_redirect_to": _texts,
    "final_url": cells.webhook,
}
_DATABASE: Mapping[str, Cell] = {
    **_COMMON,
    "user": targets.account,
    "timeout_s": cells.number(0.1, 30),
}
SETTINGS: Mapping[str, Mapping[str, Cell]] = {
    "http": _HTTP,
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
    "web": {**_HTTP, **_WORDS},
    "defaced": {**_PAGE, **_WORDS},
    "opensid": {**_PAGE, **_WORDS},
    "sideka": {**_PAGE, "login": _yes_no, "must_match": _texts},
    "nextcloud": {**_PAGE, "login": _yes_no},
    "webdav": {**_PAGE, "login": _yes_no},
    "tls": _SERVER,
    "smtp": {
        **_SERVER,
        "tls": cells.choice("tls", "starttls", "auto", "none"),
        "hello": targets.host,
    },
    "imap": {**_SERVER, "tls": cells.choice("tls", "starttls", "none"), "login": _yes_no},
    "mail_domain": {
        **_COMMON,
        "mx": targets.host,
        "spf": _yes_no,
        "dmarc": _yes_no,
        "server": targets.address,
        "port": cells.whole(1, 65535),
        "timeout_s": cells.number(0.1, 5),
    },
    "domain": {
        **_COMMON,
        "rdap": cells.webhook,
        "whois": targets.host,
        "timeout_s": cells.number(0.1, 15),
    },
    "mysql": _DATABASE,
    "postgres": {**_DATABASE, "database": targets.account},
    "docker": {**_COMMON, "socket": targets.path, "timeout_s": cells.number(0.1, 30)},
    "journey": {
        **_COMMON,
        "interface": targets.interface,
        "login": _yes_no,
        "exempt": _yes_no,
        "url": cells.webhook,
        "expect": cells.plain,
        "dhcp": _yes_no,
        "identity": targets.identity,
        "server": targets.address,
        "form": _yes_no,
        "must_match": _texts,
        "fields": targets.fields,
        "login_host": targets.host,
        "logout": cells.webhook,
        "verify_certificate": _yes_no,
        "timeout_s": cells.number(5, 60),
    },
    "backup_age": {
        **_COMMON,
        "files": targets.pattern,
        "max_age_h": cells.number(0.01, 9600),
        "min_bytes": cells.whole(0, 1 << 50),
    },
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
        targets.of(kind, values.get("target", ""))
    except ValueError as error:
        yield f"column target: {error}"
    for name, text in values.get("settings", {}).items():
        if text and (why := _setting(kind, name, text)):
            yield f"column {name}: {why}"
    if why := _open_login(kind, values.get("target", ""), values.get("settings", {})):
        yield f"column login: {why}"
    if kind == "journey":
        yield from _of_journey(scope, values.get("target", ""), values.get("settings", {}))


def _setting(kind: str, name: str, text: str) -> str:
    """Why this text cannot be that setting; "" when it can."""
    read = SETTINGS[kind].get(name)
    if read is None:
        return f"a check of kind {kind} has no {name}"
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return ""


def _open_login(kind: str, target: str, settings: Mapping[str, str]) -> str:
    """Why the agent would not give a password away there; "" when it would, or is not asked to."""
    if settings.get("login", "").lower() != "true" or kind in ("sideka", "journey"):
        return ""
    plain = target.lower().startswith("http:") or settings.get("tls", "").lower() == "none"
    if plain or settings.get("verify_certificate", "").lower() == "false":
        return "a password needs encryption and a certificate that is verified"
    return ""


def _of_journey(scope: str, target: str, settings: Mapping[str, str]) -> Iterator[str]:
    """What an agent would refuse: a hotspot is entered in one way."""
    if scope != "desa":
        yield "column scope: a hotspot is in a village"
    login, exempt = (settings.get(key, "").lower() == "true" for key in ("login", "exempt"))
    if login and exempt:
        yield "column login: a machine that is exempt has nowhere to sign in"
    if login and target == targets.ANYWHERE:
        yield "column target: name the login page that a password may go to"
    if settings.get("logout") and not login:
        yield "column logout: goes with login"
    if settings.get("url", "").lower().startswith("https:") and not exempt:
        yield "column url: must be http://, no hotspot can lead away from https"


def checks_of(service: Service) -> list[Check]:
    """What an agent is told to look at for a service; nothing for one without a target."""
    if not service.target:
        return []
    known = SETTINGS[service.kind]
    given = {key: known[key](text) for key, text in service.settings.items() if key in known}
    target = targets.of(service.kind, service.target)
    check = {"name": service.name, "kind": service.kind, **target, **given}
    return _with_contents(check) if service.kind in WITH_CONTENTS else [check]


def _with_contents(check: Check) -> list[Check]:
    """What a page shows is a check of its own: a site may work and be a stranger's.

    One fault is told once, so the words count in that one only.
    """
    if check.get("gambling") is False and not check.get("words"):
        return [check]
    url = check["url"]
    if check["kind"] == "opensid" and not urlsplit(url).path.rstrip("/").endswith("/siteman"):
        # its front page counts visitors
        url = f"{url.rstrip('/')}/siteman"
    kept = {key: check[key] for key in SETTINGS["defaced"] if key in check and key != "uplink"}
    contents = {**kept, "name": f"isi {check['name']}", "kind": "defaced", "url": url}
    works = {key: value for key, value in check.items() if key not in _WORDS}
    return [{**works, "gambling": False}, contents]
