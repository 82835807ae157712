"""Where ailments come from: sites that are gone by their state, alarms that fire by their rule."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alerts.ailments import SITE, Ailment, Ailments, End
from alerts.backups import Trouble
from alerts.citizens.report import KEY as CITIZENS
from alerts.citizens.watch import Standing
from alerts.evaluation.model import Alarm, Change, Why
from alerts.kinship import ACTIVE, Kinship
from alerts.machine import Phase
from alerts.words import LANGUAGES, words
from collector.availability import State
from collector.fold.timelines import NEVER_REPORTED, SILENT, SWITCHED_OFF
from collector.inventory import Site
from collector.promql.plan import Aggregate, Binary, Call, Negated, Node, Selector, Subquery
from collector.states import CheckState, SiteState
from collector.strange_keys import Strange

# who is switched off properly may be starting again: nobody is told of it at once
OFF_GRACE_S = 300.0
# the centre's own uplink is gone: the NOC hears it, and no village is blamed
BLIND = "centre:blind"
SEES = "the centre sees again"
# its night's work does not go well: nobody but the NOC is told
BACKUP = "centre:backup"
SAVED = "the centre has a good backup again"
# a device shows another host key than the one that is believed
STRANGE = "strange_key:"
KNOWN = "the device shows the key that is believed"
# whoever said that it does not work has been answered, or says so no more
ANSWERED = "no citizen says so any more"
_SUBJECTS = {"internet": "hotspot", "app": "service"}
_DARK = frozenset({State.DOWN, State.UNKNOWN, State.MAINTENANCE})
# labels that say which thing at the site it is about, the most telling first
_NAMING = ("check", "device", "ap", "ups", "mount", "pool", "interface", "step", "target", "uplink")


# why an alarm went, as the chronicle says it
_SAID = {
    Why.RESOLVED: "it is good again",
    Why.PASSED: "it passed",
    Why.RETIRED: "nobody looks at it any more",
    Why.RULE_GONE: "there is no such rule any more",
    Why.NOT_ACTIVE: "the rule is switched off there",
    Why.BLIND: "nobody could see it for a day",
}


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


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
            # one that speaks again, of no uplink that works: the same outage goes on
            if state.state != State.DOWN and self.ailments.says(source) is not None:
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

    def centre(self, blind_since: float | None, now: float) -> None:
        """The centre sees nothing beyond itself since then; None: it sees."""
        if blind_since is None:
            self.ailments.over(BLIND, End(now, SEES))
        elif self.ailments.says(BLIND) is None:
            told = {"message": "blind"}
            self.ailments.raised(
                BLIND,
                Ailment(BLIND, "", "uplink", "critical", "NOC", blind_since, now, told=told),
            )

    def backups(self, trouble: Trouble | None, now: float) -> None:
        """What is wrong with the centre's own backups; None: nothing."""
        if trouble is None:
            self.ailments.over(BACKUP, End(now, SAVED))
        elif self.ailments.says(BACKUP) is None:
            told = {"message": "backup"}
            about = (BACKUP, "", "agent", "warning", "NOC", trouble.since, now)
            self.ailments.raised(BACKUP, Ailment(*about, reason=trouble.reason, told=told))

    def strange_keys(self, found: Sequence[Strange], sites: Mapping[str, Site], now: float) -> None:
        """Devices that show another host key than the one that is believed."""
        standing = {f"{STRANGE}{one.site}/{one.device}": one for one in found}
        for key in [key for key in self.ailments.keys if key.startswith(STRANGE)]:
            if key not in standing:
                self.ailments.over(key, End(now, KNOWN))
        for key, one in standing.items():
            if self.ailments.says(key) is None:
                site = sites.get(one.site)
                # one without a site is the centre's own, on the way to others
                title = f"{site.name if site else one.site or 'NOC'}: {one.device}"
                about = (key, one.site, "device", "critical", title, one.since, now)
                told = {"message": "strange_key"}
                self.ailments.raised(key, Ailment(*about, reason=one.fingerprint, told=told))

    def citizens(
        self, found: Mapping[str, Standing], sites: Mapping[str, Site], now: float
    ) -> None:
        """What enough citizens say of a site, by the key of its incident."""
        for key in [key for key in self.ailments.keys if key.startswith(CITIZENS)]:
            if key not in found:
                self.ailments.over(key, End(now, ANSWERED))
        for key, one in found.items():
            if self.ailments.says(key) is None:
                site = sites.get(one.site)
                about = (key, one.site, _SUBJECTS[one.topic], "warning")
                times = (site.name if site else one.site, one.since, now)
                told = {"message": f"citizens_{one.topic}", "count": str(one.people)}
                self.ailments.raised(key, Ailment(*about, *times, told=told))

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
        known: frozenset[str] = frozenset(),
    ) -> None:
        """What one evaluation of the rules changed; `known`: keys that open incidents have."""
        for change in changes:
            alarm = change.alarm
            source = f"alarm:{alarm.rule}|{alarm.series}"
            check = checks.get((alarm.site, alarm.labels.get("check", "")))
            if change.gone:
                good = check is not None and check.verdict == "good"
                at = check.since if check is not None and good else now
                why = change.why or Why.RETIRED
                self.ailments.over(source, End(at, _SAID[why], quiet=why is not Why.RESOLVED))
            elif alarm.life.phase is not Phase.PENDING:
                if self.ailments.says(source) is None:
                    told = self._ailment(alarm, kinship, check, now, known)
                    metric = _metric(change.rule.tree) if change.rule is not None else ""
                    labels = {**alarm.labels, "__name__": metric}
                    self.ailments.raised(source, replace(told, labels=labels))
                self.ailments.seen(source, alarm.life.phase is not Phase.HELD)

    def _ailment(
        self,
        alarm: Alarm,
        kinship: Kinship,
        check: CheckState | None,
        now: float,
        known: frozenset[str],
    ) -> Ailment:
        labels = alarm.labels
        site = kinship.sites.get(alarm.site)
        where = site.name if site is not None else alarm.site
        subject = labels.get("subject", "service")
        told = Ailment(
            f"{alarm.rule}|{alarm.series}",
            alarm.site,
            subject,
            labels.get("severity", "warning"),
            f"{_named(alarm)} {where}".strip(),
            alarm.life.active_at,
            now,
            rule=alarm.rule,
            check=labels.get("check", ""),
            kind=labels.get("kind", ""),
            told=alarm.annotations,
        )
        state, gone = self.states.get(alarm.site), f"{SITE}{alarm.site}"
        # what was told under a key stays under it, whatever the site is by now
        down = gone in known or (state is not None and state.state == State.DOWN)
        if subject == "uplink" and state is not None and down and told.key not in known:
            # the site itself is gone: its silence, should it follow, is the same outage
            return replace(
                told, key=gone, title=where, at=state.since, kind="down", reason=state.reason
            )
        if check is not None and check.verdict == "bad":
            return replace(told, at=check.since, reason=check.reason)
        return told


