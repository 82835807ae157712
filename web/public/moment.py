"""What holds of the public sites at one moment; what the centre cannot see is unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from flask import current_app

from alerts import windows
from alerts.docket import Case
from alerts.planned import Window
from collector import inventory
from collector.db import reading
from collector.evidence.ninety import Ninety
from collector.settings import Settings
from web import board, words
from web.context import centre, facts, now
from web.country import Country
from web.directory import Directory
from web.freshness import freshness
from web.labels import STATES
from web.names import Names
from web.public.place import Shown
from web.tongue import gettext

_DESK = "ronda.public"
# an engine that is silent this long: nothing that it said is of now
_BLIND_S = 300.0


@dataclass(slots=True)
class Desk:
    """What is kept between pages: the sites of one inventory, the pasts of sites."""

    ninety: Ninety
    shown: Shown | None = None

    def of(self, names: Names, hides: tuple[str, ...]) -> Shown:
        """The public sites."""
        if self.shown is None or self.shown.names is not names:
            self.shown = Shown(names, hides)
        return self.shown


@dataclass(frozen=True, slots=True)
class Now:
    """All public sites, the open incidents, planned work; `at`: the moment it was so."""

    shown: Shown
    directory: Directory
    cases: Sequence[Case]
    works: Sequence[Window]
    at: float | None
    blind: bool

    def state(self, code: str) -> str:
        """The state of a site."""
        place = self.directory.place(code)
        if place is None or self.blind:
            return "unknown"
        return STATES[int(self.directory.state[place])]

    def since(self, code: str) -> float | None:
        """Since when it holds."""
        place = self.directory.place(code)
        if place is None or self.blind:
            return None
        since = float(self.directory.since[place])
        return since if since == since else None

    def counts(self, codes: Iterable[str]) -> dict[str, int]:
        """How many of these sites are in each state."""
        found = dict.fromkeys(STATES, 0)
        for code in codes:
            found[self.state(code)] += 1
        return found

    def checked(self, zone: tzinfo) -> str:
        """When all of it was so, as the head of a page says it."""
        if self.at is None:
            return gettext("not yet")
        told = words.moment(self.at, zone, now())
        return f"{told} {words.zone_name(zone, now())}"


def look() -> Now:
    """As it is now."""
    return seen(centre().settings, facts(), desk(), now())


def seen(settings: Settings, country: Country, kept: Desk, at: float) -> Now:
    """As it is at a moment, for whoever is no page."""
    directory, cases, blind = country.regency()
    with reading(country.store) as connection:
        works, fold = windows.standing(connection), board.fold(connection)
    fresh = freshness(fold, at)
    late = fresh.at is None or fresh.late_s > _BLIND_S
    shown = kept.of(directory.names, settings.public_hides)
    return Now(shown, directory, cases, works, fresh.at, late or blind is not None)


def desk() -> Desk:
    """What this app keeps."""
    found = current_app.extensions.get(_DESK)
    if found is None:
        found = Desk(Ninety(centre().settings.timezone, facts().numbers))
        current_app.extensions[_DESK] = found
    kept: Desk = found
    return kept


def zone_of(code: str) -> tzinfo:
    """The clocks of a place."""
    return inventory.zone(code, centre().settings.timezone)
