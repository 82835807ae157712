"""The way of a request: which endpoint, who asks, may they, what with; then one answer."""

from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from agent.strict import Refused
from collector.inventory.handwork import Overtaken
from web import reasons
from web.api import asking, gate, openapi, problems, reading
from web.api.endpoints import ENDPOINTS
from web.api.problems import No, Wrong
from web.api.table import JSON, PREFIX, Call, Endpoint, Reply

bp = Blueprint("api", __name__)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
DOCUMENT = f"{PREFIX}/openapi.json"
_BY_NAME = {one.name: one for one in ENDPOINTS}
_LARGEST = 2**63


@bp.route(f"{PREFIX}/<path:rest>", methods=_METHODS, provide_automatic_options=False)
def answer(rest: str) -> Response:
    """All of the API: what is found is in the table."""
    asking.greet()
    if request.path == DOCUMENT and request.method in ("GET", "HEAD"):
        return Response(openapi.text(), content_type=JSON)
    try:
        return _answer()
    except No as no:
        return no.response()
    except Overtaken as overtaken:
        return problems.response(412, str(overtaken))
    except Refused as refused:
        wrong = Wrong(refused.place, reasons.say(refused.problem))
        return problems.response(422, "", (wrong,))
    except HTTPException as error:
        return problems.response(error.code or 500, error.description or "")


def _answer() -> Response:
    request.max_content_length = gate.largest(request.method, request.path)
    asking.recognise()
    if "\0" in request.path or any("\0" in f"{k}{v}" for k, v in request.args.items(multi=True)):
        raise No(400, "the address holds a NUL character")
    endpoint, path = _route()
    asking.permit(endpoint)
    seen, query, body = reading.revision(endpoint), reading.query(endpoint), reading.body(endpoint)
    return _told(endpoint, endpoint.do(Call(path, query, body, seen)))


def _route() -> tuple[Endpoint, dict[str, Any]]:
    if request.path == DOCUMENT:
        raise No(405, headers={"Allow": "GET, HEAD"})
    try:
        name, path = _routes().bind("").match(request.path, request.method)
    except MethodNotAllowed as error:
        allowed = ", ".join(sorted(error.valid_methods or ()))
        raise No(405, f"here is {allowed}", headers={"Allow": allowed}) from None
    except (NotFound, RequestRedirect):
        raise No(404, "there is no such endpoint") from None
    if any(isinstance(part, int) and part >= _LARGEST for part in path.values()):
        raise No(404)
    return _BY_NAME[name], dict(path)


@cache
def _routes() -> Map:
    """Made for the first request: it takes longer than most files of the console to bring in."""
    rules = [Rule(one.rule, endpoint=one.name, methods=[one.method]) for one in ENDPOINTS]
    return Map(rules, strict_slashes=False, merge_slashes=False)


def _told(endpoint: Endpoint, reply: Reply) -> Response:
    headers = {"ETag": f'"{reply.mark}"'} if reply.mark else {}
    if reply.location:
        headers["Location"] = PREFIX + reply.location
    if endpoint.gives is None:
        return Response(b"", 204, headers)
    raw = isinstance(reply.body, bytes)
    told = reply.body if raw else msgspec.json.encode(reply.body, enc_hook=_plain)
    return Response(told, endpoint.status, {**headers, "Content-Type": endpoint.media})


def _plain(value: object) -> str:
    """Names of columns come as texts of a kind of their own."""
    if isinstance(value, str):
        return "".join(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON knows")
