"""The inventory: areas, sites, uplinks, devices, services, contacts, holidays."""

from collector.inventory.places import zone
from collector.inventory.store import (
    Contact,
    Service,
    Site,
    Uplink,
    area_names,
    contacts_for,
    contacts_named,
    labels,
    main_uplink,
    services,
    services_of,
    site,
    site_rows,
    sites,
)

__all__ = [
    "Contact",
    "Service",
    "Site",
    "Uplink",
    "area_names",
    "contacts_for",
    "contacts_named",
    "labels",
    "main_uplink",
    "services",
    "services_of",
    "site",
    "site_rows",
    "sites",
    "zone",
]
