"""Whose fault an outage is, by its cause: a table that stands in docs/evidence.md as it is here."""

from collections.abc import Mapping

ISP = "isp"
POWER = "power_company"
VILLAGE = "village"
PAYER = "payer"
OWNER = "owner"
REGENCY = "regency"
OTHERS = "others"
PLANNED = "planned"
NOBODY_KNOWN = "unknown"

FAULT_OF: Mapping[str, str] = {
    "power": POWER,
    "fiber": ISP,
    "isp": ISP,
    "backbone": ISP,
    "dns": ISP,
    "suspended": PAYER,  # who has to pay the bill: village or regency, by `payer` of the line
    "device": VILLAGE,
    "wifi": VILLAGE,
    "clock": VILLAGE,
    "app": OWNER,  # whoever runs the service
    "server": REGENCY,
    "theft": OTHERS,
    "maintenance": PLANNED,
    "unknown": NOBODY_KNOWN,
    "": NOBODY_KNOWN,
}
FAULTS = (ISP, POWER, VILLAGE, PAYER, OWNER, REGENCY, OTHERS, PLANNED, NOBODY_KNOWN)


def fault_of(cause: str) -> str:
    """Whose fault it is; of a cause that nobody knows, nobody's that is known."""
    return FAULT_OF.get(cause, NOBODY_KNOWN)
