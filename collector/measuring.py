"""Which lines are measured in quiet hours, and how: a check for the agent, or none."""

from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, bindparam, select

from collector import metered, schema
from collector.inventory import zone
from collector.inventory.store import Site
from collector.settings import Settings

NAME = "capacity"
# a sample need not last longer than this at the speed that is paid for
_SECONDS = 4
_LEAST_BYTES = 1_000_000
# upwards less is enough: a contract seldom says what is paid for there
_UP_PART = 5

Check = dict[str, Any]

# made once: putting a statement together costs as much as asking it
_LINES = (
    select(schema.uplinks)
    .where(schema.uplinks.c.site == bindparam("code"))
    .order_by(*schema.uplinks.primary_key.columns)
)


def check_of(connection: Connection, site: Site, settings: Settings) -> list[Check]:
    """The main line, where a contract says how fast it should be and its bytes are neither paid
    for nor bounded.

    Where another line of the site is paid for by the byte, only while the agent's way out is the
    interface that the main line is named after: else nobody can tell which one would be measured.
    """
    lines = [dict(row._mapping) for row in connection.execute(_LINES, {"code": site.code})]
    main = metered.main(lines)
    source = settings.capacity_url or settings.capacity_mbps
    off = not (settings.capacity_hours and source)
    if off or main is None or not main["mbps"] or site.profile in metered.METERED:
        return []
    if metered.metered(main) or site.bytes_per_day:
        return []
    others = any(metered.metered(line) for line in lines if line is not main)
    bound = {"interface": main["name"]} if others else {}
    # "router/sfp1" is an interface of another device, whose counters its SNMP check reads
    seen = {"interfaces": [main["name"]]} if "/" in main["name"] else {}
    most = min(settings.capacity_mb * 1e6, main["mbps"] * 1e6 / 8 * _SECONDS)
    size = max(_LEAST_BYTES, round(most))
    # a file elsewhere takes no uploads
    url = settings.capacity_url
    own = {"url": url} if url else {"upload_bytes": size // _UP_PART}
    return [
        {
            "name": NAME,
            "kind": "capacity",
            "line": main["name"],
            "contract_mbps": float(main["mbps"]),
            "hours": settings.capacity_hours,
            "utc_offset_s": offset_s(zone(site.code, settings.timezone)),
            "max_bytes": size,
            **own,
            **bound,
            **seen,
        }
    ]


def offset_s(where: tzinfo) -> int:
    """How far a zone is ahead of UTC; in winter, where it has a summer time."""
    ahead = datetime(2026, 1, 1, 12, tzinfo=where).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds())
