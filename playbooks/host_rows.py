"""Rows of devices that playbooks may work on; who signs in is sealed, the key outside of them.

The seal holds only for the user and address it was made for: a row that is changed to lead
elsewhere opens nothing.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, func, select, update

from agent.strict import Refused
from collector import acts, sealing
from collector.db import upsert
from collector.inventory.places import SITE_CODE
from collector.inventory.store import lies_in
from collector.schema import hosts
from playbooks import values
from playbooks.hosts import Host, Jump, Login, Way
from playbooks.model import Kind, Platform

_PURPOSE = "logins of devices"
_MOST_KEYS = 8
_MOST_VALUES = 40
_LONGEST_KEY = 4096
MOST_AT_A_SITE = 32
# made once: putting a statement together costs more than asking it
_THERE = (
    select(hosts.c.site, hosts.c.device, hosts.c.platform)
    .where(hosts.c.site.in_(bindparam("sites", expanding=True)))
    .order_by(hosts.c.site, hosts.c.device)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be shown of a device; `readable`: its login can be opened by this centre."""

    host: Host
    set_at: float
    by: str
    readable: bool


def put(connection: Connection, secret: bytes, host: Host, jump: str, now: float, by: str) -> None:
    """Keep a device; what was there before is over. `jump` is the device of the centre it goes
    through. Refused names what cannot be."""
    _check(connection, host, jump)
    row = {
        "site": host.site,
        "device": host.device,
        "platform": host.platform.value,
        "address": host.address,
        "port": host.port,
        "user": host.login.user,
        "box": _sealed(secret, host),
        "host_keys": json.dumps(list(host.host_keys)),
        "way": host.way.value,
        "jump": jump,
        "old_algorithms": host.old_algorithms,
        "values": json.dumps(dict(host.values), sort_keys=True),
        "set_at": now,
        "by": by,
    }
    upsert(hosts, [row | {"strange_key": "", "strange_at": None}], connection)
    told = {key: row[key] for key in ("platform", "address", "port", "user", "way", "jump")}
    acts.record(connection, now, by, "host", host.name, told)


def pin(connection: Connection, host: Host, key: str, now: float, by: str) -> bool:
    """Believe this key of a device from now on, and no other."""
    place = (hosts.c.site == host.site, hosts.c.device == host.device)
    done = connection.execute(
        update(hosts)
        .where(*place)
        .values(host_keys=json.dumps([key]), strange_key="", strange_at=None)
    )
    if done.rowcount:
        acts.record(connection, now, by, "host_key", host.name, {"key": key})
    return bool(done.rowcount)


def remove(connection: Connection, site: str, device: str, now: float, by: str) -> bool:
    """Forget a device; False where there is none."""
    place = (hosts.c.site == site, hosts.c.device == device)
    if not connection.execute(delete(hosts).where(*place)).rowcount:
        return False
    acts.record(connection, now, by, "host_removed", f"{site}/{device}")
    return True


def of_site(connection: Connection, secret: bytes, site: str) -> list[Kept]:
    """The devices of a site, by name; of "", the machines of the centre on the way."""
    query = select(hosts).where(hosts.c.site == site).order_by(hosts.c.device)
    return [_kept(secret, row) for row in connection.execute(query)]


def everywhere(connection: Connection, limit: int) -> tuple[list[tuple[str, str]], int]:
    """Site and device of all, by site; and how many more there are."""
    ordered = select(hosts.c.site, hosts.c.device).order_by(hosts.c.site, hosts.c.device)
    found = [(row.site, row.device) for row in connection.execute(ordered.limit(limit))]
    return found, _more(connection, select(hosts.c.site), len(found), limit)


def kept(connection: Connection, secret: bytes, limit: int) -> tuple[list[Kept], int]:
    """The devices of all sites, by site; and how many more there are."""
    ordered = select(hosts).order_by(hosts.c.site, hosts.c.device)
    found = [_kept(secret, row) for row in connection.execute(ordered.limit(limit))]
    return found, _more(connection, select(hosts.c.site), len(found), limit)


def fitting(
    connection: Connection, platforms: Collection[Platform], limit: int
) -> tuple[set[str], int]:
    """The sites with a device of one of these platforms, and how many more there are."""
    fits = and_(hosts.c.site != "", hosts.c.platform.in_([each.value for each in platforms]))
    sites = select(hosts.c.site).where(fits).distinct()
    found = set(connection.execute(sites.order_by(hosts.c.site).limit(limit)).scalars())
    return found, _more(connection, sites, len(found), limit)


def _more(connection: Connection, asked: Select[Any], found: int, limit: int) -> int:
    if found < limit:
        return 0
    many = connection.execute(select(func.count()).select_from(asked.subquery())).scalar_one()
    return int(many) - found


