"""Centres that report here, and the one this centre reports to. A store file.

A centre below is a site whose lifecycle is `centre`: it enrols with a code and reports like any
village's agent, and counts nowhere as a village.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from agent.strict import Refused
from collector import acts, inventory
from collector.agents import issue_code
from collector.db import meta_get
from collector.inventory.keeping import put
from collector.inventory.places import AREA_CODE
from collector.sane import url as is_url
from collector.schema import centres, sites

LIFECYCLE = "centre"
SUFFIX = "-pusat"
VERB = "centre"
# of a nation's provinces or a province's regencies there are fewer
MOST = 200
# where identity and spool of the way up lie in the data folder, and how it goes in table meta
FOLDER, STATUS = "parent", "parent_status"
# nothing that a person wrote goes up: a name of a series, an area's code, a number
STATES_OF = "ronda_centre_sites"
OPEN = "ronda_centre_incidents"
LARGEST = "ronda_centre_incident_sites"
PEOPLE = "ronda_centre_hotspot_people"
AVAILABLE, AVAILABLE_DAY = (
    "ronda_centre_availability_ratio",
    "ronda_centre_availability_day_timestamp_seconds",
)
HEARD = "ronda_centre_heard_timestamp_seconds"
HOUR = "ronda_centre_hour_timestamp_seconds"
HOUR_STATES = "ronda_centre_hour_site_seconds"
HOUR_OPENED, HOUR_RESOLVED = (
    "ronda_centre_hour_incidents_opened",
    "ronda_centre_hour_incidents_resolved",
)
LEFT_OUT = "ronda_centre_areas_left_out"
SERIES = (
    *(STATES_OF, OPEN, LARGEST, PEOPLE, AVAILABLE, AVAILABLE_DAY, HEARD),
    *(HOUR, HOUR_STATES, HOUR_OPENED, HOUR_RESOLVED, LEFT_OUT),
)
# by how long they have been open
AGES = ("under_1h", "under_4h", "under_24h", "older")


@dataclass(frozen=True, slots=True)
class Centre:
    """One that reports here; `row` is its site's place in the window, `url` its console or ""."""

    site: str
    area: str
    name: str
    url: str
    row: int
    every_s: int


def listing(connection: Connection) -> list[Centre]:
    """All of them, by area."""
    query = (
        select(centres.c.site, centres.c.area, sites.c.name, centres.c.url)
        .add_columns(sites.c.row, sites.c.report_every_s)
        .join(sites, sites.c.code == centres.c.site)
        .where(sites.c.lifecycle == LIFECYCLE)
        .order_by(centres.c.area)
    )
    return [Centre(*row) for row in connection.execute(query)]


def site_of(area: str) -> str:
    """The code of the site that stands for the centre of an area."""
    groups = area.split(".")
    return ".".join([*groups, *("00", "00", "0000")[len(groups) - 1 :]]) + SUFFIX


def add(
    connection: Connection,
    area: str,
    name: str,
    url: str,
    every_s: int,
    days: float,
    now: float,
    by: str,
) -> tuple[str, str]:
    """The site that stands for it and a code to enrol with, in the caller's transaction.

    The same area again is the same centre: what is given anew counts, and it gets another code.
    """
    if not AREA_CODE.fullmatch(area) or area.count(".") > 2:
        raise Refused("area", f"expected a province, regency or district, got {area[:40]!r}")
    if not 1 <= every_s <= 3600:
        raise Refused("every", f"must be 1 to 3600, got {every_s}")
    if not is_url(url):
        raise Refused("url", f"expected http(s)://HOST, got {url[:80]!r}")
    site, known = site_of(area), {one.site for one in listing(connection)}
    if site not in known and len(known) >= MOST:
        raise Refused("area", f"{MOST} centres report here already")
    row = {"code": site, "name": name.strip() or _named(connection, area), "lifecycle": LIFECYCLE}
    put(connection, "sites", [{**row, "report_every_s": every_s}], now, by)
    _write(connection, {"site": site, "area": area, "url": url, "by": by, "created_at": now})
    acts.record(connection, now, by, VERB, area, {"site": site, "url": url, "days": days})
    return site, issue_code(connection, site, now, days)


def end(connection: Connection, area: str, now: float, by: str) -> None:
    """It is waited for no more; what it told stays. Refused where there is none."""
    site = site_of(area)
    if site not in {one.site for one in listing(connection)}:
        raise Refused("area", f"no centre of {area[:40]!r} reports here")
    put(connection, "sites", [{"code": site, "lifecycle": "retired"}], now, by)
    acts.record(connection, now, by, VERB, area, {"site": site, "off": True})


def is_centre(connection: Connection, site: str) -> bool:
    """Whether an agent of this site speaks for a whole centre."""
    found = connection.execute(select(sites.c.lifecycle).where(sites.c.code == site)).scalar()
    return found == LIFECYCLE


def enrolled(folder: Path) -> Mapping[str, str]:
    """Where this centre is enrolled: `url`, `agent` and `site` there; empty: nowhere."""
    try:
        told = json.loads((folder / FOLDER / "identity.json").read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Refused(str(folder / FOLDER), f"cannot be read: {error}") from error
    if not isinstance(told, dict) or not told.get("token"):
        return {}
    return {key: str(told.get(key, "")) for key in ("url", "agent", "site")}


def status(connection: Connection) -> dict[str, Any]:
    """How the way up goes, by the process's own word; empty before its first."""
    told: dict[str, Any] = json.loads(meta_get(connection, STATUS, "{}"))
    return told


def _named(connection: Connection, area: str) -> str:
    return inventory.area_names(connection).get(area, "") or area


def _write(connection: Connection, row: Mapping[str, Any]) -> None:
    changed = update(centres).where(centres.c.site == row["site"])
    if connection.execute(changed.values(url=row["url"])).rowcount == 0:
        connection.execute(insert(centres).values(row))
