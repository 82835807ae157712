"""What a site's agents are told to do, where each part comes from, and what they make of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector import agents, inventory
from collector.cli_common import iso
from collector.config import etag as etag_of
from collector.config import table_of, told_to
from collector.inventory import Site
from collector.looking import place_of
from collector.settings import Settings

# said by an agent of what it was asked to do, not of its configuration
_ORDER = "would not: "
_CADENCES = ("profile", "check_every_s", "report_every_s", "bytes_per_day", "beacons")


class Stand(StrEnum):
    """How far an agent is with the configuration of its site."""

    CURRENT = "current"
    WAITING = "waiting"  # it has not asked for it yet
    REFUSED = "refused"
    UNTOLD = "untold"  # it never said which one it runs


@dataclass(frozen=True, slots=True)
class Running:
    """One agent; `reason` and `refused` (a tag) while it holds a refusal, `since` it says so."""

    agent: int
    name: str
    state: Stand
    runs: str
    reason: str = ""
    refused: str = ""
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One check; `of` is the place its row names, None for a standard one.

    `site` is another site that it speaks of.
    """

    name: str
    kind: str
    of: str | None
    site: str
    settings: Mapping[str, Any]
    # why the agents do not get it
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Configured:
    """The effective configuration of a site; `off`: services its nearest row switches off."""

    etag: str
    cadences: Mapping[str, Any]
    checks: tuple[Part, ...]
    off: tuple[str, ...]
    agents: tuple[Running, ...]

    @property
    def refusals(self) -> list[Running]:
        return [one for one in self.agents if one.state is Stand.REFUSED]


def configured(connection: Connection, code: str, settings: Settings) -> Configured:
    """Of one site; Refused when there is no such site."""
    site = inventory.site(connection, code)
    if site is None:
        raise Refused("site", f"{code!r} is not in the inventory")
    return configured_at(connection, site, settings)


def configured_at(connection: Connection, site: Site, settings: Settings) -> Configured:
    """The same of a site that is at hand."""
    place = place_of(connection, site)
    told = told_to(connection, place, settings)
    table = table_of(connection, place, told, settings)
    etag = etag_of(table)
    parts = [
        Part(
            one.check["name"],
            one.check["kind"],
            one.of,
            one.site,
            _settings(one.check),
            one.withheld,
        )
        for one in told
    ]
    return Configured(
        etag,
        {key: table[key] for key in _CADENCES},
        tuple(parts),
        tuple(row.name for row in place.services if not row.target),
        tuple(running(connection, site.code, etag)),
    )


def running(connection: Connection, code: str, etag: str) -> list[Running]:
    """How far the agents of a site are with its configuration of this tag."""
    listed = agents.list_agents(connection, code)
    return [_running(row, etag) for row in listed if row["state"] == "active"]


def _running(row: Mapping[str, Any], etag: str) -> Running:
    said, refused, runs = row["config_error"], row["config_refused"], row["config_etag"]
    reason = "" if said.startswith(_ORDER) else said
    if reason and refused in ("", etag):
        state = Stand.REFUSED
    elif runs == etag:
        state, reason, refused = Stand.CURRENT, "", ""
    else:
        # what it refused before is no more what it would get
        state, reason = Stand.WAITING if runs else Stand.UNTOLD, ""
    since = row["config_told_at"] if state in (Stand.REFUSED, Stand.CURRENT) else None
    held = refused if state is Stand.REFUSED else ""
    return Running(row["id"], row["name"], state, runs, reason, held, since)


def as_json(found: Configured) -> dict[str, Any]:
    """For `ronda sites show --json`."""
    return {
        "etag": found.etag,
        **found.cadences,
        "checks": [
            {
                "name": part.name,
                "kind": part.kind,
                "from": "standard" if part.of is None else part.of or "every site",
                **({"site": part.site} if part.site else {}),
                "settings": dict(part.settings),
                **({"withheld": part.withheld} if part.withheld else {}),
            }
            for part in found.checks
        ],
        "off": list(found.off),
        "agents": [{**asdict(one), "since": iso(one.since)} for one in found.agents],
    }


def _settings(check: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in check.items() if key not in ("name", "kind", "site")}
