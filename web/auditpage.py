"""Who did what, newest first: for administrators, of their areas, as a page or a file."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, render_template, request

from alerts.called import called
from collector import audit
from collector.audit import Line, Sought
from collector.db import reading
from collector.inventory.sheet import escape
from web import account_powers, act_words, people
from web.context import centre, home_zone, me, now, role_required, scope
from web.tongue import gettext

bp = Blueprint("audit", __name__)

MOST, MOST_EXPORTED = 100, 20_000
_LONGEST = 100
_HEADER = ("id", "at", "by", "kind", "subject", "body")


@bp.get("/audit")
@role_required("admin")
def index() -> str:
    """A page of acts and the filter over them."""
    text = request.args.get("before", "0")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        abort(400, gettext("The page number is not a number."))
    found = find(request.args, int(text), MOST + 1)
    given = ("by", "kind", "subject", "day")
    asked = {key: request.args[key] for key in given if request.args.get(key)}
    with reading(centre().store) as connection:
        things = called(connection, (one.subject for one in found[:MOST]))
    return render_template(
        "audit.html",
        acts=found[:MOST],
        things=things,
        more=len(found) > MOST,
        asked=asked,
        told=act_words,
        sees=scope().sees,
    )


@bp.get("/audit.csv")
@role_required("admin")
def export() -> Response:
    """All that the filter leaves; times in UTC."""
    found = find(request.args, 0, MOST_EXPORTED + 1)
    if len(found) > MOST_EXPORTED:
        abort(400, gettext("More than %(n)s acts: narrow the filter first.", n=MOST_EXPORTED))
    name = f"ronda-audit-{datetime.fromtimestamp(now(), home_zone()):%Y-%m-%d}.csv"
    answer = Response(_table(found), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def find(asked: Mapping[str, str], before: int, most: int) -> Sequence[Line]:
    """The newest acts of the reader's areas that the filter leaves, before one number (0: all)."""
    by, verb, subject = (asked.get(key, "").strip()[:_LONGEST] for key in ("by", "kind", "subject"))
    if re.fullmatch(r"#[0-9]{1,18}", subject):
        # as incidents are written everywhere else
        subject = f"incident:{subject[1:]}"
    if not (by + verb + subject).isprintable():
        abort(400, gettext("The list has no such filter."))
    start, end = _day(asked.get("day", ""))
    areas = scope().areas + scope().sites
    sought = Sought(by, verb, subject, start, end, areas, _people() if areas else ())
    with reading(centre().store) as connection:
        return audit.lines(connection, sought, before, most)


def _people() -> tuple[str, ...]:
    admin = me()
    everybody = people.all_users(centre().store)
    return tuple(each.name for each in everybody if admin and account_powers.sees(admin, each))


def _day(text: str) -> tuple[float | None, float | None]:
    """From midnight to midnight in the control room's zone; the whole time for none."""
    if not text:
        return None, None
    try:
        begun = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=home_zone())
        over = (begun.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=home_zone())
        return begun.timestamp(), over.timestamp()
    except (ValueError, OverflowError):
        abort(400, gettext("A day is written as 2026-11-29."))


def _table(acts: Sequence[Line]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for act in acts:
        at = datetime.fromtimestamp(act.at, home_zone()).astimezone(UTC)
        told = (act.by, act.verb, act.subject, act.body)
        writer.writerow([act.id, f"{at:%Y-%m-%dT%H:%M:%SZ}", *map(escape, told)])
    return out.getvalue()
