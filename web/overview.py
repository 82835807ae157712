"""The whole regency in one look."""

from flask import Blueprint, render_template

from web.context import facts, now, scope
from web.freshness import freshness
from web.labels import STATES

bp = Blueprint("overview", __name__)


@bp.get("/")
def show() -> str:
    """Counters, and how fresh they are."""
    counts = facts().counts(scope())
    return render_template(
        "overview.html",
        counts=counts,
        total=sum(counts.values()),
        fresh=freshness(facts().fold(), now()),
        states=STATES,
        rev=facts().rev(),
    )
