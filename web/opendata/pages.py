"""The addresses of open data: a catalogue to read, one for programs, and the files."""

import json
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, make_response, render_template, request

from collector.db import reading
from collector.evidence import seals
from collector.evidence.moments import ONE_DAY, local_day
from collector.inventory import area_names
from web import tongue
from web.context import centre, facts, now, scope
from web.opendata import PREFIX, cells, gather
from web.opendata.datasets import AVAILABILITY, DAILY, DATASETS, Dataset
from web.opendata.files import FORMS, columns
from web.opendata.gather import Asking
from web.opendata.metadata import SCHEMA, Publisher, catalogue, metadata
from web.tongue import gettext

# a day that is sealed anew is so mostly soon: how long a file of it may be kept, and of an old one
FRESH_S, OLD_FRESH_S = 3600, 86400
SOON = timedelta(days=7)
# days that the catalogue lists one by one
MOST_DAYS = 31
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

bp = Blueprint("opendata", __name__, url_prefix=PREFIX)


@bp.before_request
def open_up() -> None:
    """Where the centre shows nothing to everybody, there is nothing."""
    tongue.speak("en" if request.args.get("lang") == "en" else "id")
    if not centre().settings.public:
        abort(404)


@bp.after_request
def for_all(response: Response) -> Response:
    """Any page of anybody may read it."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


# a redirect would name the address the server listens at
@bp.get("/", strict_slashes=False)
def home() -> Response:
    """The catalogue, to read."""
    by = publisher()
    days = _days(by, MOST_DAYS)
    body = render_template(
        "opendata/catalogue.html",
        datasets=list(DATASETS.values()),
        daily=DAILY,
        columns=columns,
        forms=list(FORMS),
        by=by,
        days=days,
        spoken=tongue.spoken(),
        prefix=PREFIX,
        units={"percent": gettext("percent"), "count": gettext("a count"), "h": gettext("hours")},
    )
    return _answer(body.encode(), "text/html; charset=utf-8")


@bp.get("/catalog.json")
def catalog() -> Response:
    """The catalogue, for programs."""
    return _json(catalogue(list(DATASETS.values()), publisher()))


@bp.get("/schema.json")
def schema() -> Response:
    """By which every metadata.json is valid."""
    return _json(dict(SCHEMA))


@bp.get("/<name>/metadata.json")
def told(name: str) -> Response:
    """What a dataset means."""
    return _json(metadata(_dataset(name), publisher()))


@bp.get("/<name>/days.json")
def days(name: str) -> Response:
    """The days that a dataset has files of, the newest first."""
    by, dataset = publisher(), _dataset(name)
    listed = _days(by, 100_000) if dataset.comes == DAILY else []
    return _json({"dataset": dataset.name, "days": listed})


@bp.get("/<name>/<stem>.<ending>")
def file(name: str, stem: str, ending: str) -> Response:
    """One file: of a day, or of a dataset as it is now."""
    dataset = _dataset(name)
    form = FORMS.get(ending) or abort(404)
    day = checked_day(dataset, stem, publisher())
    rows = cells.public(dataset, exact(dataset, day, everybody=True))
    if not rows and dataset is AVAILABILITY:
        # none of that day is sealed yet
        abort(404)
    body = form.write(dataset, stem if day else "", rows)
    settled = day is not None and day + SOON < date.fromisoformat(publisher().last)
    return _answer(body, form.media, OLD_FRESH_S if settled else FRESH_S)


def exact(dataset: Dataset, day: date | None, everybody: bool) -> gather.Rows:
    """The rows as they are, of what everybody may see, or of what the caller may."""
    settings = centre().settings
    sees = gather.everybody(settings) if everybody else gather.scoped(scope())
    with reading(centre().store) as connection:
        asking = Asking(connection, facts().numbers, settings, sees)
        return gather.READ[dataset.name](asking, day or date.min)


def checked_day(dataset: Dataset, stem: str, by: Publisher) -> date | None:
    """The day of a file's name; None for one that is of no day. Not found: there is none such."""
    if dataset.comes != DAILY:
        return None if stem == dataset.name else abort(404)
    try:
        day = date.fromisoformat(stem)
    except ValueError:
        abort(404)
    # 20261031 is the same day by another address
    if stem != day.isoformat() or not by.first <= stem <= by.last or not by.first:
        abort(404)
    return day


def publisher() -> Publisher:
    """Who publishes what, from the first sealed day to yesterday."""
    settings = centre().settings
    zone = ZoneInfo(settings.timezone)
    yesterday = (local_day(now(), zone) - ONE_DAY).isoformat()
    with reading(centre().store) as connection:
        first = seals.first_day(connection) or ""
        producer = settings.data_producer or _default(area_names(connection))
    last = yesterday if first and first <= yesterday else ""
    base = settings.public_url.rstrip("/")
    given = (settings.data_licence, settings.data_codes, settings.timezone)
    return Publisher(producer, *given, first if last else "", last, base)


def _default(names: dict[str, str]) -> str:
    regencies = [name for code, name in names.items() if len(code) == 5 and code[:2] != "00"]
    return f"Diskominfo {regencies[0]}" if len(regencies) == 1 else "Diskominfo"


def _days(by: Publisher, most: int) -> list[str]:
    if not by.first:
        return []
    first, day, found = date.fromisoformat(by.first), date.fromisoformat(by.last), list[str]()
    while day >= first and len(found) < most:
        found.append(day.isoformat())
        day -= ONE_DAY
    return found


def _dataset(name: str) -> Dataset:
    return DATASETS.get(name) or abort(404)


def _json(told: Any) -> Response:
    return _answer(json.dumps(told, ensure_ascii=False).encode(), "application/json")


def _answer(body: bytes, kind: str, fresh_s: int = FRESH_S) -> Response:
    response = make_response(body)
    response.content_type = kind
    response.headers["Cache-Control"] = f"public, max-age={fresh_s}"
    response.add_etag()
    response.make_conditional(request)
    return response
