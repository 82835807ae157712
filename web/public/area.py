"""A subdistrict, a regency, a province, the country: how many places work, where to go on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, abort

from collector import shown
from collector.db import reading
from collector.evidence.lines import CHECK, HOTSPOT_KINDS, SITE
from collector.evidence.ninety import Key, Past, total
from collector.shown import APP_KINDS, Check
from web import words
from web.context import centre, now
from web.public import listing, village
from web.public.desk import bp, page
from web.public.moment import Now, desk, look, zone_of
from web.public.spots import APP, INTERNET, WIFI, state_of, verdict
from web.public.strip import Strip, strip
from web.tongue import gettext, ngettext

# lines of the list on one page: with a stylesheet it weighs 30 kB
MOST_CHILDREN = 60
_SITE = (SITE, "", "")


@dataclass(frozen=True, slots=True)
class Group:
    """All of one sort in an area: how many there are, in which state; their ninety days."""

    sort: str
    title: str
    counts: Mapping[str, int]
    strip: Strip | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def usable(self) -> int:
        return self.counts.get("normal", 0) + self.counts.get("slow", 0)

    @property
    def shape(self) -> str:
        """As the whole place has it, of this sort alone."""
        return verdict(_spread(self.counts))[0]


@dataclass(frozen=True, slots=True)
class Child:
    """One line of the list: an area or village inside this one."""

    code: str
    name: str
    shape: str
    says: str
    share: float | None


@bp.get("/<code>")
def place(code: str) -> Response:
    """The page of an area, a village or a site, by its code."""
    seen = look()
    if code.count(".") >= 3:
        return village.show(code, seen)
    listing.found(seen, code)
    return show(code, seen)


@bp.get("/<code>/part/<int:part>")
def further(code: str, part: int) -> Response:
    """The same with the next places of a long list."""
    seen = look()
    listing.found(seen, code)
    inside = len(seen.shown.children(code)) if code.count(".") < 3 else 0
    if not 1 < part <= -(-inside // MOST_CHILDREN):
        abort(404)
    return show(code, seen, part)


def show(code: str, seen: Now, part: int = 1) -> Response:
    """The page of an area; of the country for an empty code."""
    codes, zone = seen.shown.within(code), zone_of(code)
    pasts = desk().ninety.kept(codes)
    with reading(centre().store) as connection:
        few = codes if len(codes) <= listing.MOST_CHECKED else ()
        checks = shown.checks_of(connection, few)
        news = listing.news(connection, seen, codes, now())
    children = _children(seen, code, pasts)
    groups = _groups(seen, codes, checks, pasts)
    states = [each for group in groups for each in _spread(group.counts)]
    shape, said = verdict(states)
    return page(
        "area.html",
        checked=seen.checked(zone),
        code=code,
        name=seen.shown.called(code) if code else gettext("Indonesia"),
        trail=seen.shown.trail(code) if code else [],
        shape=shape,
        said=said,
        sites=len(codes),
        groups=groups,
        words_of=counted,
        children=children[(part - 1) * MOST_CHILDREN : part * MOST_CHILDREN],
        parts=range(1, -(-len(children) // MOST_CHILDREN) + 1),
        part=part,
        regency=code.count(".") == 1,
        news=news,
        zone=zone,
        zone_word=words.zone_name(zone, now()),
    )


def counted(counts: Mapping[str, int]) -> str:
    """What is not as it should be: `2 putus, 1 belum ada kabar`."""
    told = [
        (ngettext("%(num)s down", "%(num)s down", counts.get("down", 0)), "down"),
        (ngettext("%(num)s slow", "%(num)s slow", counts.get("slow", 0)), "slow"),
        (
            ngettext("%(num)s without news", "%(num)s without news", counts.get("unknown", 0)),
            "unknown",
        ),
        (
            ngettext("%(num)s worked on", "%(num)s worked on", counts.get("maintenance", 0)),
            "maintenance",
        ),
    ]
    return ", ".join(said for said, state in told if counts.get(state, 0))


def _children(seen: Now, code: str, pasts: Mapping[str, Past]) -> list[Child]:
    made = []
    for child, codes in seen.shown.children(code).items():
        counts = seen.counts(codes)
        shape, _ = verdict(_spread(counts))
        says = counted(counts) or gettext("normal")
        if len(codes) == 1:
            says = {
                "down": gettext("internet down"),
                "slow": gettext("internet slow"),
                "unknown": gettext("no news"),
                "maintenance": gettext("planned work"),
            }.get(shape, gettext("normal"))
        share = total(past.total(_SITE) for c in codes if (past := pasts.get(c)) is not None).share
        made.append(Child(child, seen.shown.called(child), shape, says, share))
    return sorted(made, key=lambda each: each.name.casefold())


def _groups(
    seen: Now, codes: Sequence[str], checks: Sequence[Check], pasts: Mapping[str, Past]
) -> list[Group]:
    made = [
        Group(INTERNET, gettext("Internet"), seen.counts(codes), _sum(pasts, codes, (SITE,), ()))
    ]
    for sort, title, kinds in (
        (WIFI, gettext("Free wifi"), HOTSPOT_KINDS),
        (APP, gettext("Applications"), APP_KINDS),
    ):
        counts: dict[str, int] = {}
        for check in checks:
            if check.kind in kinds:
                state = state_of(check, seen.state(check.site))
                counts[state] = counts.get(state, 0) + 1
        if counts:
            made.append(Group(sort, title, counts, _sum(pasts, codes, (CHECK,), kinds)))
    return made


def _sum(
    pasts: Mapping[str, Past], codes: Iterable[str], sorts: Sequence[str], kinds: Sequence[str]
) -> Strip | None:
    """The days of all these lines as one; None where nothing is known of them yet."""
    told = [
        days
        for code in codes
        if (past := pasts.get(code)) is not None
        for key, days in past.lines.items()
        if _mine(key, sorts, kinds)
    ]
    if not told:
        return None
    longest = max(map(len, told))
    return strip([total(day) for day in zip(*(d for d in told if len(d) == longest), strict=True)])


def _mine(key: Key, sorts: Sequence[str], kinds: Sequence[str]) -> bool:
    return key[0] in sorts and (not kinds or key[2] in kinds)


def _spread(counts: Mapping[str, int]) -> list[str]:
    return [state for state, count in counts.items() if count]
