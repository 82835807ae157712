"""What somebody can use at a place, one by one: the internet, the free wifi, applications. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from collector.evidence.lines import CHECK, SITE
from collector.evidence.ninety import Past
from collector.inventory.applying import inside_name, outside_name
from collector.shown import HOTSPOT_KINDS, Check, Listed
from web import labels, words
from web.public import safe
from web.public.strip import Strip, strip
from web.tongue import gettext, ngettext

INTERNET, WIFI, APP = "internet", "wifi", "app"
_SHAPES = {"good": "normal", "bad": "down", "unknown": "unknown"}
_WELL_KNOWN = ("opensid", "sideka", "nextcloud")
# the worst first, as far as somebody who wants to use it is concerned
ORDER = ("down", "slow", "unknown", "maintenance", "normal")


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing that can be used; `state` as sites have them."""

    sort: str
    title: str
    where: str
    state: str
    says: str
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A site: its state since when, its checks, its past."""

    code: str
    name: str
    state: str
    since: float | None
    checks: Sequence[Check]
    past: Past | None
    # the site is one of several of its village
    one_of: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """When and where somebody reads."""

    now: float
    zone: tzinfo

    def since(self, at: float | None) -> str:
        """`sejak 15.44`; empty where nobody knows."""
        return "" if at is None else words.moment(at, self.zone, self.now)


def spots(seen: Seen, services: dict[str, Listed], reader: Reader) -> list[Spot]:
    """Everything at a site: the internet first, then the wifi, then applications by name."""
    named = {check.name: check for check in seen.checks}
    made = [_internet(seen, reader)]
    for check in sorted(seen.checks, key=lambda each: each.kind not in HOTSPOT_KINDS):
        outside = named.get(outside_name(check.name))
        if inside_name(check.name) != check.name and inside_name(check.name) in named:
            continue
        made.append(_spot(seen, check, outside, services.get(check.name), reader))
    return made


def state_of(check: Check, site: str) -> str:
    """Nobody knows of a check while nobody hears of its site, as evidence has it."""
    if site in ("unknown", "maintenance"):
        return site
    # a wifi without internet is of use to nobody
    if site == "down" and check.kind in HOTSPOT_KINDS:
        return site
    return _SHAPES.get(check.verdict, "unknown")


def worst(states: Iterable[str]) -> str:
    """The first of them in the order of `ORDER`; unknown of none."""
    return min(states, key=ORDER.index, default="unknown")


def verdict(states: Sequence[str]) -> tuple[str, str]:
    """Shape and words for a whole place."""
    there = set(states)
    if not there or there == {"unknown"}:
        return "unknown", gettext("No news yet")
    if there == {"normal"}:
        return "normal", gettext("Everything can be used")
    if there <= {"down", "unknown"}:
        return "down", gettext("Cannot be used for now")
    if "down" in there:
        return "slow", gettext("Part of it does not work")
    if "slow" in there:
        return "slow", gettext("It works, but slowly")
    if "maintenance" in there:
        return "maintenance", gettext("Planned work goes on")
    return "unknown", gettext("Of part of it there is no news")


def summary(states: Sequence[str]) -> str:
    """How many of the things can be used, and of how many nobody knows."""
    usable = sum(state in ("normal", "slow") for state in states)
    silent = states.count("unknown")
    if silent == len(states):
        return gettext("What nobody tells us of may well work.")
    if usable == len(states):
        return ""
    told = ngettext(
        "%(usable)s of %(num)s can be used now.",
        "%(usable)s of %(num)s can be used now.",
        len(states),
        usable=usable,
    )
    return f"{told} {without_news(silent)}" if silent else told


def without_news(count: int) -> str:
    """As a sentence."""
    return ngettext("Of %(num)s there is no news.", "Of %(num)s there is no news.", count)


def word(state: str, sort: str = INTERNET) -> str:
    """The word beside the shape."""
    if state == "unknown":
        return gettext("No news")
    if state == "down" and sort != INTERNET:
        return labels.verdict("bad")
    return labels.state(state)


def _internet(seen: Seen, reader: Reader) -> Spot:
    where = seen.name if seen.one_of else gettext("at the village office")
    drawn = None if seen.past is None else strip(seen.past.lines.get((SITE, "", ""), ()))
    says = of_line(seen.state, reader.since(seen.since))
    return Spot(INTERNET, gettext("Internet"), where, seen.state, says, drawn)


def of_line(state: str, since: str) -> str:
    """How an internet line is, as a sentence."""
    return {
        "normal": gettext("Can be used."),
        "slow": gettext("Slow since %(since)s.", since=since),
        "down": gettext("Down since %(since)s.", since=since),
        "maintenance": gettext("Planned work since %(since)s.", since=since),
    }.get(state, gettext("No news since %(since)s.", since=since) if since else _no_news())


def _no_news() -> str:
    return gettext("No news yet.")


def app_name(name: str, kind: str) -> str:
    """What an application is called: as its maker writes it where it is only called by its kind."""
    bare = inside_name(name)
    if (known := bare.casefold()) == kind or known in _WELL_KNOWN:
        return labels.kind(known)
    return safe.name(bare, gettext("An application"))


def _spot(
    seen: Seen, check: Check, outside: Check | None, service: Listed | None, reader: Reader
) -> Spot:
    mine = [check, *filter(None, [outside])]
    state = worst(state_of(each, seen.state) for each in mine)
    shown = outside or check
    days = () if seen.past is None else seen.past.lines.get((CHECK, shown.name, shown.kind), ())
    since = max((each.since for each in mine if _SHAPES.get(each.verdict) == state), default=None)
    drawn = strip(days) if days else None
    if check.kind in HOTSPOT_KINDS:
        title = gettext("Free wifi")
        part = gettext("transmitters") if check.kind == "wifi" else ""
        where = ", ".join(filter(None, [seen.name if seen.one_of else "", part]))
        says = _of_use(state, reader.since(since), True)
        if seen.state == "down":
            says = gettext("Without internet since %(since)s.", since=reader.since(seen.since))
        return Spot(WIFI, title, where, state, says, drawn)
    title = app_name(check.name, check.kind)
    where = safe.host(service.public) if service is not None else ""
    where = where or (seen.name if seen.one_of else "")
    return Spot(APP, title, where, state, _of_use(state, reader.since(since), False), drawn)


def _of_use(state: str, since: str, wifi: bool) -> str:
    if state == "normal":
        return gettext("Can be used.") if wifi else gettext("Can be opened.")
    if state == "down":
        return (
            gettext("Cannot be used since %(since)s.", since=since)
            if wifi
            else gettext("Cannot be opened since %(since)s.", since=since)
        )
    if state == "maintenance":
        return gettext("Planned work goes on.")
    return _no_news()
