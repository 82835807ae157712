"""Pages of reports: choose, read the figures, take a form along; refund sheets; what is due."""

from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from agent.strict import Refused
from collector import inventory
from collector.db import reading
from web import reasons
from web.context import centre, facts, role_required, scope
from web.reports import desk, wording
from web.reports.editions import FORMS, Wanted
from web.tongue import gettext

bp = Blueprint("reports", __name__, url_prefix="/reports")

_PIECE = 1 << 16
# what stands on the page; all of it stands in the files
MOST_ROWS = 300


@bp.get("")
def index() -> str:
    """The figures of a month, and its forms."""
    asked = desk.look(_wanted())
    directory = facts().directory()
    return render_template(
        "reports.html",
        asked=asked,
        one=desk.shown(asked.figures) if asked.figures else None,
        months=desk.months(),
        areas=directory.areas(scope(), asked.wanted.area),
        isps=list(directory.names.isps)[:200],
        forms=desk.forms(),
        money=desk.reads_money(),
        told=wording,
        verifying=wording.verifying(),
        most=MOST_ROWS,
    )


@bp.post("/make")
def make() -> AnyResponse:
    """Have it made beside the pages."""
    one = _wanted()
    if not desk.press().ask(one):
        flash(gettext("Many reports are being made. Try again in a few minutes."))
    at = url_for("reports.index", month=one.month, area=one.area or None, isp=one.isp or None)
    return redirect(at, 303)


@bp.get("/file/<form>")
def take(form: str) -> Response:
    """One form of the newest edition, as a file."""
    if form not in FORMS:
        abort(404)
    if form not in desk.forms():
        abort(403, gettext("Your role does not allow this."))
    one = _wanted()
    edition = desk.look(one).edition
    path = edition.path(form) if edition else None
    if path is None:
        abort(404)

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    answer = Response(pieces(), content_type=FORMS[form][1])
    answer.content_length = path.stat().st_size
    answer.headers["Content-Disposition"] = f'attachment; filename="{one.file(form)}"'
    return answer


@bp.get("/contracts")
@role_required(*desk.READS_MONEY)
def contracts() -> str:
    """Bills, ends and promises that need somebody."""
    with reading(centre().store) as connection:
        found, as_of = desk.warnings(connection)
        sites = {code: inventory.site(connection, code) for code in {f.site for f in found}}
    return render_template(
        "contracts.html",
        found=found[:MOST_ROWS],
        more=max(0, len(found) - MOST_ROWS),
        as_of=as_of,
        names={code: site.name if site else code for code, site in sites.items()},
        told=wording,
    )


def _wanted() -> Wanted:
    try:
        return desk.wanted(request.values)
    except Refused as refused:
        abort(400, f"{refused.place}: {reasons.say(refused.problem)}")
