"""A regency in which there is something of everything that the API tells and changes."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, insert

from alerts import duty, mutes, photos, webhooks, windows
from alerts.duty import Shift
from alerts.photos import Picture
from alerts.planned import Window
from alerts.webhooks import Wanted
from collector import acts, schema
from collector.db import writing
from collector.inventory import drafts, keeping
from collector.inventory.previewing import File
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE, Regency

FREE = "35.10.06.2010"
NONE = "35.10.06.2999"
HERE, THERE = "35.10.06", "35.10.11"

# what stands in a path for something here, something elsewhere, and for what is nowhere
PLACES: Mapping[str, tuple[Any, Any, Any]] = {
    "/sites/{code}": (SITE, OTHER, NONE),
    "/inventory/areas/{id}": (HERE, THERE, "35.10.99"),
    "/inventory/sites/{id}": (SITE, OTHER, NONE),
    "/inventory/uplinks/{id}": (f"{SITE},main", f"{OTHER},main", f"{SITE},cadangan"),
    "/inventory/devices/{id}": (f"{SITE},ap", f"{OTHER},ap", f"{SITE},ap2"),
    "/inventory/services/{id}": (f"web,{SITE}", f"web,{OTHER}", f"web2,{SITE}"),
    "/inventory/contacts/{id}": (f"{SITE},Wayan", f"{OTHER},Made", f"{SITE},Ketut"),
    "/inventory/holidays/{id}": (None, "2026-12-25", "2026-12-26"),
    "/incidents/{number}": (1, 2, 999),
    "/mutes/{number}": (1, 2, 999),
    "/works/{number}": (1, 2, 999),
    "/duty/{number}": (1, 2, 999),
    "/agents/{number}": (1, 2, 999),
    "/imports/{number}": (None, 1, 999),
    "/people/{name}": ("sari", "made", "nobody"),
    "/webhooks/{number}": (None, 1, 999),
}


def build(store: Engine, regency: Regency, key: bytes) -> None:
    """Everything, twice: in the district of SITE, and elsewhere."""
    regency.site(SITE, "Sumbersari", "down")
    regency.site(OTHER, "Genteng Kulon", "normal", district="Genteng", isp="Biznet")
    regency.site(FREE, "Benculuk", lifecycle="planned")
    regency.check(SITE, "web", "bad", reason="no answer")
    cases = Cases(store)
    for code in (SITE, OTHER):
        cases.open(code, f"{code} down")
    cases.storm("POP Genteng", [SITE, OTHER])
    with writing(store) as connection:
        _rows(connection)
        _people(connection)
        _plans(connection)
        for number, code in enumerate((SITE, OTHER), 1):
            photos.add(connection, number, Picture(b"\xff\xd8\xff\xd9", 1, 1), "wayan", NOW)
            row = {
                "site": code,
                "name": "kotak",
                "state": "waiting",
                "enrolled_at": NOW,
                "rev": number,
            }
            connection.execute(insert(schema.agents).values(**row))
        text = f"site,name\n{SITE},ap3\n".encode()
        hook = Wanted("tiket", "http://127.0.0.1:9/", secret="kentongan di pos ronda")
        webhooks.add(connection, key, hook, NOW, "budi")
        drafts.begin(connection, [File("devices.csv", "devices", text)], NOW, "budi")


def _rows(connection: Any) -> None:
    areas = [{"code": code, "name": code} for code in ("35", "35.10", HERE, THERE)]
    keeping.put(connection, "areas", areas, NOW, "budi")
    for code, person in ((SITE, "Wayan"), (OTHER, "Made")):
        rows: dict[str, dict[str, Any]] = {
            "uplinks": {"site": code, "name": "main", "isp": "Telkom", "mbps": 50.0},
            "devices": {"site": code, "name": "ap", "kind": "ap"},
            "services": {"name": "web", "site": code, "target": "http://10.0.0.2/",
                         "settings": {"every_s": "30"}},
            "contacts": {"scope": code, "name": person, "role": "village"},
        }  # fmt: skip
        for kind, row in rows.items():
            keeping.put(connection, kind, [row], NOW, "budi")
    keeping.put(connection, "holidays", [{"date": "2026-12-25", "name": "Natal"}], NOW, "budi")


def _people(connection: Any) -> None:
    accounts = {"sari": ("technician", [HERE]), "made": ("noc", [THERE]), "budi": ("admin", [])}
    for name, (role, areas) in accounts.items():
        row = {"name": name, "role": role, "areas": json.dumps(areas), "created_at": NOW}
        connection.execute(insert(schema.users).values(**row, password_hash="x"))
        acts.record(connection, NOW, "budi", "account_add", f"account:{name}")


def _plans(connection: Any) -> None:
    for code, person in ((SITE, "Wayan"), (OTHER, "Made")):
        mutes.add(connection, f"site:{code}", "teknisi di menara", "budi", NOW, NOW + HOUR)
        work = Window(0, f"site:{code}", "ganti aki", "skip", "2026-11-24T08:00", 60, by="budi")
        windows.add(connection, work, NOW)
        duty.put(connection, Shift(code, person), NOW, "budi")