def is_fine(state: SiteState) -> bool:
    """Nothing is wrong with the site itself, or nobody knows anything of it yet."""
    return state.state == State.NORMAL or state.reason == NEVER_REPORTED


def _named(alarm: Alarm) -> str:
    """Which thing it is about."""
    if summary := alarm.annotations.get("summary"):
        return summary
    named = next((alarm.labels[name] for name in _NAMING if alarm.labels.get(name)), "")
    if named or alarm.annotations.get("message") in words(LANGUAGES[0]).templates:
        # what is wrong is said in the reader's language by the template's name
        return named
    return _CAMEL.sub(" ", alarm.rule).lower()


def _metric(tree: Node) -> str:
    """The metric that an expression is first of all about."""
    match tree:
        case Selector():
            named = (m.value for m in tree.matchers if (m.label, m.op) == ("__name__", "="))
            return next(named, "")
        case Binary():
            return _metric(tree.left) or _metric(tree.right)
        case Call():
            return next(filter(None, map(_metric, tree.args)), "")
        case Aggregate() | Negated() | Subquery():
            return _metric(tree.inner)
        case _:
            return ""


def named_checks(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Site and name of the checks that these alarms are about."""
    keys = {(one.alarm.site, one.alarm.labels.get("check", "")) for one in changes}
    return {key for key in keys if all(key)}
