"""All sites on one page, worst first."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from web.board import Wanted
from web.context import centre, facts, now, scope
from web.facts import Fold
from web.labels import STATES
from web.tongue import gettext

bp = Blueprint("overview", __name__)

PAGE = 100
_LONGEST_SEARCH, _MOST_WORDS, _LAST_PAGE = 100, 5, 10_000
# the fold says where it is once a second; later than this somebody should know
LATE_S, STALE_S = 10.0, 60.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """How true the page is: `at` is the moment it tells of, `late_s` how long ago that was."""

    at: float | None
    late_s: float

    @property
    def late(self) -> bool:
        return self.at is None or self.late_s > LATE_S

    @property
    def stale(self) -> bool:
        return self.at is None or self.late_s > STALE_S


def freshness(fold: Fold | None, moment: float) -> Freshness:
    """From the engine's own word, how old is what the pages show?"""
    if fold is None:
        return Freshness(None, 0.0)
    at = min(fold.at - fold.lag_s, moment)
    return Freshness(at, moment - at)


@bp.get("/")
def show() -> str:
    """The list, its counters, and how fresh they are."""
    wanted, page = _wanted(), _page()
    seen = facts().overview(scope(), wanted, PAGE, (page - 1) * PAGE)
    return render_template(
        "overview.html",
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
    return Wanted(tuple(text.split()), state)


def _page() -> int:
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _LAST_PAGE:
        abort(400, gettext("The page number is not a number."))
    return int(text)
