"""The applications of a regency: whose they are, on what they hang, how they are, whom to call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, abort

from collector import shown
from collector.db import reading
from collector.evidence.lines import CHECK
from collector.evidence.ninety import Past, total
from collector.inventory import places
from collector.inventory.applying import inside_name
from collector.shown import APP_KINDS, Check, Listed, Office
from web import words
from web.context import centre, now
from web.public import listing, safe
from web.public.desk import bp, page
from web.public.moment import Now, desk, look, zone_of
from web.public.spots import app_name, state_of
from web.tongue import gettext, ngettext

MOST = 60


@dataclass(frozen=True, slots=True)
class App:
    """One application; `share` of the last ninety days over all places that are watched."""

    name: str
    scope: str
    owner: str
    hangs_on: str
    where: str
    state: str
    says: str
    share: float | None
    phones: Sequence[str]
    email: str


@bp.get("/<code>/apps")
def applications(code: str) -> Response:
    """The catalogue of a regency."""
    seen = look()
    codes = listing.found(seen, code)
    if code.count(".") != 1:
        abort(404)
    with reading(centre().store) as connection:
        checks = shown.checks_of(connection, codes, APP_KINDS)
        services, offices = shown.services_of(connection), shown.offices(connection)
    pasts = desk().ninety.kept(codes)
    found = catalogue(seen, codes, checks, services, offices, pasts)
    zone = zone_of(code)
    return page(
        "apps.html",
        checked=seen.checked(zone),
        code=code,
        name=seen.shown.called(code),
        trail=[*seen.shown.trail(code), (code, seen.shown.called(code))],
        apps=found[:MOST],
        more=max(0, len(found) - MOST),
        zone_word=words.zone_name(zone, now()),
    )


def catalogue(
    seen: Now,
    codes: Sequence[str],
    checks: Iterable[Check],
    services: Iterable[Listed],
    offices: Iterable[Office],
    pasts: Mapping[str, Past],
) -> list[App]:
    """Every application that a village of the regency uses, by name."""
    here, by_name = frozenset(codes), dict[str, list[Check]]()
    for check in checks:
        by_name.setdefault(inside_name(check.name), []).append(check)
    known: dict[str, Listed] = {}
    for each in services:
        central = each.scope != "desa" and not each.site
        if each.name in by_name or central or _lies(each.site, here, codes):
            known.setdefault(each.name, each)
    called = {name: _called(name, by_name.get(name, ())) for name in {*by_name, *known}}
    answers = {(each.service, each.name.casefold()): each for each in offices}
    made = []
    for name in sorted(filter(called.get, called), key=str.casefold):
        service = known.get(name)
        owner = safe.name(service.owner, "") if service is not None else ""
        depends = called.get(service.depends_on, "") if service is not None else ""
        office = answers.get((name, service.owner.casefold())) if service and owner else None
        state, says = _state(seen, by_name.get(name, ()))
        made.append(
            App(
                called[name],
                _scope(service),
                owner,
                depends,
                safe.host(service.public) if service is not None else "",
                state,
                says,
                _share(by_name.get(name, ()), pasts),
                *_call(office),
            )
        )
    return made


def _called(name: str, checks: Sequence[Check]) -> str:
    told = app_name(name, checks[0].kind if checks else "")
    return told if safe.name(name, "") else ""


def _lies(place: str, here: frozenset[str], codes: Sequence[str]) -> bool:
    if place in here:
        return True
    return bool(places.AREA_CODE.fullmatch(place)) and any(places.within(c, place) for c in codes)


def _scope(service: Listed | None) -> str:
    scope = "desa" if service is None else service.scope
    return {
        "kabupaten": gettext("of the regency"),
        "pusat": gettext("of the ministries"),
    }.get(scope, gettext("of the villages"))


def _state(seen: Now, checks: Sequence[Check]) -> tuple[str, str]:
    states = [state_of(each, seen.state(each.site)) for each in checks]
    good, bad = states.count("normal"), states.count("down")
    if good and not bad:
        return "normal", gettext("Can be opened.")
    if bad and not good:
        return "down", gettext("Cannot be opened for now.")
    if bad:
        told = ngettext(
            "Can be opened at %(good)s of %(num)s place.",
            "Can be opened at %(good)s of %(num)s places.",
            good + bad,
            good=good,
        )
        return "slow", told
    return "unknown", gettext("No news yet.")


def _share(checks: Sequence[Check], pasts: Mapping[str, Past]) -> float | None:
    return total(
        pasts[each.site].total((CHECK, each.name, each.kind))
        for each in checks
        if each.site in pasts
    ).share


def _call(office: Office | None) -> tuple[Sequence[str], str]:
    if office is None:
        return (), ""
    phones = dict.fromkeys(filter(None, map(safe.office_phone, office.phones)))
    return tuple(phones), safe.office_mail(office.email)
