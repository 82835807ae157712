"""What pages of the inventory share: their blueprint, who may change what, words for kinds."""

from typing import Any

from flask import Blueprint, abort, request

from collector.inventory.changes import Change
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.places import AREA_CODE, SITE_CODE
from web.context import me, scope
from web.tongue import lazy_gettext

bp = Blueprint("inventory", __name__, url_prefix="/inventory")

EDITORS = ("noc", "admin")
MOST_SHOWN = 50

TITLES: dict[str, Any] = {
    "areas": lazy_gettext("Areas"),
    "sites": lazy_gettext("Sites"),
    "uplinks": lazy_gettext("Lines and contracts"),
    "devices": lazy_gettext("Devices"),
    "services": lazy_gettext("Services"),
    "contacts": lazy_gettext("Contacts"),
    "holidays": lazy_gettext("Holidays"),
}


def may(place: str) -> bool:
    """Who sees everything changes everything; others what lies in their areas."""
    if scope().everything:
        return True
    inside = AREA_CODE.fullmatch(place) or SITE_CODE.fullmatch(place)
    return inside is not None and scope().sees(place)


def by() -> str:
    """Who does it, as history will say."""
    user = me()
    return "" if user is None else user.name


def skipped() -> int:
    """How many rows are left out at the beginning of a page."""
    text = request.args.get("skip", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        abort(400)
    return int(text)


def kind_of(name: str) -> Kind:
    """A kind that there is."""
    return KINDS.get(name) or abort(404)


def value(told: Any) -> str:
    """What stands in a row, as its file would say it."""
    if told in (None, ""):
        return "-"
    return f"{told:.10g}" if isinstance(told, float) else str(told)


def shown(change: Change) -> list[Any]:
    """The columns of a change that people look at: not a boundary of a thousand corners."""
    return [one for one in change.moved if one.column not in ("boundary", "row")]
