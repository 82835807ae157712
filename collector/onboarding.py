"""How far each site is on its way: a code, an agent, reports, people, a contract, checks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from agent.strict import Refused
from collector import acts, agents
from collector.db import meta_get, meta_set
from collector.inventory import Site, contacts_of, sites
from collector.inventory.applying import Catalogue
from collector.inventory.keeping import put
from collector.inventory.places import parents
from collector.inventory.store import services
from collector.schema import acts as done
from collector.schema import codes, notices, uplinks

STEPS = ("code", "enrolled", "reporting", "contact", "tested", "contract", "checks")
# the act of a message that was sent to somebody to see whether it comes
TESTED = "contact_test"
# heard within this time: it reports
REPORTING_S = 3600.0
MOST_CODES = 400
_TARGET = "ready_by"


@dataclass(frozen=True, slots=True)
class Progress:
    """Sites of one area: how many there are, and by step how many have taken it."""

    area: str
    total: int
    steps: Mapping[str, int]
    lacking: Mapping[str, Sequence[Site]] = field(default_factory=dict)

    @property
    def ready(self) -> int:
        return self.steps["ready"]


def ladder(
    connection: Connection, chosen: Sequence[Site], heard: Mapping[int, float], now: float
) -> dict[str, frozenset[str]]:
    """By site code the steps that it has taken; `heard` is the last report by row."""
    served = {a["site"] for a in agents.list_agents(connection) if a["state"] == "active"}
    good = codes.c.expires_at > now
    coded = _column(connection, select(codes.c.site).where(good).distinct()) | served
    paid = _column(connection, select(uplinks.c.site).where(_has_contract()).distinct())
    people, tried = contacts_of(connection, chosen), _tried(connection)
    catalogue = Catalogue(services(connection))
    found = {}
    for site in chosen:
        here = [one for one in people[site.code] if one.role == "village"]
        took = {
            "code": site.code in coded,
            "enrolled": site.code in served,
            "reporting": now - heard.get(site.row, 0.0) <= REPORTING_S,
            "contact": bool(here),
            "tested": any(tried.intersection(filter(None, one.addresses)) for one in here),
            "contract": site.code in paid,
            "checks": any(one.target for one in catalogue.of(site).values()),
        }
        found[site.code] = frozenset(step for step, yes in took.items() if yes)
    return found


def progress(
    chosen: Iterable[Site], steps: Mapping[str, frozenset[str]], most: int
) -> list[Progress]:
    """The same by district, with the first few that lack each step. Pure."""
    groups: dict[str, list[Site]] = {}
    for site in chosen:
        groups.setdefault(parents(site.code)[-1], []).append(site)
    return [
        Progress(
            area,
            len(those),
            {step: sum(step in steps[site.code] for site in those) for step in STEPS}
            | {"ready": sum(len(steps[site.code]) == len(STEPS) for site in those)},
            {step: [s for s in those if step not in steps[s.code]][:most] for step in STEPS},
        )
        for area, those in sorted(groups.items())
    ]


def target(connection: Connection) -> date | None:
    """The day by which all should be ready; none was set."""
    text = meta_get(connection, _TARGET)
    return date.fromisoformat(text) if text else None


def set_target(connection: Connection, day: date | None, now: float, by: str) -> None:
    """Set the day, or take it away."""
    text = day.isoformat() if day else ""
    meta_set(connection, _TARGET, text)
    acts.record(connection, now, by, _TARGET, "", {"day": text})


def without_agent(connection: Connection) -> list[Site]:
    """Sites in operation or planned that have no agent, and none that waits; by code."""
    served = {a["site"] for a in agents.list_agents(connection) if a["state"] != "revoked"}
    return [site for site in to_equip(connection) if site.code not in served]


def to_equip(connection: Connection, only: Sequence[str] = ()) -> list[Site]:
    """Sites, or those of these codes, that may have an agent, or another in its place; by code."""
    return [s for s in sites(connection, only=only) if s.watched]


def hand_out(
    connection: Connection,
    chosen: Sequence[Site],
    days: float,
    approval: bool,
    activate: bool,
    now: float,
    by: str,
) -> list[tuple[Site, str]]:
    """A new code for each of these sites; with `activate` planned ones are in operation now."""
    if not 0 < len(chosen) <= MOST_CODES:
        raise Refused("sites", f"choose 1 to {MOST_CODES} sites")
    planned = [site.code for site in chosen if site.lifecycle == "planned"]
    if activate and planned:
        rows = [{"code": code, "lifecycle": "active"} for code in planned]
        put(connection, "sites", rows, now, by)
    found = [
        (site, agents.issue_code(connection, site.code, now, days, approval)) for site in chosen
    ]
    told = {"sites": [site.code for site in chosen], "days": days, "approval": approval}
    acts.record(connection, now, by, "codes", "", told)
    return found


def waiting(connection: Connection) -> list[dict[str, Any]]:
    """Agents that somebody has to let in, the oldest first."""
    found = [a for a in agents.list_agents(connection) if a["state"] == "waiting"]
    return sorted(found, key=lambda agent: (agent["enrolled_at"] or 0.0, agent["id"]))


def decide(connection: Connection, agent: int, let_in: bool, now: float, by: str) -> None:
    """Let a waiting agent in, or send it away; Refused when it does not wait any more."""
    known = agents.find_agent(connection, agent)
    if known is None or known.state != "waiting":
        raise Refused("agent", "this agent does not wait any more")
    if let_in:
        agents.approve(connection, agent, now)
    else:
        agents.revoke(connection, agent)
    verb = "approve" if let_in else "revoke"
    acts.record(connection, now, by, verb, known.site, {"agent": agent})


def _has_contract() -> Any:
    numbers = uplinks.c.service_no + uplinks.c.contract_no
    return (func.length(numbers) > 0) & (uplinks.c.isp != "")


def _tried(connection: Connection) -> set[str]:
    """Addresses that a message has reached: a test, or news that was taken for them."""
    sent = select(notices.c.target).where(notices.c.state == "sent").distinct()
    tests = _column(connection, select(done.c.body).where(done.c.verb == TESTED))
    return _column(connection, sent).union(*(json.loads(body)["targets"] for body in tests))


def _column(connection: Connection, query: Any) -> set[str]:
    return {value for (value,) in connection.execute(query)}
