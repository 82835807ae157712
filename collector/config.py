"""What the agent of a site is told to do, and the tag by which it knows that this changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from agent.strict import Refused
from collector import inventory, measuring, passwords, tunnels, withholding
from collector.centres import LIFECYCLE
from collector.db import meta_get, meta_set
from collector.inventory import Site
from collector.inventory.binding import NAMING, Binding, needed_by, whys
from collector.inventory.bound import bindings
from collector.inventory.kinds import CADENCES
from collector.looking import (
    MOST_CHECKS,
    Place,
    Told,
    elsewhere,
    fence,
    of_services,
    place_of,
)
from collector.measuring import offset_s
from collector.metered import METERED
from collector.passwords import MARKS
from collector.settings import Settings, split_address
from collector.withholding import unknown_to

KNOWN_EVERY_S = 300
# a handshake each time is more than half of what an agent uses there
KNOWN_EVERY_METERED_S = 1800
_ADDRESSES = "addresses"
TAG_CHARS = 16

Check = dict[str, Any]

_EVERYWHERE = {"", "0.0.0.0", "::", "*"}


def agent_config(connection: Connection, site_code: str, settings: Settings) -> dict[str, Any]:
    """The configuration of one site's agents; Refused when there is no such site."""
    site = inventory.site(connection, site_code)
    if site is None:
        raise Refused("site", f"{site_code!r} is not in the inventory")
    place = place_of(connection, site)
    return table_of(connection, place, told_to(connection, place, settings), settings)


def table_of(
    connection: Connection, place: Place, told: list[Told], settings: Settings
) -> dict[str, Any]:
    """The same of a site whose checks are known, as told_to gives them."""
    site = place.site
    table = {
        "site": site.code,
        "profile": site.profile,
        "check_every_s": check_every_s(site),
        "report_every_s": site.report_every_s,
        "backlog_per_s": settings.backlog_per_s,
        "bytes_per_day": day_bound(site, settings),
        "utc_offset_s": offset_s(inventory.zone(site.code, settings.timezone)),
        "beacons": settings.beacons and site.profile not in METERED and site.lifecycle != LIFECYCLE,
        "ingest": _addresses(settings, place.own),
        **fence(told, settings.allow_targets),
        **_passwords(connection, told),
        **_tunnels(connection, site.code, settings),
        "checks": [one.check for one in told if not one.withheld],
    }
    return withholding.plan_known_to(table, place.spoken, (MARKS,))


def _tunnels(connection: Connection, site: str, settings: Settings) -> dict[str, Any]:
    found = tunnels.targets(connection, site) if settings.tunnel_ssh else {}
    return {"tunnels": found} if found else {}


def told_to(connection: Connection, place: Place, settings: Settings) -> list[Told]:
    """All checks of the site's agents, and where each comes from."""
    site = place.site
    if site.lifecycle == LIFECYCLE:
        return []
    if place.own:
        standard = _own_checks(connection, settings)
    else:
        standard = _standard_checks(connection, site, settings)
    mine = [*map(Told, standard), *of_services(place)][:MOST_CHECKS]
    taken = {one.check["name"] for one in mine}
    others = elsewhere(connection, place)
    told = mine + [one for one in others if one.site or one.check["name"] not in taken]
    return _withheld(connection, place, told, settings)


def _withheld(
    connection: Connection, place: Place, told: list[Told], settings: Settings
) -> list[Told]:
    """The same, each with why it is kept from the agents."""
    kept = bindings(connection) if _need_passwords(told) else {}
    closed = place.own or _is_closed(settings.reports_to)
    found = []
    for one in told:
        given = {NAMING.get(key, key): value for key, value in one.check.items()}
        lacks = _lacks(one, place.site.code, kept, closed) if needed_by(one.check) else ""
        why = lacks or next(filter(None, (unknown_to(given, words) for words in place.spoken)), "")
        found.append(replace(one, withheld=why) if why else one)
    return found


def _lacks(one: Told, agents_at: str, kept: Mapping[str, Binding], closed: bool) -> str:
    """Why these agents do not get a password that the check needs."""
    if not closed:
        return "its password goes over TLS only"
    missing = [name for name in needed_by(one.check) if name not in kept]
    if missing:
        return f"the password {missing[0]} is not set"
    # the row may be older than the binding: what was refused to nobody is refused here
    why = next(whys(one.check, kept, one.of or "", one.asking(agents_at)), None)
    return why[1] if why else ""


def _is_closed(url: str) -> bool:
    """Can nobody on the way read what an agent is sent: over TLS, or within this machine?"""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" or host in ("localhost", "::1") or host.startswith("127.")


def _need_passwords(told: list[Told]) -> set[str]:
    return {name for one in told for name in needed_by(one.check)}


def _passwords(connection: Connection, told: list[Told]) -> dict[str, Any]:
    """When those that it needs were set: a new one is another configuration."""
    needed = _need_passwords(told)
    if not needed:
        return {}
    marks = {one.name: one.set_at for one in passwords.kept(connection) if one.name in needed}
    return {MARKS: marks}