def inside(connection: Connection, code: str) -> list[tuple[str, str]]:
    """Site and platform of all within the code of an area or a site."""
    chosen = select(hosts.c.site, hosts.c.platform).where(lies_in(hosts.c.site, (code,), (code,)))
    return [(row.site, row.platform) for row in connection.execute(chosen.distinct())]


def there(connection: Connection, sites: Sequence[str]) -> list[tuple[str, str, Platform]]:
    """Site, device and platform of those at these sites; who signs in stays sealed."""
    found = connection.execute(_THERE, {"sites": sites})
    return [(row.site, row.device, Platform(row.platform)) for row in found]


def jump_of(connection: Connection, site: str, device: str) -> str:
    """The machine of the centre that a device is reached through; "" for none."""
    place = (hosts.c.site == site, hosts.c.device == device)
    return str(connection.execute(select(hosts.c.jump).where(*place)).scalar() or "")


def opened(connection: Connection, secret: bytes, site: str, device: str) -> Host:
    """A device with its login, ready to be worked on; Refused says what is missing."""
    place = (hosts.c.site == site, hosts.c.device == device)
    row = connection.execute(select(hosts).where(*place)).one_or_none()
    if row is None:
        raise Refused(f"{site}/{device}", "no such device is kept; see: ronda hosts set")
    kept = _kept(secret, row)
    if not kept.readable:
        raise Refused(kept.host.name, "its login cannot be read by this centre: enter it again")
    if row.jump:
        kept = replace(kept, host=replace(kept.host, jump=_jump(connection, secret, row.jump)))
    return kept.host


def _jump(connection: Connection, secret: bytes, device: str) -> Jump:
    on_the_way = opened(connection, secret, "", device)
    way = on_the_way
    return Jump(way.address, way.port, way.login, way.host_keys, device)


def _kept(secret: bytes, row: Row[Any]) -> Kept:
    plain = sealing.opened(secret, _PURPOSE, _bound(row.user, row.address), row.box)
    told = json.loads(plain) if plain else {}
    host = Host(
        site=row.site,
        device=row.device,
        platform=Platform(row.platform),
        address=row.address,
        port=row.port,
        login=Login(row.user, told.get("password", ""), told.get("key", "")),
        host_keys=tuple(json.loads(row.host_keys)),
        way=Way(row.way),
        old_algorithms=row.old_algorithms,
        values=json.loads(row.values),
    )
    return Kept(host, row.set_at, row.by, plain is not None)


def _sealed(secret: bytes, host: Host) -> bytes:
    plain = json.dumps({"password": host.login.password, "key": host.login.key})
    return sealing.closed(secret, _PURPOSE, _bound(host.login.user, host.address), plain)


def _bound(user: str, address: str) -> str:
    return f"{user}@{address}"


def _check(connection: Connection, host: Host, jump: str) -> None:
    if host.site and not SITE_CODE.fullmatch(host.site):
        raise Refused("site", f"expected the code of a site, got {host.site[:60]!r}")
    _check_names(host)
    if not 1 <= host.port <= 65_535:
        raise Refused("port", f"expected 1 to 65535, got {host.port}")
    if not host.login.password and not host.login.key:
        raise Refused("login", "a password or a private key is needed")
    _check_lists(host)
    if (host.way is Way.JUMP) != bool(jump):
        raise Refused("jump", "the machine on the way is named with the way jump, and only then")
    if jump and not _is_kept(connection, "", jump):
        why = f"no machine of the centre is called {jump[:60]!r}: keep it first, with site -"
        raise Refused("jump", why)
    others = select(func.count()).where(hosts.c.site == host.site, hosts.c.device != host.device)
    if connection.execute(others).scalar_one() >= MOST_AT_A_SITE:
        raise Refused("device", f"a site has at most {MOST_AT_A_SITE}: remove one")


def _check_names(host: Host) -> None:
    for place, kind, text in (
        ("device", Kind.IDENTIFIER, host.device),
        ("address", Kind.IP if ":" in host.address else Kind.HOSTNAME, host.address),
        ("user", Kind.IDENTIFIER, host.login.user),
    ):
        try:
            values.of_kind(kind, text)
        except Refused as refused:
            raise Refused(place, refused.problem) from None


def _check_lists(host: Host) -> None:
    if len(host.host_keys) > _MOST_KEYS or any(len(k) > _LONGEST_KEY for k in host.host_keys):
        raise Refused("host_keys", f"at most {_MOST_KEYS} of {_LONGEST_KEY} characters")
    if len(host.values) > _MOST_VALUES:
        raise Refused("values", f"at most {_MOST_VALUES}")
    for name, value in host.values.items():
        if not name.isidentifier() or not value.isprintable() or len(value) > 255:
            raise Refused(f"values.{name[:40]}", "expected a name and a printable value")


def _is_kept(connection: Connection, site: str, device: str) -> bool:
    place = (hosts.c.site == site, hosts.c.device == device)
    return connection.execute(select(hosts.c.device).where(*place)).first() is not None
