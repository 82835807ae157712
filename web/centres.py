"""Centres that report to this one: how each regency stands, by its own centre's word."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, render_template

from agent.report import parse_series
from collector import centres
from collector.centres import AGES, Centre
from collector.db import reading
from collector.inventory import area_names
from collector.inventory.scope import Scope
from web.context import centre, facts, home_zone, now, scope
from web.directory import UNKNOWN, Directory
from web.freshness import freshness
from web.labels import STATES
from web.names import LIFE
from web.tongue import lazy_gettext
from web.upward import figures
from web.upward.looking import FRESH_INTERVALS, FRESH_S

bp = Blueprint("centres", __name__)

AGE_WORDS = {
    "under_1h": lazy_gettext("under 1 hour"),
    "under_4h": lazy_gettext("1 to 4 hours"),
    "under_24h": lazy_gettext("4 to 24 hours"),
    "older": lazy_gettext("over a day"),
}
# what a centre says of areas that it heard of by one beneath it may be so much older
LATE_S = 600.0


@dataclass(slots=True)
class Row:
    """One area; `heard` None: never. Where it is not `known` nothing else is told of it."""

    area: str
    name: str
    url: str
    heard: float | None
    known: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    ages: Counter[str] = field(default_factory=Counter)
    largest: int = 0
    people: int | None = None
    available: float | None = None
    available_day: float | None = None
    # its centre, where that one tells of several areas
    through: str = ""

    @property
    def open(self) -> int:
        return sum(self.ages.values())

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@bp.get("/centres")
def show() -> str:
    """Every area of every centre below, those in trouble first; silent ones are unknown."""
    directory = facts().directory()
    with reading(centre().store) as connection:
        below = centres.listing(connection)
        names = area_names(connection)
    rows = [
        row for one in below for row in rows_of(one, directory, names) if scope().sees(row.area)
    ]
    return render_template(
        "centres.html",
        rows=sorted(rows, key=badness),
        total=whole(rows),
        ages=AGE_WORDS,
        zone=home_zone(),
        fresh=freshness(facts().fold(), now()),
        rev=facts().rev(),
    )


def rows_of(one: Centre, directory: Directory, names: Mapping[str, str]) -> list[Row]:
    """What this centre tells of each of its areas; one row with no figures while it is silent."""
    heard = facts().numbers.last_report(one.row)
    place = directory.place(one.site)
    silent = place is None or directory.state[place] == UNKNOWN
    blank = Row(one.area, one.name, one.url, heard)
    if silent or heard is None:
        return [blank]
    since = now() - FRESH_INTERVALS * one.every_s - FRESH_S
    told = read(figures.forwarded(facts().numbers.latest(one.row), since, one.area))
    through = one.name if len(told) > 1 or one.area not in told else ""
    return [_named(row, one, names, through) for _, row in sorted(told.items()) if row.total] or [
        blank
    ]


def read(values: Mapping[str, float | None]) -> dict[str, Row]:
    """Series as rows by area. Pure."""
    rows: dict[str, Row] = {}
    for name, value in values.items():
        metric, labels = parse_series(name)
        area = labels["area"]
        row = rows.setdefault(area, Row(area, area, "", None, known=True))
        if value is None:
            continue
        if metric == centres.STATES_OF and labels.get("state") in STATES:
            row.counts[labels["state"]] = int(value)
        elif metric == centres.OPEN and labels.get("age") in AGES:
            row.ages[labels["age"]] = int(value)
        else:
            _put(row, metric, value)
    return rows


def _put(row: Row, metric: str, value: float) -> None:
    if metric == centres.LARGEST:
        row.largest = int(value)
    elif metric == centres.PEOPLE:
        row.people = int(value)
    elif metric == centres.AVAILABLE:
        row.available = value
    elif metric == centres.AVAILABLE_DAY:
        row.available_day = value
    elif metric == centres.HEARD:
        row.heard = value


def _named(row: Row, one: Centre, names: Mapping[str, str], through: str) -> Row:
    own = row.area == one.area
    name = one.name if own else names.get(row.area, row.area)
    made = replace(row, name=name, url=one.url, through="" if own else through)
    if row.heard is None or now() - row.heard > LATE_S:
        return Row(row.area, name, one.url, row.heard, through=made.through)
    return made


def whole(rows: Sequence[Row]) -> Row:
    """All areas together; what is not known of some is not in it."""
    made = Row("", "", "", None, known=any(row.known for row in rows))
    for row in rows:
        made.counts.update(row.counts)
        made.ages.update(row.ages)
        made.largest = max(made.largest, row.largest)
        if row.people is not None:
            made.people = (made.people or 0) + row.people
    return made


def badness(row: Row) -> tuple[bool, float, str]:
    """Known ones first, by the share of their sites that is down."""
    return not row.known, -(row.counts["down"] / row.total if row.total else 0.0), row.area


def any_below(directory: Directory, who: Scope) -> bool:
    """Whether this reader has centres beneath them to look at."""
    return bool((directory.visible(who) & (directory.names.life == LIFE[centres.LIFECYCLE])).any())
