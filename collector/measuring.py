"""Which lines are measured in quiet hours, and how: a check for the agent, or none."""

from collections.abc import Sequence
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
    .where(schema.uplinks.c.site.in_(bindparam("codes", expanding=True)))
    .order_by(*schema.uplinks.primary_key.columns)
)


def check_of(connection: Connection, site: Site, settings: Settings) -> list[Check]:
    """As check_for gives it, of a site whose lines are not at hand."""
    return check_for(lines_of(connection, [site.code], settings).get(site.code, []), site, settings)


def lines_of(
    connection: Connection, codes: Sequence[str], settings: Settings
) -> dict[str, list[dict[str, Any]]]:
    """The lines of these sites, as rows; none where nothing is ever measured."""
    found: dict[str, list[dict[str, Any]]] = {}
    if settings.capacity_hours and (settings.capacity_url or settings.capacity_mbps):
        for row in connection.execute(_LINES, {"codes": codes}):
            found.setdefault(row.site, []).append(dict(row._mapping))
    return found


def check_for(lines: list[dict[str, Any]], site: Site, settings: Settings) -> list[Check]:
    """The main line, where a contract says how fast it should be and its bytes are neither paid
    for nor bounded.

    Where another line of the site is paid for by the byte, only while the agent's way out is the
    interface that the main line is named after: else nobody can tell which one would be measured.
    """
    main = metered.main(lines)
    if main is None or not main["mbps"] or site.profile in metered.METERED:
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


_LAST = select(schema.checks.c.site, schema.checks.c.verdict, schema.checks.c.reason).where(
    schema.checks.c.kind == NAME
)
_PAID_FOR = (
    select(schema.sites.c.code, schema.sites.c.profile)
    .where(
        schema.sites.c.lifecycle == "active",
        schema.sites.c.code.in_(select(schema.uplinks.c.site).where(schema.uplinks.c.mbps > 0)),
        schema.sites.c.profile.in_(metered.METERED) | (schema.sites.c.bytes_per_day > 0),
    )
    .order_by(schema.sites.c.code)
)
# how agents begin to say why a night brought no number
_BUSY = ("not measured: people", "not measured: the centre is busy")
_COSTS = ("never on a line", "the way out is")


def nights(connection: Connection) -> dict[str, list[str]]:
    """Sites with a contract, by what came of their last night: measured, busy, failed, waiting,
    metered, cap (their bytes of a day are bounded)."""
    found: dict[str, list[str]] = {}
    for site, verdict, reason in connection.execute(_LAST.order_by(schema.checks.c.site)):
        found.setdefault(_outcome(verdict, reason), []).append(site)
    for code, profile in connection.execute(_PAID_FOR):
        found.setdefault("metered" if profile in metered.METERED else "cap", []).append(code)
    return {why: found[why] for why in _OUTCOMES if why in found}


_OUTCOMES = ("measured", "waiting", "busy", "failed", "metered", "cap")


def _outcome(verdict: str, reason: str) -> str:
    if verdict == "good":
        return "measured"
    if reason.startswith(_COSTS):
        return "metered"
    if reason.startswith(_BUSY):
        return "busy"
    return "failed" if reason.startswith("not measured") else "waiting"
