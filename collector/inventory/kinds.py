"""The kinds of things in the inventory and the columns of their CSV files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from collector import schema
from collector.evidence import terms
from collector.inventory import cells, contract_cells
from collector.inventory.cells import Cell

# check_every_s and report_every_s of each profile: what a line can bear, and what it costs
CADENCES = {"fiber": (12, 60), "4g": (60, 120), "hemat": (300, 600)}
# `centre`: of a centre that reports here, which is watched and counted as no village
LIFECYCLES = ("planned", "active", "retired", "centre")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how a cell is read, and what stands there when the cell is empty."""

    read: Cell
    default: Any = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its table, the columns that name a row, all columns in their order."""

    name: str
    table: Table
    key: tuple[str, ...]
    required: tuple[str, ...]
    columns: Mapping[str, Column] = field(default_factory=dict)
    # further columns are settings of the probe, kept together as JSON
    further: bool = False


SERVICE_KINDS = (
    "http", "tcp", "dns", "ping", "service", "web", "defaced", "opensid", "sideka", "nextcloud",
    "webdav", "tls", "smtp", "imap", "mail_domain", "domain", "mysql", "postgres", "docker",
    "backup_age", "journey", "wifi", "snmp", "routeros", "power",
)  # fmt: skip

DEVICE_STATES = ("in_use", "spare", "repair", "missing", "stolen")

_text = Column(cells.plain)
_lat = Column(cells.number(-90, 90), None)
_lon = Column(cells.number(-180, 180), None)
_isps = Column(cells.several)

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "areas",
            schema.areas,
            key=("code",),
            required=("code", "name"),
            columns={
                "code": Column(cells.area_code),
                "name": _text,
                "level": Column(cells.choice("province", "regency", "district", "village")),
                "parent": Column(cells.area_code),
                "lat": _lat,
                "lon": _lon,
                "kind": _text,
            },
        ),
        Kind(
            "sites",
            schema.sites,
            key=("code",),
            required=("code", "name"),
            columns={
                "code": Column(cells.site_code),
                "name": _text,
                "district": _text,
                "regency": _text,
                "lat": _lat,
                "lon": _lon,
                "isp": _isps,
                "upstream": _isps,
                "power_feeder": _text,
                "hours": Column(cells.opening_hours, "24h"),
                "report_every_s": Column(cells.whole(1, 3600), None),
                "lifecycle": Column(cells.lifecycle, "active"),
                "profile": Column(cells.choice(*CADENCES), "fiber"),
                "check_every_s": Column(cells.whole(1, 3600), None),
                "bytes_per_day": Column(cells.whole(100_000, 1 << 40), None),
            },
        ),
        Kind(
            "uplinks",
            schema.uplinks,
            key=("site", "name"),
            required=("site", "name"),
            columns={
                "site": Column(cells.site_code),
                "name": Column(cells.name),
                "isp": _text,
                "upstream": _text,
                "type": _text,
                "service_no": Column(cells.number_of),
                "contract_no": Column(cells.number_of),
                "mbps": Column(cells.quantity, None),
                "sla": Column(cells.number(0, 100), None),
                "fee_rp": Column(cells.rupiah, None),
                "bill_day": Column(cells.whole(1, 31), None),
                "ends": Column(cells.day),
                "quota_gb": Column(cells.quantity, None),
                "formula": _text,
                "payer": _text,
                "isp_phone": Column(cells.call_centre),
                "begins": Column(cells.day),
                "tiers": Column(contract_cells.tiers),
                "min_event_s": Column(cells.whole(0, 86_400), None),
                "exclusions": Column(contract_cells.exclusions),
                "clock_start": Column(cells.choice(*terms.CLOCKS)),
                "round_time": Column(cells.choice(*terms.ROUND_TIME)),
                "round_rp": Column(cells.choice(*terms.ROUND_RP)),
            },
        ),
        Kind(
            "devices",
            schema.devices,
            key=("site", "name"),
            required=("site", "name"),
            columns={
                "site": Column(cells.site_code),
                "name": Column(cells.name),
                "kind": _text,
                "host": _text,
                "serial": Column(cells.number_of),
                "note": _text,
                "state": Column(cells.choice(*DEVICE_STATES), "in_use"),
            },
        ),
        Kind(
            "services",
            schema.services,
            key=("name", "site"),
            required=("name",),
            columns={
                "name": Column(cells.name),
                "scope": Column(cells.choice("desa", "kabupaten", "pusat"), "desa"),
                "owner": _text,
                "depends_on": _text,
                "site": Column(cells.place),
                "kind": Column(cells.choice(*SERVICE_KINDS), "http"),
                "target": _text,
                "public": _text,
                "vantage": Column(cells.site_code),
            },
            further=True,
        ),
        Kind(
            "contacts",
            schema.contacts,
            key=("scope", "name"),
            required=("scope", "name", "role"),
            columns={
                "scope": Column(cells.scope),
                "name": _text,
                "role": Column(cells.choice("village", "district", "noc", "isp", "agency")),
                "order": Column(cells.whole(1, 99), 1),
                "language": Column(cells.choice("id", "en"), "id"),
                "whatsapp": Column(cells.phone),
                "telegram": Column(cells.telegram),
                "sms": Column(cells.phone),
                "email": Column(cells.email),
                "webhook": Column(cells.webhook),
            },
        ),
        Kind(
            "holidays",
            schema.holidays,
            key=("date",),
            required=("date", "name"),
            columns={"date": Column(cells.day), "name": _text},
        ),
    )
}
