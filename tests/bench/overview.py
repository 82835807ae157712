"""python -m tests.bench.overview [SITES ...]: overview, wall and search, each after a change.

Beside them, as a floor, the page of a refusal, which reads nothing. CPU time, and the clock's.
"""

import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, insert, update

from collector import schema
from collector.db import meta_set, migrate, open_store, writing
from collector.series.steps import Steps
from collector.settings import Settings
from web import walls
from web.app import create_app
from web.password import make_hash

LOOKS = 7
PASSWORD = "kentongan malam"
PATHS = ("/", "WALL", "/search?q=desa+4711", "/search?q=152400004711", "/search?q=0812000004711")
FLOOR = "/nowhere"


class Window:
    """Numbers of so many sites, all of now."""

    def __init__(self, sites: int) -> None:
        self._rows = np.arange(sites, dtype=np.int32)

    def newest(self, name: str, start: float, end: float) -> tuple[Any, Any, Any]:
        size = len(self._rows) if name == "ronda_hotspot_sessions" else 0
        return self._rows[:size], np.full(size, end), np.full(size, 7.0)

    def named(self, metric: str) -> list[str]:
        return []

    def last_reports(self) -> np.ndarray[Any, Any]:
        return np.full(len(self._rows), time.time())

    def last_report(self, site_row: int) -> float | None:
        return time.time()

    def recent(self, site_row: int) -> Sequence[Any]:
        return ()

    def latest(self, site_row: int, recent: object = None) -> Mapping[str, tuple[float, float]]:
        return {}

    def steps(
        self,
        site_row: int,
        names: Sequence[str],
        start: float,
        end: float,
        step_s: int,
        recent: object = None,
    ) -> Mapping[str, Steps]:
        return {}

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float, recent: object = None
    ) -> Mapping[str, Any]:
        return {}


def codes_of(sites: int) -> list[str]:
    """A country as Indonesia is: about 13 villages a district, 14 districts a regency."""
    return [
        f"{11 + n // 2548}.{1 + n // 182 % 14:02d}.{1 + n // 13 % 14:02d}.{2001 + n % 13}"
        for n in range(sites)
    ]


def fill(store: Engine, codes: Sequence[str], now: float) -> str:
    """Sites with lines and people, an ordinary bad day, one account; the path of a wall."""
    draw = random.Random(4)
    held = draw.choices(["normal", "down", "slow", "unknown"], [92, 2, 3, 3], k=len(codes))
    with writing(store) as connection:
        _inventory(connection, codes, draw)
        rows: list[dict[str, Any]] = [
            {"site": code, "state": state, "since": now - draw.random() * 9000, "rev": n}
            for n, (code, state) in enumerate(zip(codes, held, strict=True))
        ]
        connection.execute(insert(schema.states), rows)
        for back in range(1, 6):
            past: dict[str, Any] = {
                "state": "slow",
                "since": now - back * 9e4,
                "until": now - back * 9e4 + 500,
            }
            connection.execute(
                insert(schema.states), [{"site": code, "rev": 1} | past for code in codes]
            )
        _incidents(connection, codes[:: max(7, len(codes) // 1000)], now)
        me = {"name": "dewi", "role": "noc", "password_hash": make_hash(PASSWORD)}
        connection.execute(insert(schema.users).values(**me, created_at=now))
        meta_set(connection, "fold_status", f'{{"position":1,"lag_s":0,"at":{now}}}')
    return walls.add(store, "bench", [], "id", "dewi", now)[1]


def _inventory(connection: Connection, codes: Sequence[str], draw: random.Random) -> None:
    places = {code[:length]: None for code in codes for length in (2, 5, 8)}
    levels = {2: "province", 5: "regency", 8: "district"}
    areas = [{"code": p, "name": f"Wilayah {p}", "level": levels[len(p)]} for p in places]
    connection.execute(insert(schema.areas), areas)
    sites: list[dict[str, Any]] = [
        {"code": code, "row": n, "name": f"Desa {n}", "isp": "Telkom"}
        | {"lat": draw.uniform(-9, -6), "lon": draw.uniform(105, 115)}
        for n, code in enumerate(codes)
    ]
    connection.execute(insert(schema.sites), sites)
    lines = [{"site": c, "name": "main", "service_no": f"1524{n:08d}"} for n, c in enumerate(codes)]
    connection.execute(insert(schema.uplinks), lines)
    people = [
        {"scope": c, "name": "Agus", "role": "village", "whatsapp": f"+62812{n:09d}"}
        for n, c in enumerate(codes)
    ]
    connection.execute(insert(schema.contacts), people)


def _incidents(connection: Connection, codes: Sequence[str], now: float) -> None:
    for n, code in enumerate(codes):
        row: dict[str, Any] = {
            "site": code,
            "subject": "uplink",
            "title": "internet putus",
            "state": "open",
        }
        row |= {"severity": "critical", "down_since": now - n, "opened_at": now - n, "rev": n}
        connection.execute(insert(schema.incidents).values(**row))


def sign_in(client: FlaskClient) -> None:
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    assert token
    form = {"form_token": token[1], "name": "dewi", "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 303


def look(client: FlaskClient, store: Engine, path: str, codes: Sequence[str]) -> str:
    """The middle of some looks, each after a site changed."""
    spent, passed, size = [], [], 0
    for n in range(LOOKS):
        mine = (schema.states.c.site == codes[n]) & schema.states.c.until.is_(None)
        with writing(store) as connection:
            connection.execute(update(schema.states).where(mine).values(rev=time.time_ns()))
        cpu, clock = time.process_time(), time.perf_counter()
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        spent.append(time.process_time() - cpu)
        passed.append(time.perf_counter() - clock)
        size = len(answer.data)
    middle, by_clock = statistics.median(spent) * 1e3, statistics.median(passed) * 1e3
    return f"{middle:6.0f} ms CPU {by_clock:6.0f} ms by the clock {size / 1e3:6.1f} kB"


def measure(sites: int) -> None:
    """Print the figures of one size."""
    codes = codes_of(sites)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=folder)
        migrate(settings)
        store = open_store(settings)
        wall = fill(store, codes, time.time())
        client = create_app(settings, store, Window(sites)).test_client()
        sign_in(client)
        client.get("/")
        print(f"{sites} sites")
        for path in (FLOOR, *PATHS):
            address = wall if path == "WALL" else path
            name = "/wall" if path == "WALL" else path
            print(f"  {name:26} {look(client, store, address, codes)}")
        store.dispose()


if __name__ == "__main__":
    for count in [int(word) for word in sys.argv[1:]] or [300, 83_763]:
        measure(count)
