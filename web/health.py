"""Is the console well, and its counters: /healthz and /metrics."""

import shutil
from ipaddress import ip_address

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from alerts import figures
from alerts.alertmanager.sender import states
from collector import release
from collector.backup import records
from collector.db import reading
from collector.lease import works_here
from collector.outward.bag import waiting_bytes
from collector.outward.outlets import wanted
from collector.outward.store import listed
from collector.series.history import History
from web import tokens
from web.board import Fold
from web.context import centre, facts, me, now
from web.tongue import gettext

bp = Blueprint("health", __name__)

LAG_LIMIT_S = 30.0
LEAST_FREE_BYTES = 64 << 20

REGISTRY = CollectorRegistry()
PAGES = Counter("ronda_console_requests", "Pages answered", ["status"], registry=REGISTRY)
CLIENTS = Gauge("ronda_console_live_clients", "Open live connections", registry=REGISTRY)
REFUSED = Counter(
    "ronda_console_live_refused", "Live connections refused", ["full"], registry=REGISTRY
)
FOREIGN = Counter(
    "ronda_foreign_alerts", "Alerts of other Alertmanagers", ["was"], registry=REGISTRY
)
HEARS = {
    name: Gauge(f"ronda_alertmanager_{name}", says, ["target"], registry=REGISTRY)
    for name, says in (
        ("fine", "Whether the last round to it went well"),
        ("success_timestamp_seconds", "When one went well last"),
        ("alerts", "Open incidents that it is told of"),
        ("left_out", "Open incidents that are too many"),
    )
}
OPEN = Gauge("ronda_incidents_open", "Incidents that are not over", registry=REGISTRY)
WAITING = Gauge("ronda_outbox_waiting", "Messages that are due and not sent", registry=REGISTRY)
WAITED = Gauge(
    "ronda_outbox_oldest_wait_seconds", "How long the oldest one untried is due", registry=REGISTRY
)
LAG = Gauge("ronda_fold_lag_seconds", "How far the fold is behind the journal", registry=REGISTRY)
SAID = Gauge("ronda_fold_status_age_seconds", "Age of the fold's last word", registry=REGISTRY)
DECODED = Gauge("ronda_decoded_bytes", "Decoded numbers kept in memory", registry=REGISTRY)
FOUND = Gauge("ronda_decoded_found_ratio", "Columns found there, of all", registry=REGISTRY)
WORKED = {
    name: Gauge(f"ronda_backup_{name}", says, ["what"], registry=REGISTRY)
    for name, says in (
        ("fine", "Whether the last one went well"),
        ("success_timestamp_seconds", "When the last good one began"),
        ("duration_seconds", "How long the last good one took"),
        ("size_bytes", "How large the last good one was"),
    )
}
OUTLETS = {
    name: Gauge(f"ronda_outward_{name}", says, ["outlet"], registry=REGISTRY)
    for name, says in (
        ("sent_samples", "Samples that a receiver of remote_write took"),
        ("refused_samples", "Samples that it refused for good"),
        ("dropped_samples", "Samples that waited too long and were dropped"),
        ("waiting_bytes", "What waits for it"),
        ("behind_seconds", "Age of the newest sample that it was told"),
        ("up", "Whether it took what it was sent last"),
    )
}


def watched(numbers: History) -> History:
    """The same; the figures tell what this process keeps of it decoded."""
    shelf = numbers.shelf
    DECODED.set_function(lambda: shelf.held_bytes)
    FOUND.set_function(lambda: shelf.found / max(shelf.found + shelf.missed, 1))
    return numbers


@bp.after_app_request
def count(response: Response) -> Response:
    """One more page, by the first digit of its status."""
    PAGES.labels(f"{response.status_code // 100}xx").inc()
    return response


