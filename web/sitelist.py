"""All sites on one page, worst first. Its route hangs on the blueprint of the sites."""

from flask import abort, render_template, request

from web.board import Wanted
from web.context import centre, facts, now, scope
from web.freshness import freshness
from web.labels import STATES
from web.sites import bp
from web.tongue import gettext

PAGE = 100
_LONGEST_SEARCH, _MOST_WORDS, _LAST_PAGE = 100, 5, 10_000


@bp.get("/")
def index() -> str:
    """The list, its counters, and how fresh they are."""
    wanted, page = _wanted(), _page()
    seen = facts().overview(scope(), wanted, PAGE, (page - 1) * PAGE)
    return render_template(
        "sites.html",
        wanted=wanted,
        page=page,
        pages=max(1, -(-seen.matching // PAGE)),
        seen=seen,
        total=sum(seen.counts.values()),
        fresh=freshness(facts().fold(), now()),
        zone=lambda code: facts().zone(code, centre().settings.timezone),
        states=STATES,
        rev=facts().rev(),
    )


def _wanted() -> Wanted:
    text, state = request.args.get("q", "").strip(), request.args.get("state", "")
    if state and state not in STATES:
        abort(400, gettext("The filter asks for a state that does not exist."))
    if len(text) > _LONGEST_SEARCH or len(text.split()) > _MOST_WORDS:
        abort(400, gettext("Search for at most five words."))
    area = request.args.get("area", "")
    return Wanted((*text.split(), *([area] if area else [])), state)


def _page() -> int:
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _LAST_PAGE:
        abort(400, gettext("The page number is not a number."))
    return int(text)
