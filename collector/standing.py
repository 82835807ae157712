"""How every site stands now: its state, its checks, its last report. Worst first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from collector import inventory, states
from collector.cli_common import iso
from collector.inventory import Site
from collector.states import CheckState, SiteState

# the order of every list
WORST_FIRST = ("down", "slow", "unknown", "maintenance", "normal")
_VERDICTS = ("bad", "unknown", "good")


@dataclass(frozen=True, slots=True)
class Standing:
    """One site with what is known of it; `since` None: nothing was ever known."""

    site: Site
    labels: Mapping[str, str]
    state: str
    since: float | None
    reason: str
    cause: str
    checks: Sequence[CheckState]

    def as_json(self, last_report: float | None, now: float) -> dict[str, Any]:
        """The shape `ronda sites list --json` promises."""
        site = self.site
        age_s = None if last_report is None else round(max(0.0, now - last_report), 1)
        return {
            "code": site.code,
            "name": site.name,
            "district": self.labels["district"],
            "regency": self.labels["regency"],
            "isp": site.isp,
            "upstream": site.upstream,
            "lifecycle": site.lifecycle,
            "state": self.state,
            "since": iso(self.since),
            "cause": self.cause,
            "last_report_age_s": age_s,
            "checks": [_as_json(check) for check in self.checks],
        }


def standings(connection: Connection, area: str = "", code: str = "") -> list[Standing]:
    """Every site, those of one area, or one; worst first, those longest in their state first."""
    only = [code] if code else []
    chosen = inventory.sites(connection, area=area, only=only)
    now = {one.code: one for one in states.current(connection, only)}
    of_all = {} if code else states.all_checks(connection)
    checks = {code: states.checks_of(connection, code)} if code else of_all
    areas = inventory.area_names(connection)
    found = [
        _standing(site, areas, now.get(site.code), checks.get(site.code, [])) for site in chosen
    ]
    return sorted(found, key=_badness)


def of(connection: Connection, codes: Sequence[str]) -> list[Standing]:
    """These sites, few at a time, in the order they are asked for; who is not there is left out."""
    if not codes:
        return []
    there = {site.code: site for site in inventory.sites(connection, only=codes)}
    now = {one.code: one for one in states.current(connection, codes)}
    areas = inventory.area_names(connection)
    return [
        _standing(there[code], areas, now.get(code), states.checks_of(connection, code))
        for code in codes
        if code in there
    ]


def _standing(
    site: Site, areas: Mapping[str, str], state: SiteState | None, found: list[CheckState]
) -> Standing:
    ordered = sorted(found, key=lambda check: (_VERDICTS.index(check.verdict), check.name))
    labels = inventory.labels(site, areas)
    if state is None:
        return Standing(site, labels, "unknown", None, "never reported", "", ordered)
    return Standing(site, labels, state.state, state.since, state.reason, state.cause, ordered)


def _badness(one: Standing) -> tuple[bool, int, int, float, str]:
    bad = sum(check.verdict == "bad" for check in one.checks)
    since = one.since if one.since is not None else float("inf")
    active = one.site.lifecycle == "active"
    return not active, WORST_FIRST.index(one.state), -bad, since, one.site.code


def _as_json(check: CheckState) -> dict[str, Any]:
    return {
        "name": check.name,
        "kind": check.kind,
        "verdict": check.verdict,
        "reason": check.reason,
        "since": iso(check.since),
    }
