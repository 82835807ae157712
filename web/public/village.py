"""One village, or one of its sites, on one page: what can be used now, and how it was."""

from flask import Response

from collector import shown
from collector.db import reading
from collector.inventory import places
from web import words
from web.context import centre, now
from web.public import listing, safe
from web.public.desk import page
from web.public.moment import Now, desk, zone_of
from web.public.spots import Reader, Seen, Spot, spots, summary, verdict

# sites and things of one village that a page lists; how many more there are it says
MOST_SITES, MOST_SPOTS = 10, 24


def show(code: str, seen: Now) -> Response:
    """The page of a village."""
    codes = listing.found(seen, code)
    reader = Reader(now(), zone_of(code))
    with reading(centre().store) as connection:
        some = codes[:MOST_SITES]
        checks = shown.checks_of(connection, some)
        pasts = desk().ninety.of(connection, some, now())
        services = {each.name: each for each in shown.services_of(connection)}
        news = listing.news(connection, seen, codes, now())
    found: list[Spot] = []
    for each in some:
        mine = [check for check in checks if check.site == each]
        name = safe.name(seen.shown.called(each), each)
        state, past = seen.state(each), pasts.get(each)
        one = Seen(each, name, state, seen.since(each), mine, past, len(codes) > 1)
        found += spots(one, services, reader)
    states = [spot.state for spot in found]
    shape, said = verdict(states)
    return page(
        "village.html",
        checked=seen.checked(reader.zone),
        code=code,
        name=seen.shown.called(code),
        trail=seen.shown.trail(places.village(code)),
        shape=shape,
        said=said,
        summary=summary(states),
        spots=found[:MOST_SPOTS],
        more_spots=max(0, len(found) - MOST_SPOTS),
        more_sites=max(0, len(codes) - MOST_SITES),
        news=news,
        zone=reader.zone,
        zone_word=words.zone_name(reader.zone, now()),
    )
