"""A regency in which there is something of everything that the API tells and changes."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, insert

from alerts import duty, mutes, photos, quiet, rollcall, webhooks, windows
from alerts.duty import Shift
from alerts.photos import Picture
from alerts.planned import Window
from alerts.quiet import Quiet
from alerts.way_back import WayBack
from alerts.webhooks import Wanted
from collector import acts, api_tokens, notes, passwords, schema, walls
from collector.db import writing
from collector.inventory import drafts, keeping
from collector.inventory.binding import Binding
from collector.inventory.previewing import File
from playbooks import host_rows, run_rows
from playbooks.hosts import Host, Login
from playbooks.model import Platform
from playbooks.run_rows import Wish
from playbooks.states import RunState
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE, Regency

FREE = "35.10.06.2010"
NONE = "35.10.06.2999"
HERE, THERE = "35.10.06", "35.10.11"

# numbers of citizens' reports: here, elsewhere, of none
REPORTS = ("K7M-PQ3-HXT", "B4T-WZ8-RNM", "VVV-VVV-VVT")
RULE = "HostCpuHigh"
PLAYBOOK = "diagnosa-jalur"
# what stands in a path for something here, something elsewhere, and for what is nowhere
PLACES: Mapping[str, tuple[Any, Any, Any]] = {
    "/sites/{code}": (SITE, OTHER, NONE),
    "/aliases/{old}": ("35.10.05.2005", "35.10.05.2006", "35.10.05.2999"),
    "/rules/{name}/overrides/{place}": (SITE, OTHER, NONE),
    "/cadence/{place}": (SITE, OTHER, NONE),
    "/passwords/{name}": ("di-sini", "di-sana", "nowhere"),
    "/quiet-hours/{id}": (f"{SITE},Wayan", f"{OTHER},Made", f"{SITE},Ketut"),
    "/walls/{number}": (1, 2, 999),
    "/tokens/{id}": ("a" * 64, "b" * 64, "c" * 64),
    "/inventory/areas/{id}": (HERE, THERE, "35.10.99"),
    "/inventory/sites/{id}": (SITE, OTHER, NONE),
    "/inventory/uplinks/{id}": (f"{SITE},main", f"{OTHER},main", f"{SITE},cadangan"),
    "/inventory/devices/{id}": (f"{SITE},ap", f"{OTHER},ap", f"{SITE},ap2"),
    "/inventory/services/{id}": (f"web,{SITE}", f"web,{OTHER}", f"web2,{SITE}"),
    "/inventory/contacts/{id}": (f"{SITE},Wayan", f"{OTHER},Made", f"{SITE},Ketut"),
    "/inventory/holidays/{id}": (None, "2026-12-25", "2026-12-26"),
    "/incidents/{number}": (1, 2, 999),
    "/citizens/{ticket}": REPORTS,
    "/runs/{number}": (1, 2, 999),
    "/mutes/{number}": (1, 2, 999),
    "/works/{number}": (1, 2, 999),
    "/duty/{number}": (1, 2, 999),
    "/agents/{number}": (1, 2, 999),
    "/imports/{number}": (None, 1, 999),
    "/people/{name}": ("sari", "made", "nobody"),
    "/webhooks/{number}": (None, 1, 999),
}

# parts of a path that are of no place
ELSEWISE: Mapping[str, tuple[Any, ...]] = {
    "kind": ("areas", "services", "none"),
    "photo": (1, 2, 3),
    "note": (1, 2, 3),
    "try": ("none",),
}


def values(path: str, part: str) -> tuple[Any, ...]:
    """What may stand in this part of a path: something here, elsewhere, nowhere."""
    if part in ELSEWISE:
        return ELSEWISE[part]
    if part == "name" and path.startswith("/rules/"):
        return (RULE, RULE, RULE)
    if path.startswith("/playbooks/"):
        return (PLAYBOOK, PLAYBOOK, PLAYBOOK)
    if path.startswith("/channels/"):
        return ("none",)
    place = next(each for each in PLACES if path.startswith(each))
    return PLACES[place]


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
        _more(connection, key)
        _remote(connection, key)
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


def _more(connection: Any, key: bytes) -> None:
    """What only the newer endpoints tell of."""
    aliases = [
        {"old": f"35.10.05.200{n}", "new": code, "at": NOW} for n, code in ((5, SITE), (6, OTHER))
    ]
    connection.execute(insert(schema.aliases).values(aliases))
    people_at = ((SITE, "Wayan", "di-sini", "a"), (OTHER, "Made", "di-sana", "b"))
    asked = []
    for (code, *_), number in zip(people_at, REPORTS, strict=False):
        row = {"number": number, "site": code, "kind": "dead", "text": "mati", "at": NOW - HOUR}
        connection.execute(insert(schema.citizen_reports).values(**row))
    for code, person, name, letter in people_at:
        row = {"rule": RULE, "scope": code, "threshold": None, "for_s": 60.0, "off": False}
        connection.execute(insert(schema.overrides).values(row))
        passwords.put(connection, key, name, "kentongan 9", NOW, "budi", Binding(code[:8]))
        quiet.put(connection, Quiet(code, person, "22:00", "05:00"), NOW, "budi")
        walls.add(connection, letter * 64, name, [code[:8]], "id", "budi", NOW)
        notes.add(connection, code, "kunci di kades", "budi", NOW)
        owner = {HERE: "sari", THERE: "made"}[code[:8]]
        told = {"name": name, "role": "viewer", "area": code[:8], "site": ""}
        api_tokens.add(connection, letter * 64, NOW, **told, owner=owner)
        asked += rollcall.to_ask(connection, lambda place, here=code: place == here)
    rollcall.call(connection, asked, (), WayBack(), NOW - HOUR, "budi")


def _remote(connection: Any, key: bytes) -> None:
    """Devices that playbooks may work on, and a run on each."""
    for code in (SITE, OTHER):
        host = Host(code, "pc", Platform.DEBIAN, "10.0.0.2", 22, Login("root", "kentongan 9"), ())
        host_rows.put(connection, key, host, "", NOW, "budi")
        targets = [(code, "pc")]
        wish = Wish(PLAYBOOK, "d", "green", False, {}, targets, "budi")
        run_rows.ask(connection, wish, RunState.WAITING, NOW)


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
