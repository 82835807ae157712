"""`POST /prometheus/api/v1/write`: other programs send their series here, by remote_write.

The message of 1.0 and that of 2.0 are read; who sends 2.0 is told by headers how much was written.

What is refused is refused by name, with 400, and the rest of the request is kept: a sender does not
try again after 400, so nobody's numbers wait behind somebody's mistake. Never 429.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import Counter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Request, Response

from agent.strict import Refused
from collector.agents import sites_of_token
from collector.db import reading
from collector.foreign.body import READERS, Message, NotSpoken, TooLarge, inflate, message_of
from collector.foreign.carrying import pack
from collector.foreign.handing import NotTaken, hand_over
from collector.foreign.judging import AHEAD_S, Judged, Rules, judge
from collector.foreign.protobuf import Sent
from collector.granted import Granted
from collector.intake.auth import token_in
from collector.intake.wire import MAX_SENT_BYTES
from collector.outward.outlets import wanted
from collector.outward.post import CENTRES
from collector.series import foreign
from collector.settings import Settings
from web import tokens
from web.health import REGISTRY

PATH = "/prometheus/api/v1/write"
LARGEST_BODY = MAX_SENT_BYTES
# of two centres that send to each other, or one to itself, each would send on for ever
_CIRCLE = "this centre sends on what it takes, and takes nothing from a centre that does, too"
ROLES = ("noc", "admin")
_DAY_S = 86400
_RETRY_S = 5
_LOOK_EVERY_S = 5.0

SAMPLES = Counter("ronda_remote_write_samples", "Samples taken by remote_write", registry=REGISTRY)
REFUSED = Counter(
    "ronda_remote_write_refused", "Series refused in remote_write", ["reason"], registry=REGISTRY
)
PASSED_OVER = Counter(
    "ronda_remote_write_passed_over",
    "Exemplars and metadata that came by remote_write, which are kept nowhere",
    ["kind"],
    registry=REGISTRY,
)

log = logging.getLogger(__name__)


class Seats:
    """The series that are known, by key; of new ones as many as there is room for."""

    def __init__(self, history: Engine, most: int, clock: Callable[[], float]) -> None:
        self._history = history
        self._most = most
        self._clock = clock
        self._taken: set[bytes] = set()
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    def take(self, key: bytes) -> bool:
        """SQLAlchemyError when the database is away, and this series was not met yet."""
        if key in self._taken:
            return True
        with self._lock:
            # those that ended are forgotten in the end, and their seats are free again
            if not self._taken or len(self._taken) >= self._most:
                self._look()
            if key not in self._taken and len(self._taken) >= self._most:
                return False
            self._taken.add(key)
            return True

    def _look(self) -> None:
        now = self._clock()
        if not 0 <= now - self._looked_at < _LOOK_EVERY_S:
            with reading(self._history) as connection:
                self._taken = set(foreign.known(connection))
            self._looked_at = now


class RemoteWrite:
    """A WSGI application for this one address, over the tokens of the console and of agents."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        history: Engine,
        secret: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._store = store
        self._secret = secret
        self._clock = clock
        self._seats = Seats(history, settings.foreign_series, clock)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            response = self._answer(Request(environ))
        except NotSpoken as refused:
            response = _text(415, str(refused))
        except TooLarge as refused:
            response = _text(413, str(refused))
        except Refused as refused:
            REFUSED.labels("unreadable").inc()
            response = _text(400, str(refused))
        except NotTaken as error:
            response = _text(503, str(error), error.retry_s)
        except SQLAlchemyError:
            log.warning("remote_write", exc_info=True)
            response = _text(503, "the database cannot be read at the moment", _RETRY_S)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            response = _text(405, "POST only")
            response.headers["Allow"] = "POST"
            return response
        token = token_in(request.headers.get("Authorization"))
        sites = self._sites(token) if token else None
        if sites is None:
            response = _text(401, "a token of this centre is needed, of role noc or admin")
            response.headers["WWW-Authenticate"] = 'Basic realm="ronda"'
            return response
        given = request.headers.get
        if given("User-Agent", "").startswith(CENTRES) and wanted(self._settings):
            return _text(403, _CIRCLE)
        message = message_of(given("Content-Type", ""), given("Content-Encoding", ""))
        judged = self._judge(READERS[message](inflate(request.get_data())), sites)
        for payload in pack(judged.lines):
            hand_over(self._settings, self._secret, payload)
        response = _told(judged)
        if message is Message.V2:
            response.headers.update(_written(judged.samples))
        return response

    def _sites(self, token: str) -> frozenset[str] | Granted | None:
        """Whose token is it: the sites that it may speak for, or None when it may not write."""
        known = tokens.find(self._store, token, self._clock())
        if known is not None:
            return frozenset(known.scope.sites) if known.role in ROLES else None
        with reading(self._store) as connection:
            return sites_of_token(connection, token, self._clock())

    def _judge(self, sent: Iterable[Sent], sites: frozenset[str] | Granted) -> Judged:
        now = self._clock()
        oldest_s = now - self._settings.history_days * _DAY_S
        rules = Rules(sites, int(oldest_s * 1000), int((now + AHEAD_S) * 1000))
        return judge(sent, rules, self._seats)


def _told(judged: Judged) -> Response:
    SAMPLES.inc(judged.samples)
    for reason, count in judged.refused.items():
        REFUSED.labels(reason).inc(count)
    for kind, count in judged.passed_over.items():
        PASSED_OVER.labels(kind).inc(count)
    if not judged.refused:
        return Response(status=204)
    return _text(400, f"{judged.samples} samples are kept; refused:\n{judged.told()}")


def _written(samples: int) -> dict[str, str]:
    """What a sender of 2.0 counts by: a header that is missing would mean 0, but say so."""
    kept = {"Samples": samples, "Histograms": 0, "Exemplars": 0}
    return {f"X-Prometheus-Remote-Write-{kind}-Written": str(n) for kind, n in kept.items()}


def _text(status: int, words: str, retry_s: int | None = None) -> Response:
    response = Response(words, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    if retry_s is not None:
        response.headers["Retry-After"] = str(retry_s)
    return response
