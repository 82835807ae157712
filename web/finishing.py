"""What is done to each answer before it goes out: its headers, the mark of a drill, packing."""

import gzip

from flask import Response, request

from web import drill
from web.public import front

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_WORTH_PACKING = 600


def finish(response: Response) -> Response:
    """The answer as it goes out."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if front.wanted(request.path):
        # each public page says itself how long it may be kept
        response.headers.setdefault("Cache-Control", "no-store")
        drill.mark_page(response)
        _pack(response)
    elif request.endpoint != "assets.show":
        # what one person saw must not be there for the next one at a shared computer
        response.headers["Cache-Control"] = "no-store"
        drill.mark_page(response)
        _pack(response)
    return response


def _pack(response: Response) -> None:
    body = b"" if response.is_streamed else response.get_data()
    if len(body) < _WORTH_PACKING or not request.accept_encodings["gzip"]:
        return
    response.set_data(gzip.compress(body, 5, mtime=0))
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
