"""Services as checks: what `target` and the further columns mean for each kind of probe."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.inventory import places, targets
from collector.inventory.check_settings import SETTINGS, WORDS
from collector.inventory.further import NO_SETTINGS
from collector.inventory.store import Service

# checks that every agent has; a service may not take their names
STANDARD = ("gateway", "dns", "link", "host", "known", "capacity", "console", "ingest")

# kinds that look at the machine of their agent, or at what stands beside it
HERE = ("service", "docker", "backup_age", "journey", "wifi", "snmp", "routeros", "power")
# what a village's service is called as it is seen from outside
OUTSIDE = "luar "

# kinds whose page is also looked at for what does not belong there
WITH_CONTENTS = ("web", "opensid")

Check = dict[str, Any]


def problems(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a row of services, each with its column."""
    kind, scope = values.get("kind", "http"), values.get("scope", "desa")
    if why := _taken(values["name"]):
        yield f"column name: {why}"
    if scope != "desa" and values.get("site"):
        yield f"column site: a service of scope {scope} is in no village"
    yield from _addresses(values, kind)
    yield from _elsewhere(values, kind, scope)
    for name, text in values.get("settings", {}).items():
        if text and (why := _setting(kind, name, text)):
            yield f"column {name}: {why}"
    if why := _open_login(kind, values.get("target", ""), values.get("settings", {})):
        yield f"column login: {why}"
    if kind == "snmp":
        yield from _of_snmp(values.get("settings", {}))
    if kind == "journey":
        yield from _of_journey(scope, values.get("target", ""), values.get("settings", {}))


def _addresses(values: Mapping[str, Any], kind: str) -> Iterator[str]:
    for column in ("target", "public"):
        try:
            targets.of(kind, values.get(column, ""))
        except ValueError as error:
            yield f"column {column}: {error}"


def _taken(name: str) -> str:
    """Why no service may have this name."""
    if name in STANDARD:
        return f"{name} is a check every agent has; choose another name"
    return f"{OUTSIDE}... is a service seen from outside" if name.startswith(OUTSIDE) else ""


def _elsewhere(values: Mapping[str, Any], kind: str, scope: str) -> Iterator[str]:
    """What is wrong with how it is seen from outside its village."""
    public, vantage = values.get("public", ""), values.get("vantage", "")
    if vantage and scope == "desa" and not public:
        yield "column vantage: only for what is seen from outside; fill in public"
    if not public:
        return
    if scope != "desa":
        yield f"column public: a service of scope {scope} has its address in target"
    elif not places.SITE_CODE.fullmatch(values.get("site", "")):
        yield "column public: a public name is that of one site; fill in its code in site"
    if kind in HERE:
        yield f"column public: a check of kind {kind} looks from the village only"


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


def _of_snmp(settings: Mapping[str, str]) -> Iterator[str]:
    """What an agent would refuse of who asks a device."""
    if settings.get("community") and settings.get("community_secret"):
        yield "column community_secret: there is a community already"
    if settings.get("version") and settings.get("v3"):
        yield "column version: is for a community; a user (v3) has none"
    for key in ("auth_secret", "priv_secret"):
        if settings.get(key) and not settings.get("v3"):
            yield f"column {key}: is for v3, which names a user"
    if settings.get("priv_secret") and not settings.get("auth_secret"):
        yield "column priv_secret: needs an auth_secret"


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


def unreadable(service: Service) -> str:
    """What is wrong with a row of before such rows were refused; "" when nothing is."""
    known = SETTINGS.get(service.kind)
    if known is None:
        return f"column kind: there are no checks of kind {service.kind}"
    for column in ("target", "public"):
        try:
            targets.of(service.kind, getattr(service, column))
        except ValueError as error:
            return f"column {column}: {error}"
    if NO_SETTINGS in service.settings:
        return "column settings: not to be read"
    for key, text in _given(service):
        if key in known and (why := _setting(service.kind, key, text)):
            return f"column {key}: {why}"
    return ""


def _given(service: Service) -> list[tuple[str, str]]:
    return [(key, text) for key, text in service.settings.items() if text]


def checks_of(service: Service) -> list[Check]:
    """What an agent is told to look at for a service; nothing for one without a target."""
    if not service.target or unreadable(service):
        # for the sake of one row an agent would refuse all its checks; doctor tells of it
        return []
    known = SETTINGS[service.kind]
    given = {key: known[key](text) for key, text in _given(service) if key in known}
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
    works = {key: value for key, value in check.items() if key not in WORDS}
    return [{**works, "gambling": False}, contents]
