"""What holds for every telling: mutes, planned work, the rota, quiet hours; as of now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from alerts import duty, mutes, planned, quiet, windows
from alerts.ailments import Ailment
from alerts.incidents import Incident
from alerts.kinship import Kinship
from alerts.notices import Draft
from alerts.planned import Mute, Muted, Told, Window
from alerts.quiet import Heard, Quiet
from collector.inventory import Contact


@dataclass(frozen=True, slots=True)
class House:
    """`home`: the zone of scopes that lie in no province."""

    mutes: Sequence[Mute]
    windows: Sequence[Window]
    rota: Sequence[duty.Shift]
    quiet: Sequence[Quiet]
    home: str

    def muted(
        self, row: Incident, ailing: Sequence[Ailment], kinship: Kinship, now: float
    ) -> Muted | None:
        """What keeps an incident from being told; of many only what covers every one of them."""
        if not self.mutes and not self.windows:
            return None
        found = [self._muted(row, ailment, kinship, now) for ailment in ailing]
        held = [one for one in found if one is not None]
        return min(held, key=lambda one: one.until) if held and len(held) == len(found) else None

    def told(
        self, row: Incident, ailing: Iterable[Ailment], kinship: Kinship, now: float
    ) -> list[Ailment]:
        """Those that nothing keeps quiet."""
        if not self.mutes and not self.windows:
            return list(ailing)
        return [one for one in ailing if self._muted(row, one, kinship, now) is None]

    def timed(
        self, drafts: Iterable[tuple[Contact, Draft]], severity: str, now: float
    ) -> Iterator[Draft]:
        """Drafts for those who sleep wait until they wake."""
        told = list(drafts)
        heard = self.heard((contact for contact, _ in told), severity, now)
        for one, (_, draft) in zip(heard, told, strict=True):
            yield draft if one.at <= now else replace(draft, not_before=one.at)

    def heard(self, contacts: Iterable[Contact], severity: str, now: float) -> list[Heard]:
        """When each of these hears."""
        known = {(row.scope, row.person): row for row in self.quiet}
        return [quiet.heard(one, known, severity, now, self.home) for one in contacts]

    def resting(self, contacts: Sequence[Contact], now: float) -> frozenset[Contact]:
        """Those who are off duty while somebody else of their kind is on."""
        return duty.resting(contacts, self.rota, now, self.home)

    def _muted(self, row: Incident, ailment: Ailment, kinship: Kinship, now: float) -> Muted | None:
        site = kinship.sites.get(ailment.site)
        upstreams = tuple(site.upstreams) if site is not None else ()
        told = Told(ailment.site, ailment.rule, ailment.check, upstreams, row.id)
        return planned.muted(told, self.mutes, self.windows, now)


def read(connection: Connection, home: str, now: float) -> House:
    """As the rows are."""
    return House(
        mutes.in_force(connection, now),
        windows.standing(connection),
        duty.rota(connection),
        quiet.rows(connection),
        home,
    )
