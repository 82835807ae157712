"""What `doctor` finds about agents: those that say nothing, what they refuse, what nobody sees."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine

from collector import db, inventory, measuring
from collector.agents import granted, list_agents
from collector.agents_told import newest_spools
from collector.cli_common import iso
from collector.finding import Finding, few
from collector.fold.beats import KEY as BEACONS
from collector.inventory import Catalogue
from collector.inventory.probes import unreadable
from collector.looking import watched
from collector.metered import METERED
from collector.settings import Settings
from collector.usage import LARGE_PART, megabytes, usage

# an enrolled agent sends its first report within seconds
FIRST_REPORT_S = 600.0
# so many that report, and not one beacon: it is not they
_MANY = 3


def enrolled(engine: Engine, now: float) -> Iterator[Finding]:
    with db.reading(engine) as connection:
        agents = [agent for agent in list_agents(connection) if agent["state"] != "revoked"]
        heard = {spool.agent for spool in newest_spools(connection)}
    mute = [
        agent["site"]
        for agent in agents
        if agent["id"] not in heard and now - (agent["enrolled_at"] or now) > FIRST_REPORT_S
    ]
    wrong = [_refusal(agent) for agent in agents if agent["config_error"]]
    words = f"{len(agents)} enrolled"
    if mute:
        told = f"{words}, {len(mute)} without a report: {few(mute)}"
        yield Finding("agents", told, "start ronda-agent run there, and see that it reaches ingest")
    else:
        yield Finding("agents", words)
    if wrong:
        yield Finding("configuration", f"refused by {few(wrong)}", "mend it in the inventory")


def _refusal(agent: Mapping[str, Any]) -> str:
    tag, since = agent["config_refused"], iso(agent["config_told_at"])
    more = [f"tag {tag}" if tag else "", f"since {since}" if since else ""]
    return " ".join([agent["site"], f"({agent['config_error']})", *filter(None, more)])


def outside(engine: Engine) -> Iterator[Finding]:
    """Services of the regency, and public names of villages, that nobody looks at."""
    with db.reading(engine) as connection:
        catalogue = Catalogue(inventory.services_seen_elsewhere(connection))
        default = watched(connection)
        wanted = [*catalogue.central.values(), *catalogue.public]
        nobody = [one.name for one in wanted if not default.where(one)]
        dumb = sorted(
            f"{place} for {one.site}"
            for one in catalogue.public
            if (place := default.where(one))
            and not all(one.site in each for each in granted(connection, place))
        )
    if nobody:
        told = f"nobody looks at {few(nobody)}"
        yield Finding("outside", told, "name a site with an agent in column vantage")
    elif dumb:
        yield Finding("outside", f"not granted: {few(dumb)}", "ronda agents grant ID PLACE")
    elif wanted:
        yield Finding("outside", f"{len(wanted)} central services and public names")


def services(engine: Engine) -> Iterator[Finding]:
    """Rows of checks that no agent can be given: they came before such rows were refused."""
    with db.reading(engine) as connection:
        rows = [(one, unreadable(one)) for one in inventory.services(connection) if one.target]
    wrong = [f"{_at(one)} ({why})" for one, why in rows if why]
    if wrong:
        told = f"{len(wrong)} of {len(rows)} are left out: {few(wrong)}"
        yield Finding("checks", told, "mend them in the console or import them again")
    elif rows:
        yield Finding("checks", f"{len(rows)} rows")


def _at(one: inventory.Service) -> str:
    return f"{one.name} of {one.site}" if one.site else one.name


def capacity(engine: Engine) -> Iterator[Finding]:
    """Lines with a contract: how many were measured in their last night, and why others not."""
    with db.reading(engine) as connection:
        found = measuring.nights(connection)
    if not found:
        return
    words = "; ".join(f"{why}: {len(sites)}" for why, sites in found.items())
    failed = [site for why in ("busy", "failed") for site in found.get(why, ())]
    more = f" (not measured: {few(failed)})" if failed else ""
    yield Finding("capacity", f"lines by their last night: {words}{more}")


def beacons(settings: Settings, engine: Engine) -> Finding:
    if not settings.beacons:
        return Finding("beacons", "off (setting beacons)")
    with db.reading(engine) as connection:
        told = json.loads(db.meta_get(connection, BEACONS) or "{}")
        sites = {site.code for site in inventory.sites(connection) if site.profile not in METERED}
        heard = {spool.agent for spool in newest_spools(connection)}
        agents = list_agents(connection)
    reporting = sum(agent["id"] in heard and agent["site"] in sites for agent in agents)
    known, missing = told.get("agents", 0), told.get("missing", 0)
    words = f"{known} agents heard, {missing} of them missing"
    if reporting >= _MANY and not known:
        port = settings.ingest.rpartition(":")[2]
        return Finding("beacons", words, f"let UDP to port {port} through, on the way there too")
    return Finding("beacons", words)


def byte_use(engine: Engine) -> Iterator[Finding]:
    """What agents use of lines that cost by the byte, or that have so much a month."""
    with db.reading(engine) as connection:
        known = [one for one in usage(connection) if one.most or one.quota]
    if not known:
        return
    over = [one.site for one in known if one.most and one.today >= one.most]
    large = [one.site for one in known if one.part >= LARGE_PART]
    top = max(known, key=lambda one: one.month)
    words = f"{len(known)} agents count them; most: {top.site} {megabytes(top.today)} on {top.day}"
    words += f", {megabytes(top.month)} in its month"
    words += f" ({top.part:.1%} of its quota)" if top.quota else ""
    if over:
        told = f"{words}; the day's are used up at {few(over)}"
        yield Finding("bytes", told, "fewer checks there, profile hemat, or raise cap_..._mb")
    elif large:
        yield Finding("bytes", f"{words}; much of the quota: {few(large)}", "use profile hemat")
    else:
        yield Finding("bytes", words)
