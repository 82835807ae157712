"""What reports somebody may read, in which forms, and which one is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app
from sqlalchemy import Connection

from agent.strict import Refused
from collector.evidence import dates, sources
from collector.evidence.dates import Warned
from collector.inventory.scope import Scope
from web.context import centre, home_zone, me, now, scope
from web.reports import editions
from web.reports.editions import FORMS, Edition, Wanted
from web.reports.press import Job, Press
from web.tongue import LANGUAGES, spoken

PRESS = "ronda_press"
# who may read of contracts: what is paid, what is owed
READS_MONEY = ("viewer", "noc", "admin")
# the form that tells of no contract
_PLAIN = ("csv",)


@dataclass(frozen=True, slots=True)
class Asked:
    """One report as somebody sees it: what is kept of it, and how far a new one is."""

    wanted: Wanted
    edition: Edition | None
    job: Job | None

    @property
    def figures(self) -> Mapping[str, Any] | None:
        return self.edition.figures if self.edition else None


def press() -> Press:
    """The one of this console."""
    # it works only once it is asked: of two that are made at once one is forgotten
    found: Press = current_app.extensions.setdefault(PRESS, Press(centre().settings))
    return found


def reads_money() -> bool:
    """May the reader read of contracts?"""
    user = me()
    return user is not None and user.role in READS_MONEY


def forms() -> Sequence[str]:
    """The forms that the reader may have."""
    return tuple(FORMS) if reads_money() else _PLAIN


def wanted(words: Mapping[str, Any]) -> Wanted:
    """What these words ask for; Refused: they cannot be; 404: it lies outside of the reader's
    areas, as if it were none."""
    area = str(words.get("area") or "").strip()
    reader = scope()
    if not area and not reader.everything:
        area = home(reader)
    found = Wanted(
        str(words.get("month") or last_month()).strip(),
        area,
        " ".join(str(words.get("isp") or "").split()),
        str(words.get("language") or spoken()),
    )
    found.check()
    if found.language not in LANGUAGES:
        raise Refused("language", f"must be one of {', '.join(LANGUAGES)}")
    if not found.month <= this_month():
        raise Refused("month", "has not begun yet")
    if found.area and not reader.sees(found.area):
        abort(404)
    return found


def home(reader: Scope) -> str:
    """The first of the areas or sites of somebody who does not see everything."""
    return (*reader.areas, *reader.sites)[0]


def look(one: Wanted) -> Asked:
    """What is kept of a report, and how far a new one is; where there is none in the language
    that was asked for, one in another."""
    folder = centre().settings.folder
    others = (replace(one, language=language) for language in LANGUAGES)
    kept = (editions.newest(folder, each) for each in (one, *others))
    return Asked(one, next((each for each in kept if each is not None), None), press().job(one))


def shown(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that the reader may read."""
    if reads_money():
        return dict(figures)
    hidden: dict[str, Any] = {"refunds": [], "refunds_rp": None, "contracts_outside": None}
    changes = [{**one, "supplements": None, "rupiah": None} for one in figures["changes"]]
    return {**figures, **hidden, "changes": changes}


def last_month() -> str:
    """The month that is over, by the clocks of the control room."""
    here = datetime.fromtimestamp(now(), home_zone())
    year, month = (here.year, here.month - 1) if here.month > 1 else (here.year - 1, 12)
    return f"{year}-{month:02d}"


def this_month() -> str:
    """The month that goes on somewhere: clocks differ by hours."""
    return f"{datetime.fromtimestamp(now() + 43_200, UTC):%Y-%m}"


def months(count: int = 24) -> list[str]:
    """The months that a reader chooses from, the newest first."""
    year, month = (int(part) for part in this_month().split("-"))
    found = []
    for _ in range(count):
        found.append(f"{year}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def warnings(connection: Connection) -> tuple[list[Warned], str]:
    """What is due of contracts in the reader's areas; as of when the month so far was looked at,
    "": it was not."""
    rows = [row for row in sources.uplink_rows(connection) if scope().sees(row["site"])]
    today = datetime.fromtimestamp(now(), home_zone()).date()
    figures = _this_month()
    works: dict[tuple[str, str], float | None] = {
        (line["site"], line["name"]): line["availability_percent"]
        for line in (figures["lines"] if figures else ())
    }
    as_of = str(figures["as_of"]) if figures else ""
    return dates.warned(rows, today, works), as_of


def _this_month() -> Mapping[str, Any] | None:
    reader = scope()
    area = "" if reader.everything else home(reader)
    month = f"{datetime.fromtimestamp(now(), home_zone()):%Y-%m}"
    kept = (
        editions.newest(centre().settings.folder, Wanted(month, area, "", language))
        for language in LANGUAGES
    )
    found = [each.figures for each in kept if each is not None]
    return max(found, key=lambda each: str(each["as_of"]), default=None)