@bp.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 and how it is, or 503 and why; with `?engine` also 503 where another machine's works."""
    problems, fold = [], None
    try:
        fold = facts().fold()
        if "engine" in request.args and not _works_here():
            problems.append("the engine of this machine does not work")
    except SQLAlchemyError:
        problems.append("the database cannot be read")
    else:
        problems += _behind(fold)
    if shutil.disk_usage(centre().settings.folder).free < LEAST_FREE_BYTES:
        problems.append("the disk is full")
    body: dict[str, object] = {"status": "; ".join(problems) or "ok", "version": release.number()}
    body["database"] = "ok" if "the database cannot be read" not in problems else "gone"
    body["fold_lag_s"] = round(_lag(fold), 3) if fold else None
    return jsonify(body), 503 if problems else 200


def _works_here() -> bool:
    with reading(centre().store) as connection:
        return works_here(connection, centre().settings)


@bp.get("/metrics")
def metrics() -> Response:
    """Prometheus text; from elsewhere than this machine with a token or as noc."""
    if not _from_here():
        _authorised()
    try:
        fold = facts().fold()
        _backups()
        _outlets()
        _alertmanagers()
        _outbox()
    except SQLAlchemyError:
        fold = None
    CLIENTS.set(centre().live_clients())
    LAG.set(fold.lag_s if fold else float("nan"))
    SAID.set(now() - fold.at if fold else float("nan"))
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _backups() -> None:
    """By kind: backup, copy, test; what was never done has no figures."""
    with reading(centre().store) as connection:
        works = records.works(connection)
    for what in records.What:
        newest, good = records.last(works, what), records.last_fine(works, what)
        if newest is not None:
            WORKED["fine"].labels(what).set(newest.fine)
        if good is not None and good.took_s is not None:
            WORKED["success_timestamp_seconds"].labels(what).set(good.at)
            WORKED["duration_seconds"].labels(what).set(good.took_s)
            WORKED["size_bytes"].labels(what).set(good.bytes)


def _outlets() -> None:
    """Of each receiver that is configured."""
    settings, told = centre().settings, now()
    with reading(centre().store) as connection:
        known = [one for one in listed(connection) if one.name in wanted(settings)]
    for one in known:
        waiting = waiting_bytes(settings.folder / "outward", one.position)
        figures = {
            "sent_samples": one.sent,
            "refused_samples": one.refused,
            "dropped_samples": one.dropped,
            "waiting_bytes": waiting,
            "behind_seconds": told - one.reached if waiting else 0.0,
            "up": not one.trouble,
        }
        for name, figure in figures.items():
            OUTLETS[name].labels(one.name).set(figure)


def _alertmanagers() -> None:
    with reading(centre().store) as connection:
        told = states(connection, centre().settings)
    for one in told:
        for name, value in (
            ("fine", one.fine),
            ("success_timestamp_seconds", one.fine_at),
            ("alerts", one.open),
            ("left_out", one.left_out),
        ):
            HEARS[name].labels(one.host).set(value)


def _outbox() -> None:
    with reading(centre().store) as connection:
        seen = figures.look(connection, now())
    OPEN.set(seen.open)
    WAITING.set(seen.waiting)
    WAITED.set(seen.waited_s)


def _behind(fold: Fold | None) -> list[str]:
    if fold is None:
        return []
    lag = _lag(fold)
    return [f"the fold is {lag:.0f} s behind"] if lag > LAG_LIMIT_S else []


def _lag(fold: Fold) -> float:
    # a fold that died says nothing more: its silence counts as lag
    return max(fold.lag_s, now() - fold.at)


def _from_here() -> bool:
    # A proxy on this machine that nobody listed must not make the whole world local.
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _authorised() -> None:
    user = me()
    if user and user.role in ("noc", "admin") and user.scope.everything:
        return
    given = request.authorization
    text = (given.token or given.password) if given else None
    if text:
        found = tokens.find(centre().store, text, now())
        if found and found.scope.everything:
            return
    abort(403 if user or text else 401, gettext("These figures need a token of this centre."))
