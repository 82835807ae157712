"""The news of a place as an Atom feed: faults that began and ended, work that is planned.

Numbers of entries stay what they are, so that a reader shows each once (RFC 4287).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from uuid import NAMESPACE_OID, uuid5
from xml.sax.saxutils import escape, quoteattr

from flask import Response

from collector.db import reading
from web import words
from web.context import centre, now
from web.public import listing
from web.public.desk import absolute, bp, kept, page_url
from web.public.moment import look, zone_of
from web.public.tales import Tale
from web.public.works import AHEAD_S, Work
from web.tongue import gettext, spoken

FRESH_S = 60
_KIND = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news; `key` is of it alone, whatever becomes of it."""

    key: str
    title: str
    says: str
    began: float
    changed: float


@bp.get("/<code>/atom.xml")
def feed(code: str) -> Response:
    """The feed of an area, a village or a site."""
    seen = look()
    codes = listing.found(seen, code)
    with reading(centre().store) as connection:
        told = listing.news(connection, seen, codes, now(), listing.MOST_FEED)
    zone = zone_of(code)
    entries = [of_tale(each, zone, told.where(each.sites)) for each in (*told.open, *told.past)]
    entries += [of_work(each, zone, told.where(each.sites)) for each in told.works]
    name = gettext("Wifi and services of %(name)s", name=seen.shown.called(code))
    newest = sorted(entries, key=lambda each: -each.changed)
    return kept(_feed(code, name, newest, seen.at or 0.0), _KIND, FRESH_S)


def of_tale(one: Tale, zone: tzinfo, where: str) -> Entry:
    """What is told of a fault, now or when it is over."""
    since, key = moment(one.since, zone), f"fault/{one.number}/{one.since:.0f}"
    if one.until is None:
        says = " ".join(filter(None, [gettext("Since %(since)s.", since=since), one.stage]))
        return Entry(key, _at(where, one.what), f"{says} {one.cause}".strip(), one.since, one.since)
    lasted = words.lasted(one.until - one.since)
    says = gettext("%(since)s, lasted %(lasted)s. Works again.", since=since, lasted=lasted)
    title = gettext("Works again: %(what)s", what=_at(where, one.what))
    return Entry(key, title, says, one.since, one.until)


def of_work(one: Work, zone: tzinfo, where: str) -> Entry:
    """What is told of planned work."""
    begins, ends = moment(one.begins, zone), moment(one.ends, zone)
    title = gettext("Planned maintenance: %(what)s", what=_at(where, one.what))
    says = gettext("From %(begins)s to %(ends)s.", begins=begins, ends=ends)
    told = one.begins - AHEAD_S
    return Entry(f"work/{one.window}/{one.begins:.0f}", title, says, told, told)


def _at(where: str, what: str) -> str:
    return f"{where}: {what}" if where else what


def moment(at: float, zone: tzinfo) -> str:
    """`23 Nov 14.05 WIB`: it is read on another day, too."""
    return f"{words.day(at, zone)} {words.clock(at, zone)} {words.zone_name(zone, at)}"


def _feed(code: str, name: str, entries: Sequence[Entry], at: float) -> str:
    updated = max([each.changed for each in entries], default=at)
    here, page = page_url("feed", code=code), page_url("place", code=code)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{spoken()}">',
        f"<id>{_number(code)}</id><title>{escape(name)}</title>",
        f"<updated>{_iso(updated)}</updated><author><name>Ronda</name></author>",
        f'<link rel="self" href={quoteattr(absolute(here))}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(absolute(page))}/>',
        *(_entry(code, page, each) for each in entries),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _entry(code: str, page: str, one: Entry) -> str:
    return (
        f"<entry><id>{_number(f'{code}/{one.key}')}</id><title>{escape(one.title)}</title>"
        f"<published>{_iso(one.began)}</published><updated>{_iso(one.changed)}</updated>"
        f"<link href={quoteattr(absolute(page))}/><summary>{escape(one.says)}</summary></entry>"
    )


def _number(key: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_OID, f'ronda/status/{key}')}"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