def check_every_s(site: Site) -> int:
    """How often checks with a verdict look: as the site says, else as its profile does."""
    return site.check_every_s or CADENCES[site.profile][0]


def _addresses(settings: Settings, own: bool) -> list[str]:
    """Where the agent reports to; none: the address it enrolled at is all we know of."""
    if settings.ingest_url or not listens_everywhere(settings):
        return [settings.reports_to, *settings.ingest_also]
    scheme = "https" if settings.cert else "http"
    return [f"{scheme}://{nearby(settings.ingest)}"] if own else []


def listens_everywhere(settings: Settings) -> bool:
    """On every address of this machine: 0.0.0.0 is no place to report to."""
    return split_address(settings.ingest)[0] in _EVERYWHERE


def etag(config: Mapping[str, Any]) -> str:
    """Sixteen characters that change when the configuration does."""
    return hashlib.sha256(spelled(config).encode()).hexdigest()[:TAG_CHARS]


def spelled(config: Mapping[str, Any]) -> str:
    """What the tag is made of."""
    return json.dumps(config, sort_keys=True, separators=(",", ":"))


def _standard_checks(connection: Connection, site: Site, settings: Settings) -> list[Check]:
    """What every village's agent looks at.

    The targets beyond the gateway say whether the uplink works: behind a cut fiber the gateway
    goes on answering. Each costs bytes on the line, so they are asked once a report.
    """
    beyond: list[Check] = [
        {"name": target, "kind": "ping", "host": target, "uplink": "main"}
        | {"every_s": max(site.report_every_s, check_every_s(site))}
        for target in settings.uplink_targets
    ]
    gateway: Check = {"name": "gateway", "kind": "ping", "host": "gateway"}
    return [
        gateway if beyond else gateway | {"uplink": "main"},
        *beyond,
        {"name": "dns", "kind": "dns"} | _own_name(settings),
        {"name": "link", "kind": "link"},
        {"name": "host", "kind": "host"},
        _known(connection, site.profile),
        *measuring.check_of(connection, site, settings),
    ]


def _own_checks(connection: Connection, settings: Settings) -> list[Check]:
    """The centre's own machine watches the centre's two doors: they are its uplink."""
    console = f"http://{nearby(settings.console)}/healthz"
    scheme = "https" if settings.cert else "http"
    ingest = f"{scheme}://{nearby(settings.ingest)}/healthz"
    return [
        {"name": "gateway", "kind": "ping", "host": "gateway"},
        {"name": "dns", "kind": "dns"} | _own_name(settings),
        {"name": "link", "kind": "link"},
        {"name": "host", "kind": "host"},
        {"name": "console", "kind": "http", "url": console},
        # its certificate names the address from outside, not this one
        {"name": "ingest", "kind": "http", "url": ingest, "verify_certificate": False}
        | {"uplink": "main"},
        _known(connection),
    ]


def _known(connection: Connection, profile: str = "fiber") -> Check:
    # each look opens a connection of its own: a kept one would not see a billing page
    centre = meta_get(connection, "centre")
    every_s = KNOWN_EVERY_S if profile not in METERED else KNOWN_EVERY_METERED_S
    return {"name": "known", "kind": "known", "centre": centre, "every_s": every_s}


def day_bound(site: Site, settings: Settings) -> int | None:
    """Bytes a day: what the site says, else the bound of a line that costs by the byte."""
    most_mb = {"4g": settings.cap_4g_mb, "hemat": settings.cap_hemat_mb}.get(site.profile, 0.0)
    return site.bytes_per_day or round(most_mb * 1e6) or None


def _own_name(settings: Settings) -> Check:
    """The name of this centre as what the resolver is asked for, where it has a name."""
    host = urlsplit(settings.reports_to).hostname or ""
    return {"query": host} if "." in host and not host.replace(".", "").isdigit() else {}


def remember_addresses(connection: Connection, settings: Settings) -> None:
    """The centre starts with these: other commands are not given them again."""
    meta_set(connection, _ADDRESSES, json.dumps([settings.console, settings.ingest]))


def as_started(connection: Connection, settings: Settings) -> Settings:
    """The settings with the addresses that the centre on these data was started with last."""
    known = meta_get(connection, _ADDRESSES)
    if not known:
        return settings
    console, ingest = json.loads(known)
    return replace(settings, console=console, ingest=ingest)


def nearby(address: str) -> str:
    """Where this machine finds its own listener."""
    host, port = split_address(address)
    if host in _EVERYWHERE:
        host = "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def doubt_addresses(settings: Settings) -> str:
    """Refused where nobody would find the centre; a word where only agents elsewhere would not."""
    for name in ("console", "ingest"):
        if split_address(getattr(settings, name))[1] == 0:
            raise Refused(name, "port 0 is another one at each start; name a port")
    if settings.console == settings.ingest:
        raise Refused("ingest", f"{settings.ingest} is the console's address as well")
    if settings.ingest_url or not listens_everywhere(settings):
        return ""
    wanted = "set ingest_url (RONDA_INGEST_URL) to the address that agents can reach"
    return f"ingest listens on {settings.ingest}: {wanted}"
