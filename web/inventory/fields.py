"""What fields of the inventory are called on forms, and which words a field may hold."""

from collections.abc import Sequence
from typing import Any

from collector.inventory.kinds import CADENCES, DEVICE_STATES, KINDS, LIFECYCLES
from web.tongue import lazy_gettext

# said by the code itself
DERIVED = frozenset({"level", "parent"})
_ROLES = ("village", "district", "noc", "isp", "agency")
CHOICES: dict[tuple[str, str], Sequence[str]] = {
    ("sites", "lifecycle"): LIFECYCLES,
    ("sites", "profile"): tuple(CADENCES),
    ("devices", "state"): DEVICE_STATES,
    ("contacts", "role"): _ROLES,
    ("contacts", "language"): ("id", "en"),
}
WORDS: dict[str, Any] = {
    "planned": lazy_gettext("planned"),
    "active": lazy_gettext("active"),
    "retired": lazy_gettext("retired"),
    "centre": lazy_gettext("a centre below"),
    "fiber": lazy_gettext("fiber"),
    "4g": "4G",
    "hemat": lazy_gettext("saves data"),
    "in_use": lazy_gettext("in use"),
    "spare": lazy_gettext("spare"),
    "repair": lazy_gettext("in repair"),
    "missing": lazy_gettext("missing"),
    "stolen": lazy_gettext("stolen"),
    "village": lazy_gettext("village IT"),
    "district": lazy_gettext("district"),
    "noc": lazy_gettext("control room (NOC)"),
    "isp": lazy_gettext("ISP"),
    "agency": lazy_gettext("agency"),
    "id": "Indonesia",
    "en": "English",
}
_TITLES: dict[str, Any] = {
    "code": lazy_gettext("Code"),
    "name": lazy_gettext("Name"),
    "lat": lazy_gettext("Latitude"),
    "lon": lazy_gettext("Longitude"),
    "kind": lazy_gettext("Kind"),
    "level": lazy_gettext("Level"),
    "parent": lazy_gettext("Lies in"),
    "target": lazy_gettext("Target"),
    "public": lazy_gettext("Public address"),
    "vantage": lazy_gettext("Seen from"),
    "depends_on": lazy_gettext("Depends on"),
    "owner": lazy_gettext("Owner"),
    "district": lazy_gettext("District"),
    "regency": lazy_gettext("Regency"),
    "isp": lazy_gettext("ISP"),
    "upstream": lazy_gettext("Upstream (POP, OLT)"),
    "power_feeder": lazy_gettext("Power feeder"),
    "hours": lazy_gettext("Hours"),
    "report_every_s": lazy_gettext("Seconds between reports"),
    "check_every_s": lazy_gettext("Seconds between looks"),
    "bytes_per_day": lazy_gettext("Bytes a day"),
    "lifecycle": lazy_gettext("In operation"),
    "profile": lazy_gettext("Profile"),
    "site": lazy_gettext("Site"),
    "type": lazy_gettext("Type of line"),
    "service_no": lazy_gettext("Service number"),
    "contract_no": lazy_gettext("Contract number"),
    "mbps": lazy_gettext("Mbps of the contract"),
    "sla": lazy_gettext("SLA in percent"),
    "fee_rp": lazy_gettext("Fee a month, rupiah"),
    "bill_day": lazy_gettext("Day the bill is due"),
    "ends": lazy_gettext("Contract ends"),
    "quota_gb": lazy_gettext("Quota in GB"),
    "formula": lazy_gettext("Formula of refunds"),
    "payer": lazy_gettext("Who pays"),
    "isp_phone": lazy_gettext("Telephone of the ISP"),
    "begins": lazy_gettext("Contract begins"),
    "tiers": lazy_gettext("Steps of refunds"),
    "min_event_s": lazy_gettext("Seconds an outage must last to count"),
    "exclusions": lazy_gettext("What does not count"),
    "clock_start": lazy_gettext("The clock starts with"),
    "round_time": lazy_gettext("How time is rounded"),
    "round_rp": lazy_gettext("How rupiah are rounded"),
    "host": lazy_gettext("Address"),
    "serial": lazy_gettext("Serial number"),
    "note": lazy_gettext("Note"),
    "state": lazy_gettext("State"),
    "scope": lazy_gettext("For what"),
    "role": lazy_gettext("Role"),
    "order": lazy_gettext("Order"),
    "language": lazy_gettext("Language"),
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "sms": "SMS",
    "email": lazy_gettext("E-mail"),
    "webhook": "Webhook",
    "date": lazy_gettext("Date"),
}
_HINTS: dict[tuple[str, str], Any] = {
    ("areas", "code"): lazy_gettext("35, 35.10, 35.10.12 or 35.10.12.2004"),
    ("sites", "code"): lazy_gettext("Code of the village; -suffix for further sites in it"),
    ("sites", "isp"): lazy_gettext("Several with | between, the main one first"),
    ("sites", "hours"): lazy_gettext("24h, or days and times like Sen-Jum 07.30-15.30"),
    ("sites", "lifecycle"): lazy_gettext("Only active sites are watched and counted."),
    ("uplinks", "name"): lazy_gettext("main for the main line"),
    ("uplinks", "ends"): lazy_gettext("2026-12-31 or 31/12/2026"),
    ("contacts", "scope"): lazy_gettext("Code of a site or area, isp:NAME, service:NAME or *"),
    ("holidays", "date"): lazy_gettext("2026-12-31 or 31/12/2026"),
}


def title(column: str) -> Any:
    """What a column is called."""
    return _TITLES.get(column, column)


def hint(kind: str, column: str) -> Any:
    """What helps to fill it in; "" for nothing."""
    return _HINTS.get((kind, column), "")


def columns(kind: str) -> list[str]:
    """The fields of a form, in the order of the file."""
    return [name for name in KINDS[kind].columns if name not in DERIVED]
