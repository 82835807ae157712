"""The verdict of every check of every site: told by findings, mended by frames, unknown while
the site is silent."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from agent.report import Verdict
from collector import states
from collector.db import reading
from collector.states import Change, CheckState

# sites whose checks are held in memory between commits
MOST_SITES = 20_000
FROM_FRAME = "its agent's figures say so"


@dataclass(slots=True, eq=False)
class Known:
    """A check as it is, and the newest verdict that its agent reported."""

    now: CheckState
    told: Change | None


class Findings:
    """Checks of sites; rows are read when first needed and written once a commit."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        with reading(store) as connection:
            # of other sites there is nothing to read: in its first minute all of a country
            self._stored = states.sites_with_checks(connection)
        self._known: dict[str, dict[str, Known]] = {}
        self._changed: dict[Known, None] = {}
        # grows with every change of a site's checks
        self._versions: dict[str, int] = {}
        self._log: dict[tuple[str, str, float], Change] = {}

    @property
    def changed(self) -> bool:
        return bool(self._changed or self._log)

    def version(self, site: str) -> int:
        """The same number: no check of the site changed meanwhile."""
        return self._versions.get(site, 0)

    def verdict(self, site: str, check: str) -> str | None:
        known = self._of(site).get(check)
        return None if known is None else known.now.verdict

    def tell(self, change: Change, kind: str) -> None:
        """An agent reported a verdict; one that is older than what is known only joins the log."""
        site, check, at, *_ = change
        self._log[site, check, at] = change
        checks = self._known.get(site) or self._of(site)
        known = checks.get(check)
        if known is None:
            known = checks[check] = Known(_state(change, kind, at), change)
            self._note(known)
            return
        if known.told is not None and at < known.told.at:
            return
        known.told = change
        now = known.now
        if now.reason in SITE_GONE and not change.live:
            return
        same = now.verdict == change.verdict
        since = now.since if same else at
        kind = kind if kind != "other" else now.kind
        self._set(known, _state(change, kind, since))

    def seen(self, site: str, check: str, kind: str, verdict: Verdict, at: float, rev: int) -> None:
        """A live frame carries a verdict that is news: its finding was lost, or only told late."""
        known = self._of(site).get(check)
        if known is not None and known.now.verdict == verdict:
            if not known.now.live or known.now.kind != kind:
                self._set(known, known.now._replace(live=True, kind=kind, rev=rev))
            return
        reason = "" if verdict == Verdict.GOOD else FROM_FRAME
        self.tell(Change(site, check, at, verdict, reason, True, rev), kind)

    def retire(self, site: str, check: str, at: float, rev: int) -> None:
        """The agent has stopped looking: the configuration changed."""
        known = self._of(site).get(check)
        if known is not None and known.now.reason != states.RETIRED:
            known.told = None
            gone = known.now._replace(verdict=Verdict.UNKNOWN, reason=states.RETIRED, since=at)
            self._set(known, gone._replace(live=True, rev=rev))

    def lose(
        self, site: str, since: float, rev: int, reason: str, spared: Container[str] = ()
    ) -> None:
        """The site fell silent: nobody knows how its checks are, but for those told elsewhere."""
        for name in self._of(site):
            if name not in spared:
                self.lose_one(site, name, since, rev, reason)

    def lose_one(self, site: str, check: str, since: float, rev: int, reason: str) -> None:
        """Nobody knows how this check is."""
        known = self._of(site).get(check)
        if known is not None and known.now.reason != states.RETIRED:
            gone = known.now._replace(verdict=Verdict.UNKNOWN, reason=reason, since=since)
            self._set(known, gone._replace(rev=rev))

    def regain(self, site: str, rev: int) -> None:
        """The site is back: its checks are what they were reported to be, until it says more."""
        for known in self._of(site).values():
            if known.now.reason in SITE_GONE and known.told is not None:
                told = known.told
                self._set(known, _state(told, known.now.kind, told.at)._replace(rev=rev))

    def save(self, connection: Connection) -> None:
        states.save_checks(connection, [known.now for known in self._changed])
        states.save_verdicts(connection, list(self._log.values()))

    def saved(self) -> None:
        self._stored.update([known.now.site for known in self._changed])
        self._changed.clear()
        self._log.clear()
        if len(self._known) > MOST_SITES:
            self._known.clear()

    def _of(self, site: str) -> dict[str, Known]:
        if site not in self._known:
            self.load([site])
        return self._known[site]

    def load(self, sites: Iterable[str]) -> None:
        """Have the checks of these sites at hand: one question for many."""
        new = [site for site in sites if site not in self._known]
        missing = [site for site in new if site in self._stored]
        self._known |= {site: {} for site in new}
        if not missing:
            return
        with reading(self._store) as connection:
            for site, checks in states.last_reported(connection, missing).items():
                self._known[site] = {name: Known(now, told) for name, (now, told) in checks.items()}

    def _set(self, known: Known, now: CheckState) -> None:
        # all but `rev`, which stands last
        if now[:-1] == known.now[:-1]:
            return
        known.now = now
        self._note(known)

    def _note(self, known: Known) -> None:
        site = known.now.site
        self._changed[known] = None
        self._versions[site] = self._versions.get(site, 0) + 1


def _state(change: Change, kind: str, since: float) -> CheckState:
    site, check, _, verdict, reason, live, rev = change
    return CheckState(site, check, kind, verdict, reason, since, live, rev)


SITE_SILENT = "site silent"
SITE_OFF = "site switched off"
SITE_GONE = (SITE_SILENT, SITE_OFF)
