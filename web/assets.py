"""Static files: read once, compressed once, named by their content so that browsers keep them."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

bp = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes out."""

    kind: str
    tag: str
    plain: bytes
    small: bytes


@cache
def assets(folder: Path = FOLDER) -> dict[str, Asset]:
    """All files under `folder` by their path in it."""
    return {
        str(path.relative_to(folder)): _read(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def asset_url(name: str) -> str:
    """Where a static file is, with its content in the address."""
    return _address(request.script_root, name)


@cache
def _address(_root: str, name: str) -> str:
    return url_for("assets.show", name=name, v=assets()[name].tag)


@bp.get("/static/<path:name>")
def show(name: str) -> Response:
    """A static file; kept for a year when asked for by content."""
    asset = assets().get(name) or abort(404)
    packed = request.accept_encodings["gzip"] > 0
    response = Response(asset.small if packed else asset.plain, content_type=asset.kind)
    if packed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(asset.tag + ("z" if packed else ""))
    fresh = request.args.get("v") == asset.tag
    response.cache_control.public = True
    response.cache_control.max_age = 31536000 if fresh else 300
    if fresh:
        response.cache_control.immutable = True
    response.make_conditional(request)
    return response


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    tag = hashlib.sha256(content).hexdigest()[:12]
    if kind.startswith(("text/", "image/svg")):
        kind += "; charset=utf-8"
    return Asset(kind, tag, content, gzip.compress(content, 9, mtime=0))
