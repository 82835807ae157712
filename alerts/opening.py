"""What an incident begins with: its key, title, first cause, and what its messages need."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts.ailments import Ailment
from alerts.causes import of_one, of_several, vantage_points
from alerts.faults import Gather, Parent
from alerts.incidents import New
from alerts.kinship import Kinship
from alerts.wording import SUSPENDED
from collector import states
from collector.states import CheckState, SiteState


class Opening:
    """Makes beginnings; `standing` are the states of sites, by code."""

    def __init__(self, standing: Mapping[str, SiteState]) -> None:
        self._standing = standing
        # checks by site, as read for the incidents of one step
        self._beside: dict[str, list[CheckState]] = {}

    def begin(self) -> None:
        """A new step: checks may have changed."""
        self._beside.clear()

    def one(self, connection: Connection, ailment: Ailment, kinship: Kinship) -> New:
        """Of one thing that is wrong."""
        site = ailment.site
        if site and not ailment.of_site:
            self._read(connection, site)
        parent = kinship.depends_on(ailment.check, site)
        fallen = self._fallen(connection, parent, site, kinship) if parent else ""
        guess = of_one(
            ailment, self._standing.get(site), self._beside.get(site, ()), parent, fallen
        )
        told = {**ailment.told}
        if vantage_points(ailment.check, self._beside.get(site, ())) == ("good", "bad"):
            told["inside"] = "@works_inside"
        return New(
            key=ailment.key,
            subject=ailment.subject,
            severity=ailment.severity,
            title=ailment.title,
            down_since=ailment.at,
            site=site,
            check=ailment.check,
            rule=ailment.rule,
            cause=guess.cause,
            confidence=guess.confidence,
            evidence=guess.evidence,
            details={"kind": ailment.kind, "reason": ailment.reason, "told": told},
        )

    def _read(self, connection: Connection, site: str) -> list[CheckState]:
        if site not in self._beside:
            self._beside[site] = states.checks_of(connection, site)
        return self._beside[site]

    def _fallen(self, connection: Connection, parent: str, site: str, kinship: Kinship) -> str:
        """How what a service depends on is: as those see it who look at it, else here."""
        there = self._verdict(connection, parent, kinship.where(parent, site))
        return there or self._verdict(connection, parent, site)

    def _verdict(self, connection: Connection, check: str, site: str) -> str:
        """How a service is, as those see it who look at it; "" where nobody does."""
        found = self._read(connection, site) if site else []
        return next((str(one.verdict) for one in found if one.name == check), "")

    def many(
        self,
        gather: Gather,
        ailments: Sequence[Ailment],
        replaces: Sequence[int],
        opened_at: float | None,
    ) -> New:
        """Of many with one parent; the clock may have begun under an earlier number."""
        parent = gather.parent
        known = (self._standing.get(ailment.site) for ailment in ailments)
        guess = of_several(parent, [state for state in known if state is not None])
        if ailments and all(one.told.get("message") == SUSPENDED for one in ailments):
            guess = replace(guess, cause=SUSPENDED)
        return New(
            key=key_of(parent),
            subject=ailments[0].subject if ailments else "uplink",
            severity="critical",
            title=parent.called,
            down_since=min(fault.at for fault in gather.faults),
            parent_kind=parent.kind,
            parent=parent.name,
            cause=guess.cause,
            confidence=guess.confidence,
            evidence=guess.evidence,
            details={"replaces": list(replaces)},
            members=len(gather.faults),
            opened_at=opened_at,
        )


def key_of(parent: Parent) -> str:
    """The key of the one incident that a parent may have."""
    return f"parent:{parent.kind}:{parent.name}"
