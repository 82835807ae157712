"""The parts of the public pages, their common answers, and when there are none at all."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from web import tongue
from web.assets import assets
from web.context import centre
from web.public import PREFIX
from web.public.spots import word

# a page is made anew when somebody asks half a minute later, however many ask
FRESH_S = 30
_FOR_EVER_S = 31536000
_FILES = ("public.css", "ronda.svg")
# nothing of a public page runs, and nothing is fetched from elsewhere
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

bp = Blueprint("public", __name__, url_prefix=PREFIX)


@bp.before_request
def open_up() -> None:
    """Speak the language that is asked for; where the centre shows nothing, there is nothing."""
    tongue.speak("en" if request.args.get("lang") == "en" else "id")
    if not centre().settings.public:
        abort(404)


@bp.after_request
def let_nothing_run(response: Response) -> Response:
    """The headers of every public answer."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.app_context_processor
def page_words() -> dict[str, object]:
    """What the templates of public pages ask for."""
    told: dict[str, object] = {
        "public_file": file_url,
        "public_url": page_url,
        "other_language": other_language,
    }
    told["open_data_url"] = open_data_url
    return told | {"citizens": centre().settings.citizens}


def kept(body: str, kind: str = "text/html; charset=utf-8", fresh_s: int = FRESH_S) -> Response:
    """An answer for everybody, that caches may keep so long."""
    response = make_response(body)
    response.content_type = kind
    response.headers["Cache-Control"] = f"public, max-age={fresh_s}"
    response.add_etag()
    response.make_conditional(request)
    return response


def page(template: str, fresh_s: int = FRESH_S, **facts: Any) -> Response:
    """A page for everybody; `checked` in its head is when what it tells was so."""
    return kept(render_template(f"public/{template}", word=word, **facts), fresh_s=fresh_s)


def page_url(endpoint: str, language: str = "", **values: Any) -> str:
    """Where a public page is, in the language spoken or another one."""
    found = url_for(f"public.{endpoint}", **values)
    return f"{found}?lang=en" if (language or tongue.spoken()) == "en" else found


def open_data_url() -> str:
    """Where the figures for other agencies are, in the language spoken."""
    found = url_for("opendata.home")
    return f"{found}?lang=en" if tongue.spoken() == "en" else found


def absolute(path: str) -> str:
    """A whole address, where the centre knows its own."""
    return centre().settings.public_url.rstrip("/") + path


def other_language() -> tuple[str, str]:
    """The other language, and this page in it."""
    other = "id" if tongue.spoken() == "en" else "en"
    return other, request.path + ("?lang=en" if other == "en" else "")


def file_url(name: str) -> str:
    """Where a file of the public pages is, with its content in the address."""
    return url_for("public.file", tag=assets()[name].tag, name=name)


@bp.get("/file/<tag>/<name>")
def file(tag: str, name: str) -> Response:
    """The stylesheet, or the mark."""
    if name not in _FILES or assets()[name].tag != tag:
        abort(404)
    asset = assets()[name]
    response = kept(asset.plain.decode(), asset.kind, _FOR_EVER_S)
    response.headers["Cache-Control"] += ", immutable"
    return response


@bp.get("/<path:_rest>")
def nowhere(_rest: str) -> Response:
    """All other addresses."""
    abort(404)
