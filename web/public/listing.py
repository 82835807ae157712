"""What pages of a place and of an area have in common: incidents, planned work, where to go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flask import abort
from sqlalchemy import Connection

from alerts import lately
from alerts.docket import Case
from alerts.planned import Window
from alerts.planned import scope as planned_scope
from collector import shown
from collector.inventory import places
from collector.shown import Check
from web.public.moment import Now
from web.public.place import Shown
from web.public.tales import Tale, tale
from web.public.works import Work, works
from web.tongue import ngettext

PAST_S = 14 * 86400.0
# incidents that a page lists; how many more there are it says
MOST_OPEN, MOST_PAST = 8, 8
MOST_FEED = 40
# of larger areas the checks are not gone through for one page
MOST_CHECKED = 2000
_LOOKED_THROUGH = 500


@dataclass(frozen=True, slots=True)
class News:
    """Of a place: what goes on, what is over, what is planned; how many more of each there are."""

    open: Sequence[Tale]
    past: Sequence[Tale]
    works: Sequence[Work]
    more_open: int
    more_past: int
    shown: Shown
    count: int

    def where(self, sites: Sequence[str]) -> str:
        """Where in this place; empty where the place has only one site."""
        if self.count == 1:
            return ""
        if len(sites) == 1:
            return self.shown.called(sites[0])
        return ngettext("%(num)s place", "%(num)s places", len(sites))


def found(now: Now, code: str) -> Sequence[str]:
    """The public sites of an address; 404 where there is none."""
    sound = places.AREA_CODE.fullmatch(code) or places.SITE_CODE.fullmatch(code)
    sites = now.shown.within(code) if sound else ()
    return sites or abort(404)


def news(
    connection: Connection, seen: Now, codes: Sequence[str], moment: float, most: int = MOST_OPEN
) -> News:
    """What there is to tell of these sites."""
    here = frozenset(codes)
    ended = lately.ended(connection, moment - PAST_S, _LOOKED_THROUGH)
    kinds = kinds_among(connection, [*seen.cases, *ended], here)
    standing = _told(seen.cases, here, kinds)
    past = _told(ended, here, kinds)
    lying = partial(shown.on_upstream, connection)
    touched = {name.partition("/")[0] for kind, name in map(_scope, seen.works) if kind == "check"}
    looked = _kinds(shown.checks_of(connection, sorted(touched & here)))
    planned = works(seen.works, here, lying, looked, moment)
    standing.sort(key=lambda one: -one.since)
    return News(
        standing[:most],
        past[:most],
        planned,
        max(0, len(standing) - most),
        max(0, len(past) - most),
        seen.shown,
        len(codes),
    )


def kinds_among(
    connection: Connection, cases: Sequence[Case], here: frozenset[str]
) -> Callable[[str, str], str]:
    """The kinds of the checks that these incidents are about."""
    about = {one.incident.site for one in cases if one.incident.check and one.incident.site in here}
    return _kinds(shown.checks_of(connection, sorted(about)))


def _scope(window: Window) -> tuple[str, str]:
    return planned_scope(window.scope)


def _kinds(checks: Sequence[Check]) -> Callable[[str, str], str]:
    known = {(each.site, each.name): each.kind for each in checks}
    return lambda site, check: known.get((site, check), "")


def _told(
    cases: Sequence[Case], here: frozenset[str], kinds: Callable[[str, str], str]
) -> list[Tale]:
    return [each for case in cases if (each := tale(case, here, kinds)) is not None]
