"""Where ailments come from: sites that are gone by their state, alarms that fire by their rule."""

from collections.abc import Iterable, Mapping, Sequence

from alerts.ailments import SITE, Ailment, Ailments, End
from alerts.evaluation import Change
from alerts.kinship import ACTIVE, Kinship
from alerts.machine import Phase
from collector.availability import State
from collector.fold.timelines import SILENT, SWITCHED_OFF
from collector.inventory import Site
from collector.states import CheckState, SiteState

# who is switched off properly may be starting again: nobody is told of it at once
OFF_GRACE_S = 300.0
_DARK = frozenset({State.DOWN, State.UNKNOWN, State.MAINTENANCE})
# labels that say which thing at the site it is about, the most telling first
_NAMING = ("check", "device", "ap", "ups", "mount", "pool", "interface", "step", "target", "uplink")


class Sources:
    """Keeps the ailments in step with what the fold and the rules say."""

    def __init__(self, ailments: Ailments) -> None:
        self.ailments = ailments
        self.states: dict[str, SiteState] = {}

    def dark(self, site: str) -> bool:
        """What is wrong in this site is explained by the state of the site itself."""
        now = self.states.get(site)
        return now is not None and now.state in _DARK

    def site(self, site: Site | None, state: SiteState | None, code: str, now: float) -> None:
        """The state of a site as it is now; None: it does not count any more."""
        source = f"state:{code}"
        if state is None or site is None or site.lifecycle != ACTIVE:
            self.states.pop(code, None)
            self.ailments.over(source, self.end_of(code, now))
            return
        self.states[code] = state
        if state.reason not in (SILENT, SWITCHED_OFF):
            self.ailments.over(source, self.end_of(code, now))
            return
        kind = "silent" if state.reason == SILENT else "off"
        told = Ailment(
            f"{SITE}{code}",
            code,
            "uplink",
            "critical" if kind == "silent" else "warning",
            site.name,
            state.since,
            now,
            kind=kind,
            reason=state.reason,
        )
        before = self.ailments.find(told.key)
        if before is None or before.kind != kind or before.at != told.at:
            self.ailments.raised(source, told)

    def end_of(self, code: str, now: float) -> End:
        """How the absence of a site ended, by its state."""
        state = self.states.get(code)
        if state is None:
            return End(now, "the site does not count any more", quiet=True)
        return End(state.since, "the site is back", quiet=state.state == State.MAINTENANCE)

    def alarms(
        self,
        changes: Iterable[Change],
        kinship: Kinship,
        checks: Mapping[tuple[str, str], CheckState],
        now: float,
    ) -> None:
        """What one evaluation of the rules changed."""
        for change in changes:
            source = f"alarm:{change.alarm.rule}{change.alarm.series}"
            life = change.alarm.life
            check = checks.get((change.alarm.site, change.alarm.labels.get("check", "")))
            if change.gone:
                good = check is not None and check.verdict == "good"
                at = check.since if check is not None and good else now
                self.ailments.over(source, End(at, change.why, quiet=change.quiet))
            elif life.phase is not Phase.PENDING:
                if self.ailments.says(source) is None:
                    self.ailments.raised(source, self._ailment(change, kinship, check, now))
                self.ailments.seen(source, life.phase is not Phase.HELD)

    def _ailment(
        self, change: Change, kinship: Kinship, check: CheckState | None, now: float
    ) -> Ailment:
        alarm, rule, labels = change.alarm, change.rule, change.alarm.labels
        site = kinship.sites.get(alarm.site)
        state = self.states.get(alarm.site)
        down = state is not None and state.state == State.DOWN
        of_site = down and rule.subject == "uplink"
        bad = check is not None and check.verdict == "bad"
        named = next((labels[name] for name in _NAMING if labels.get(name)), alarm.rule)
        where = site.name if site is not None else alarm.site
        return Ailment(
            f"{SITE}{alarm.site}" if of_site else f"{alarm.rule}{alarm.series}",
            alarm.site,
            rule.subject,
            rule.severity,
            where if of_site else f"{named} {where}".strip(),
            state.since
            if of_site and state
            else check.since
            if bad and check
            else alarm.life.active_at,
            now,
            rule=alarm.rule,
            check=labels.get("check", ""),
            kind="down" if of_site else labels.get("kind", ""),
            reason=state.reason if of_site and state else check.reason if bad and check else "",
            told=alarm.annotations,
        )


def named_checks(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Site and name of the checks that these alarms are about."""
    keys = {(one.alarm.site, one.alarm.labels.get("check", "")) for one in changes}
    return {key for key in keys if all(key)}
