"""What somebody without an account is told who asked for a page that is not there, or not now."""

from flask import Response, make_response, render_template

from web.tongue import gettext, lazy_gettext

_TITLES = {
    400: lazy_gettext("This cannot be understood"),
    404: lazy_gettext("There is no such page"),
    413: lazy_gettext("Too much was sent"),
    429: lazy_gettext("That was too fast"),
    503: lazy_gettext("Not available at the moment"),
}


def page(code: int, said: str) -> Response:
    """The page; nothing of it is kept for others."""
    title = _TITLES.get(code, _TITLES[503 if code >= 500 else 400])
    advice = gettext("Look again in a few minutes.") if code in (429, 500, 503) else ""
    body = render_template("public/refused.html", title=title, said=said or advice)
    response = make_response(body, code)
    response.headers["Cache-Control"] = "no-store"
    return response
