"""What people and programs did, for administrators."""

from msgspec import Struct

from collector.audit import Line
from web import auditpage
from web.api import cursors, params
from web.api.shapes import Listed, Time, moment, page
from web.api.table import Call, Endpoint, Reply


class Act(Struct, frozen=True):
    """One act; of its body no more than the beginning."""

    id: int
    at: Time
    by: str
    kind: str
    subject: str
    body: str


def _list(call: Call) -> Reply:
    limit, before = call.limit, call.after("0")
    found = auditpage.find(call.query, int(before), limit + 1)
    return Reply(page(found, limit, _act, lambda one: cursors.write(one.id)))


def _act(one: Line) -> Act:
    return Act(one.id, moment(one.at), one.by, one.verb, one.subject, one.body)


_FILTERS = (
    params.text("by", "acts of this account or token"),
    params.text("kind", "acts of this kind"),
    params.text("subject", "acts about what begins so"),
    params.shaped("day", "acts of this day of the control room", r"20[0-9]{2}-[01][0-9]-[0-3][0-9]",
                  "a day such as 2026-11-29"),
    params.cursor(cursors.numbered),
    params.LIMIT,
)  # fmt: skip
ENDPOINTS = (
    Endpoint(
        "GET", "/audit", "listActs", "audit", "What people and programs did, the newest first",
        _list, gives=Listed[Act], roles=("admin",), query=_FILTERS,
    ),
)  # fmt: skip
