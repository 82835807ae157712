"""A regency as it is: full of names, numbers and notes that are nobody else's business."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert

from collector import schema
from collector.db import writing
from tests.collector.evidence.world import down, normal, tell, tick, unknown
from tests.web.conftest import HOUR, NOW, Regency

DAY = 86400.0
REGENCY, DISTRICT = "35.10", "35.10.06"
KEMIREN, TAMAN, SILENT, GONE = (f"35.10.06.200{n}" for n in (5, 6, 7, 8))
HIDDEN = "35.10.11.2002"
# of a report that a citizen follows
TICKET = "K7M-PQ3-HXT"
FIELD = f"{KEMIREN}-lapangan"

# what nobody may find on any page: people, numbers, addresses, devices, reasons, notes
SECRETS = (
    "Slamet",
    "Wulandari",
    "budi.santoso",
    "81234567",
    "10.20.30.40",
    "aa:bb:cc",
    "RB750",
    "OLT-Genteng",
    "POP Genteng",
    "curi",
    "belum bayar",
    "contract",
    "1234567890",
    "siskeudes-db",
    "HTTP 502",
    "kata sandi",
    "Gudang",
)


def seed(store: Engine) -> None:
    """Everything that a centre knows, as its floors would write it."""
    regency = Regency(store)
    regency.fold(NOW)
    for code, name, state in (
        (KEMIREN, "Kemiren", "normal"),
        (FIELD, "Lapangan Kemiren", "down"),
        (TAMAN, "Tamansuruh 0812-3456-7890", "slow"),
        (SILENT, "Kampunganyar", "unknown"),
        (GONE, "Glagah lama", ""),
        (HIDDEN, "Gudang Dinas", "down"),
    ):
        regency.site(
            code,
            name,
            district="Glagah" if code.startswith(DISTRICT) else "Genteng",
            upstream="POP Genteng",
            lifecycle="retired" if code == GONE else "active",
        )
        if state:
            _past(store, code, state)
    _checks(regency)
    _incidents(regency)
    _inventory(store, regency)
    _plans(store)
    _citizens(store)


def _past(store: Engine, code: str, state: str) -> None:
    begun = NOW - 60 * DAY
    cuts = [normal(begun, NOW - 20 * DAY), down(NOW - 20 * DAY, NOW - 20 * DAY + 5 * HOUR)]
    cuts += [unknown(NOW - 20 * DAY + 5 * HOUR, NOW - 19 * DAY, "power")]
    cuts += [normal(NOW - 19 * DAY, NOW - HOUR)]
    last: Any = {"normal": normal, "unknown": lambda a, b: unknown(a, b)}.get(state)
    if state == "down":
        cuts.append(down(NOW - HOUR, None, "theft"))
    elif state == "slow":
        made = normal(NOW - HOUR, None)
        cuts.append(type(made)(made.since, None, "slow", "RTT to 10.20.30.40 is 900 ms"))
    else:
        cuts.append(last(NOW - HOUR, None))
    with writing(store) as connection:
        tell(connection, cuts, code)
        tick(connection, NOW)


def _checks(regency: Regency) -> None:
    for code in (KEMIREN, FIELD, TAMAN, SILENT, HIDDEN):
        regency.check(code, "hotspot", "good", kind="journey", since=NOW - 50 * DAY)
        regency.check(code, "opensid", "good", kind="opensid", since=NOW - 50 * DAY)
    why = "HTTP 502 from siskeudes-db at 10.20.30.40"
    regency.check(KEMIREN, "Layanan Mandiri", "bad", kind="http", reason=why)
    regency.check(KEMIREN, "Server Pak Slamet", "good", kind="http")
    regency.check(KEMIREN, "siskeudes-db", "bad", kind="mysql", reason="access denied")
    regency.check(KEMIREN, "RB750 gudang", "bad", kind="ping")


def _incidents(regency: Regency) -> None:
    regency.incident(
        "Lapangan Kemiren", FIELD, key=f"site:{FIELD}", cause="theft",
        details='{"kind": "down", "told": {"message": "internet"}}', acknowledged_by="Slamet",
        state="acknowledged", evidence='["RB750 was taken: aa:bb:cc:00:11:22"]',
    )  # fmt: skip
    regency.incident(
        "Kemiren: Layanan Mandiri", KEMIREN, key=f"alert:app:{KEMIREN}", subject="service",
        check="Layanan Mandiri", rule="app", details='{"told": {"message": "app"}}',
    )  # fmt: skip
    regency.incident(
        "Kemiren: RB750", KEMIREN, key=f"alert:disk:{KEMIREN}", subject="device",
        check="RB750 gudang", rule="disk", details='{"told": {"message": "disk"}}',
    )  # fmt: skip
    regency.incident(
        "POP Genteng", parent_kind="upstream", parent="POP Genteng", key="upstream:POP Genteng",
        sites=[SILENT, HIDDEN], cause="isp",
    )  # fmt: skip
    regency.incident(
        "Tamansuruh", TAMAN, key=f"site:{TAMAN}", state="resolved", resolved_at=NOW - 5 * HOUR,
        down_since=NOW - 9 * HOUR, cause="suspended", ticket="1234567890", details="{}",
    )  # fmt: skip


def _inventory(store: Engine, regency: Regency) -> None:
    for scope, name, role in (
        (KEMIREN, "Slamet", "village"),
        ("service:opensid", "Sri Wulandari", "agency"),
        ("service:opensid", "Dinas PMD", "agency"),
    ):
        office = name == "Dinas PMD"
        regency.contact(
            scope, name, role, whatsapp="+6281234567890", telegram="@slamet",
            sms="+62333412345" if office else "+6281234567890",
            email="pmd@banyuwangikab.go.id" if office else "budi.santoso@banyuwangikab.go.id",
        )  # fmt: skip
    service = {"scope": "desa", "owner": "", "depends_on": "", "kind": "http", "public": ""}
    rows = [
        {"name": "opensid", "site": REGENCY, "owner": "Dinas PMD", "kind": "opensid",
         "depends_on": "siskeudes-db", "public": "https://kemiren.desa.id/siteman"},
        {"name": "Smart Kampung", "site": "", "scope": "kabupaten", "owner": "Diskominfo",
         "depends_on": "opensid"},
        {"name": "siskeudes-db", "site": "", "scope": "kabupaten", "kind": "mysql",
         "owner": "Pak Slamet"},
        {"name": "Arsip", "site": HIDDEN, "owner": "Gudang"},
    ]  # fmt: skip
    with writing(store) as connection:
        for row in rows:
            target = {"target": "http://10.20.30.40:8080/kata sandi", "settings": "{}"}
            connection.execute(insert(schema.services).values(**service | target | row))
        device = {"site": KEMIREN, "name": "RB750", "host": "10.20.30.40", "serial": "aa:bb:cc"}
        connection.execute(insert(schema.devices).values(**device, note="pernah di curi"))
        connection.execute(
            insert(schema.uplinks).values(
                site=KEMIREN, name="main", isp="Telkom", contract_no="contract", service_no="x"
            )
        )


def _plans(store: Engine) -> None:
    begins = datetime.fromtimestamp(NOW + 5 * HOUR + 7 * HOUR, UTC).strftime("%Y-%m-%dT%H:%M")
    for scope, title in (
        ("upstream:POP Genteng", "ganti OLT-Genteng, Slamet 081234567890"),
        (f"site:{HIDDEN}", "Gudang"),
        (f"check:{KEMIREN}/RB750 gudang", "RB750"),
    ):
        with writing(store) as connection:
            connection.execute(
                insert(schema.windows).values(
                    scope=scope, title=title, mode="run", begins=begins, minutes=60,
                    repeats="", zone="Asia/Jakarta", last_day="", by="Slamet",
                )
            )  # fmt: skip


def _citizens(store: Engine) -> None:
    """What people reported, as they wrote it, one looked at by nobody and one answered."""
    row = {"site": KEMIREN, "kind": "dead", "reporter": "aa:bb:cc", "at": NOW - HOUR}
    words = {"text": "Wifi Pak Slamet curi, hub 081234567890", "held": "personal"}
    with writing(store) as connection:
        made = connection.execute(
            insert(schema.citizen_reports).values(number=TICKET, **row, **words, by="Slamet")
        )
        left = {"report": made.inserted_primary_key[0], "contact": "+6281234567890"}
        connection.execute(insert(schema.citizen_contacts).values(**left, at=NOW))
