"""All pages of the inventory: importing them puts them on their blueprint."""

from web.inventory import (
    enrolling,
    exporting,
    home,
    importing,
    readiness,
    rollcall,
    rows,
    undoing,
    upstreams,
)
from web.inventory.desk import bp

__all__ = [
    "bp",
    "enrolling",
    "exporting",
    "home",
    "importing",
    "readiness",
    "rollcall",
    "rows",
    "undoing",
    "upstreams",
]
