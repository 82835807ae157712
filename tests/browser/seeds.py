"""A small regency for browsers: districts with boundaries, troubles of each kind, incidents."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, update

from collector import schema
from collector.db import meta_set, open_store, writing
from collector.settings import Settings
from tests.stores import migrated
from tests.web.conftest import Regency
from web.password import make_hash

PASSWORD = "kentongan malam"
STALL_S = 600.0
HOUR = 3600.0
AREAS = [
    ("35", "Jawa Timur", "province", "Provinsi"),
    ("35.10", "Banyuwangi", "regency", "Kabupaten"),
    ("35.10.06", "Cluring", "district", "Kecamatan"),
    ("35.10.07", "Muncar", "district", "Kecamatan"),
    ("35.10.11", "Songgon", "district", "Kecamatan"),
]
BOXES = {"35.10.06": (-8.45, 114.15), "35.10.07": (-8.45, 114.25), "35.10.11": (-8.35, 114.15)}
SITE, DOWN, SILENT, OTHER = "35.10.06.2005", "35.10.07.2003", "35.10.11.2001", "35.10.11.2002"
# for tests that change a site
SPARE = "35.10.06.2010"
ROLES = {"dewi": "noc", "rian": "technician", "agus": "village", "lina": "viewer", "putri": "admin"}
LIMITS = {"agus": [SITE]}


@dataclass
class Seeded:
    """A data folder with what the browsers look at, and how to change it as the fold would."""

    settings: Settings
    store: Engine
    regency: Regency
    incidents: Mapping[str, int]
    stalled: bool = False

    def turn(self, code: str, state: str, **more: Any) -> None:
        """A site goes over into another state, now."""
        now, rev = time.time(), time.time_ns() // 1_000_000
        held = (schema.states.c.site == code) & schema.states.c.until.is_(None)
        with writing(self.store) as connection:
            connection.execute(update(schema.states).where(held).values(until=now, rev=rev))
        self.regency.state(code, state, now, rev=rev, **more)

    def stall(self, stalled: bool) -> None:
        """The engine falls behind, or is there again."""
        self.stalled = stalled
        self.beat()

    def beat(self) -> None:
        """The engine says where it is."""
        told = {"position": 1, "lag_s": STALL_S if self.stalled else 0.0, "at": time.time()}
        with writing(self.store) as connection:
            meta_set(connection, "fold_status", json.dumps(told))


def seeded(folder: Path) -> Seeded:
    """A new data folder with the regency in it."""
    settings = Settings(data=str(folder), public=True)
    migrated(settings)
    store = open_store(settings)
    _areas(store)
    regency = Regency(store)
    _sites(regency, time.time())
    _accounts(store)
    numbers = _incidents(regency, time.time())
    made = Seeded(settings, store, regency, numbers)
    made.beat()
    return made


def _areas(store: Engine) -> None:
    rows = [
        {"code": code, "name": name, "level": level, "parent": code[:-3], "kind": kind}
        | {"boundary": _box(code)}
        for code, name, level, kind in AREAS
    ]
    with writing(store) as connection:
        connection.execute(insert(schema.areas), rows)


def _box(code: str) -> str | None:
    if code not in BOXES:
        return None
    south, west = BOXES[code]
    north, east = south + 0.1, west + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _sites(regency: Regency, now: float) -> None:
    told = {
        SITE: ("Benculuk", "slow", {"cause": "fiber", "confidence": 0.78}),
        DOWN: ("Tembokrejo", "down", {"cause": "isp", "confidence": 0.72}),
        SILENT: ("Sumberarum", "unknown", {"reason": "the agent is silent"}),
        OTHER: ("Bayu", "maintenance", {}),
    }
    for code, (name, state, more) in told.items():
        _site(regency, code, name, state, now, more)
    for number in range(2010, 2040):
        code = f"{AREAS[2 + number % 3][0]}.{number}"
        _site(regency, code, f"Desa {number}", "normal", now, {})
    regency.check(SITE, "opensid", "bad", reason="HTTP 502", since=now - HOUR)
    regency.contact(SITE, "Agus Prasetyo", "village", whatsapp="+6281200000151")


def _site(
    regency: Regency, code: str, name: str, state: str, now: float, more: Mapping[str, Any]
) -> None:
    south, west = BOXES[code[:8]]
    step = int(code[-2:])
    names = {area: called for area, called, _, _ in AREAS}
    regency.site(
        code,
        name,
        district=names[code[:8]],
        lat=south + 0.01 + step % 9 * 0.01,
        lon=west + 0.01 + step // 9 * 0.015,
        upstream="POP Srono",
    )
    regency.state(code, "normal", now - 30 * HOUR, until=now - 2 * HOUR)
    regency.state(code, state, now - 2 * HOUR, **more)


def _accounts(store: Engine) -> None:
    secret = make_hash(PASSWORD)
    rows = [
        {"name": name, "role": role, "password_hash": secret, "created_at": time.time()}
        | {"areas": json.dumps(LIMITS.get(name, []))}
        for name, role in ROLES.items()
    ]
    with writing(store) as connection:
        connection.execute(insert(schema.users), rows)


def _incidents(regency: Regency, now: float) -> dict[str, int]:
    def opened(hours: float) -> dict[str, float]:
        return {"opened_at": now - hours * HOUR, "down_since": now - hours * HOUR}

    return {
        "late": regency.incident("internet putus", DOWN, cause="isp", **opened(4.4)),
        "soon": regency.incident(
            "POP Srono", "", [SILENT, SITE], parent="POP Srono", parent_kind="upstream",
            unseen=True, acknowledged_by="dewi", state="acknowledged", **opened(3.3),
        ),
        "new": regency.incident("OpenSID tidak bisa dibuka", SITE, subject="service", **opened(1)),
        "paused": regency.incident(
            "isolir oleh Telkom", OTHER, paused_at=now - HOUR, paused_why="menunggu bayar",
            **opened(9),
        ),
    }  # fmt: skip
