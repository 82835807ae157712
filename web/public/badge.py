"""A small picture for other pages: whether a place's wifi and services work now."""

from html import escape

from flask import Response

from collector import shown
from collector.db import reading
from web.context import centre
from web.public import listing
from web.public.desk import bp, kept
from web.public.moment import look
from web.public.spots import state_of, verdict
from web.tongue import gettext

FRESH_S = 60
# ground and shape; the word says the same as the colour
_LOOKS = {
    "normal": ("#1d6845", '<circle cx="{x}" cy="10" r="4" fill="#fff"/>'),
    "slow": ("#7a4d00", '<path d="M{x} 6l4.5 8h-9z" fill="#fff"/>'),
    "down": (
        "#a81e19",
        '<path d="M{x} 10m-3.5-3.5l7 7m0-7l-7 7" stroke="#fff" stroke-width="2" fill="none"/>',
    ),
    "unknown": (
        "#4b5567",
        '<circle cx="{x}" cy="10" r="4" fill="none" stroke="#fff" stroke-width="1.6" '
        'stroke-dasharray="2.5 1.7"/>',
    ),
    "maintenance": ("#4b5567", '<path d="M{x} 6m-2 0v8m4-8v8" stroke="#fff" stroke-width="1.8"/>'),
}
_LETTER = 6.6


@bp.get("/<code>/badge.svg")
def badge(code: str) -> Response:
    """The picture of an area, a village or a site."""
    seen = look()
    codes = listing.found(seen, code)
    states = [seen.state(each) for each in codes]
    if len(codes) <= listing.MOST_CHECKED:
        with reading(centre().store) as connection:
            checks = shown.checks_of(connection, codes)
        states += [state_of(each, seen.state(each.site)) for each in checks]
    shape, said = verdict(sorted(set(states)))
    return kept(
        drawing(gettext("Wifi and services"), shape, said), "image/svg+xml; charset=utf-8", FRESH_S
    )


def drawing(title: str, shape: str, said: str) -> str:
    """Two fields: what it is about, and how that is."""
    left, right = round(len(title) * _LETTER + 16), round(len(said) * _LETTER + 32)
    ground, sign = _LOOKS[shape]
    both = escape(f"{title}: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{both}"><title>{both}</title>'
        f'<rect width="{left + right}" height="20" rx="3" fill="#161c27"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z" '
        f'fill="{ground}"/>'
        f"{sign.format(x=left + 12)}"
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="8" y="14" textLength="{left - 16}">{escape(title)}</text>'
        f'<text x="{left + 22}" y="14" textLength="{right - 30}">{escape(said)}</text></g></svg>\n'
    )
