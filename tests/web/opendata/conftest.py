"""A small regency that is open to everybody, with a sealed day full of names, numbers and notes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine

from collector import notes
from collector.availability import State
from collector.db import writing
from collector.evidence import record, seals
from collector.evidence.lines import SITE as SITE_LINE
from collector.evidence.lines import Line
from collector.evidence.moments import midnight
from collector.evidence.seals import Draft
from collector.evidence.signing import Signer
from collector.evidence.spells import Spell
from collector.inventory.keeping import put
from collector.series.steps import Steps
from collector.settings import Settings
from tests.web.conftest import NOW, OTHER, SITE

HIDDEN = "35.10.06.2009"
DAY = date(2026, 11, 22)
WIB = ZoneInfo("Asia/Jakarta")
BEGIN = float(midnight(DAY, WIB))
SECRETS = ("Sri Wahyuni", "0812555", "sri@desa.id", "kunci di bawah pot", "10.9.8.7", "Pak Slamet")
CLIENTS = 'ronda_wifi_clients{ap="balai"}'
BYTES = 'ronda_wifi_receive_bytes_total{ap="balai"}'


class Past:
    """Hours of wifi by site row: people in every hour of the day, gigabytes in all."""

    def __init__(self, numbers: Any) -> None:
        self.people: dict[int, float] = {}
        self.gb: dict[int, float] = {}
        numbers.steps, numbers.named = self.steps, self.named

    def named(self, metric: str) -> list[str]:
        return [name for name in (CLIENTS, BYTES) if name.startswith(metric)]

    def steps(
        self, site_row: int, names: Any, start: float, end: float, step_s: int
    ) -> Mapping[str, Steps]:
        if site_row not in self.people or not start <= BEGIN < end:
            return {}
        starts = BEGIN + np.arange(24) * 3600.0
        people = np.full(24, self.people[site_row])
        found = {CLIENTS: Steps(step_s, starts, people, people, np.zeros(24))}
        if site_row in self.gb:
            grown = np.full(24, self.gb[site_row] * 1e9 / 24)
            found[BYTES] = Steps(step_s, starts, grown, grown, grown)
        return found


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public=True, public_hides=(HIDDEN,))


@pytest.fixture
def anybody(visitor: Any) -> Any:
    """Somebody without an account."""
    return visitor()


@pytest.fixture
def past(numbers: Any) -> Past:
    return Past(numbers)


@pytest.fixture
def seal(store: Engine) -> Callable[..., None]:
    """Seal a site's day: down for its first so many seconds, else normal."""

    def make(site: str, down_s: int = 0, day: date = DAY) -> None:
        begin, end = midnight(day, WIB), midnight(day + timedelta(days=1), WIB)
        spells = [Spell(begin, begin + down_s, State.DOWN, "fiber")] if down_s else []
        spells.append(Spell(begin + down_s, end, State.NORMAL))
        told = record.told_of(begin, end, str(WIB), [Line(SITE_LINE, "", "", tuple(spells))])
        with writing(store) as connection:
            draft = Draft(record.DAY, site, day.isoformat(), told)
            seals.append(connection, [draft], Signer(b"k" * 32), int(NOW))

    return make


@pytest.fixture
def open_centre(regency: Any, store: Engine, seal: Callable[..., None], past: Past) -> None:
    """Two villages in two districts, one that is kept off, and much that is nobody's business."""
    for code, name in ((SITE, "Benculuk"), (OTHER, "Bulurejo"), (HIDDEN, "Rahasia")):
        regency.site(code, name, "normal", lat=-8.4, lon=114.2)
        seal(code, 3600)
    areas = [
        {"code": "35.10", "name": "Banyuwangi", "level": "regency"},
        {"code": "35.10.06", "name": "Cluring", "level": "district"},
        {"code": "35.10.11", "name": "Gambiran", "level": "district"},
    ]
    with writing(store) as connection:
        put(connection, "areas", areas, NOW, "dewi")
        notes.add(connection, SITE, "kunci di bawah pot, telepon Pak Slamet 0812555", "dewi", NOW)
        put(connection, "devices", [{"site": SITE, "name": "r", "host": "10.9.8.7"}], NOW, "dewi")
    regency.contact(SITE, "Sri Wahyuni", "village", sms="+62812555", email="sri@desa.id")
    past.people, past.gb = {0: 20.0, 1: 1.0, 2: 500.0}, {0: 37.0, 1: 3.0, 2: 900.0}
    for number in range(7):
        at = BEGIN + 600 * number
        regency.incident(f"internet Sri Wahyuni {number}", SITE, opened_at=at, cause="fiber")
    regency.incident("x", OTHER, opened_at=BEGIN, resolved_at=BEGIN + 60, cause="power")
    regency.incident("y", HIDDEN, opened_at=BEGIN, cause="theft")
