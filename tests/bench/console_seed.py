"""A regency, or a country, with ninety days behind it, written straight into the real stores."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert

from collector import schema
from collector.db import meta_set, migrate, open_history, open_store, writing
from collector.series import days, rollup_store, sheet
from collector.series.frames import Frames, samples
from collector.series.layouts import Columns
from collector.series.rollups import is_counter, roll
from collector.series.window import WindowWriter
from collector.series.window_head import window_minutes
from collector.settings import Settings
from collector.simulate.catalogue import MEASURED, catalogue
from tests.bench.trace import trace
from web.password import make_hash

DAY = 86_400
DAYS = 90
SERIES = 60
CHECKS = 10
PASSWORD = "kentongan malam"
ISPS = ("Telkom", "ICON+", "Telkomsel", "Comtelindo")


def code_of(row: int) -> str:
    """Twelve villages a district, twenty-five districts a regency."""
    district, regency = row // 12, row // 300
    place = f"{11 + regency // 30 % 80:02d}.{1 + regency % 30:02d}.{1 + district % 25:02d}"
    return f"{place}.{2001 + row % 12}" + (f"-{row}" if row >= 72_000 else "")


def seed(settings: Settings, count: int, told: int, now: float) -> None:
    """`count` sites; everything of them where they are few, the numbers of `told` whole."""
    migrate(settings)
    store, history = open_store(settings), open_history(settings)
    some = np.random.default_rng(1)
    full = count <= 1000
    with writing(store) as connection:
        _inventory(connection, count, now)
        _states(connection, count, now, some, 180 if full else 4)
        if full:
            _checks(connection, count, now, some)
            _incidents(connection, count, now)
        said = {"position": 1, "lag_s": 0.1, "at": now + 10 * DAY}
        meta_set(connection, "fold_status", json.dumps(said))
    _numbers(settings, history, count, told, now)
    store.dispose()
    history.dispose()


def _inventory(connection: Connection, count: int, now: float) -> None:
    codes = [code_of(row) for row in range(count)]
    sites = [
        {
            "code": code,
            "row": row,
            "name": f"Desa {row * 7919 % 100_003}",
            "district": f"Kec {row // 12}",
            "regency": f"Kab {row // 300}",
            "isp": ISPS[row % 4],
            "upstream": f"POP {row // 50}",
        }
        for row, code in enumerate(codes)
    ]
    connection.execute(insert(schema.sites), sites)
    some = codes[:1000]
    lines = [{"site": c, "name": "main", "isp": "Telkom", "mbps": 100.0, "sla": 99.0} for c in some]
    connection.execute(insert(schema.uplinks), lines)
    people = [
        {"scope": c, "name": f"Petugas {n}", "role": "village", "order": n, "whatsapp": "+62812"}
        for c in some
        for n in (1, 2)
    ]
    connection.execute(insert(schema.contacts), people)
    things = [{"site": c, "name": n, "kind": n} for c in some for n in ("router", "ont", "ap-1")]
    connection.execute(insert(schema.devices), things)
    user = {"name": "bench", "role": "noc", "areas": "[]", "created_at": now}
    connection.execute(insert(schema.users).values(**user, password_hash=make_hash(PASSWORD)))


def _states(connection: Connection, count: int, now: float, some: Any, spells: int) -> None:
    """Normal and trouble by turns; one site in twelve is in trouble now."""
    bad = ("down", "slow", "unknown")
    rows = []
    for row in range(count):
        edges = np.sort(some.random(spells)) * DAYS * DAY + now - DAYS * DAY
        trouble = row % 12 == 0
        for k, since in enumerate(edges.tolist()):
            left = spells - k
            state = "normal" if (left % 2 == 1) != trouble else bad[int(some.integers(3))]
            rows.append(
                {
                    "site": code_of(row),
                    "since": since,
                    "until": None if left == 1 else float(edges[k + 1]),
                    "state": state,
                    "cause": "" if state == "normal" else "power",
                    "confidence": 0.8,
                    "reason": "no answer from anything",
                    "evidence": '["two neighbours of another ISP are silent too"]',
                    "rev": 1 + row,
                }
            )
        if len(rows) > 20_000:
            connection.execute(insert(schema.states), rows)
            rows = []
    if rows:
        connection.execute(insert(schema.states), rows)


def _checks(connection: Connection, count: int, now: float, some: Any) -> None:
    checks, verdicts = [], []
    for row in range(count):
        for k in range(CHECKS):
            key = {"site": code_of(row), "rev": 1 + row}
            bad = (row + k) % 40 == 0
            state = {"verdict": "bad" if bad else "good", "reason": "HTTP 502", "since": now - DAY}
            checks.append(key | state | {"name": f"check {k}", "kind": "http"})
            times = np.sort(some.random(45)) * DAYS * DAY + now - DAYS * DAY
            verdicts += [
                key | {"check": f"check {k}", "at": at, "verdict": ("bad", "good")[n % 2]}
                for n, at in enumerate(times.tolist())
            ]
    connection.execute(insert(schema.checks), checks)
    connection.execute(insert(schema.verdicts), verdicts)


def _incidents(connection: Connection, count: int, now: float) -> None:
    for row in range(0, count, 12):
        fields: dict[str, Any] = {"site": code_of(row), "subject": "uplink", "title": "putus"}
        fields |= {"severity": "critical", "state": "open", "down_since": now - 3600}
        made = connection.execute(
            insert(schema.incidents).values(**fields, opened_at=now - 3600, rev=row + 1)
        )
        assert made.inserted_primary_key is not None
        joined = {"incident": made.inserted_primary_key[0], "key": "k", "site": code_of(row)}
        times = {"bad_at": now, "joined_at": now}
        connection.execute(insert(schema.members).values(**joined, **times))


def _numbers(settings: Settings, history: Engine, count: int, told: int, now: float) -> None:
    names = [each.name for each in catalogue(SERIES, first=MEASURED)]
    columns = Columns(history)
    ids = columns.give(names)
    with writing(history) as connection:
        columns.save(connection)
    counters = {column for column, name in zip(ids, names, strict=True) if is_counter(name)}
    for row in range(told):
        _days(history, row, ids, counters, now)
    minutes = window_minutes(count)
    Path(settings.window).mkdir(parents=True, exist_ok=True)
    writer = WindowWriter.open(settings.window, minutes, 2, {}, boot="bench")
    rows, some = np.arange(count, dtype=np.int32), np.random.default_rng(2)
    wide = SERIES if count <= 1000 else 4
    for minute in range(minutes if count <= 1000 else 2):
        times = now - 60 * (minutes - minute) + np.round(some.random(count) * 59, 3)
        writer.write(rows, times, ids[:wide], some.random((count, wide)), 1)
        writer.touch(rows, times)
    writer.sync(1)
    writer.close()


def _days(history: Engine, row: int, ids: Any, counters: set[int], now: float) -> None:
    first = int(now // DAY) - DAYS
    times, values = trace(DAYS * 1440, row + 1, float(first * DAY))
    for day in range(first, first + DAYS):
        mine = (times >= day * DAY) & (times < day * DAY + DAY)
        frames = sheet.axes_of([Frames(times[mine], np.asarray(ids), values[mine])])
        table = roll(samples(frames), DAY, counters)
        with writing(history) as connection:
            days.put(connection, row, day, frames)
            rollup_store.put(connection, row, DAY, day, table)
