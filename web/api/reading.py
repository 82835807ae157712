"""What a request holds, read strictly: the query, the body, the mark of what was seen."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import request

from web.api.problems import No, Wrong
from web.api.table import JSON, Endpoint, Schema

_MARK = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{1,64})"')
_AT = re.compile(r" - at `\$(.*)`$")
_NUL = (b"\0", b"\\u0000")


def query(endpoint: Endpoint) -> dict[str, Any]:
    """Each value by its name; every one that is wrong is told."""
    known = {one.name: one for one in endpoint.query}
    found: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for name, given in request.args.lists():
        try:
            found[name] = _read(known, name, given)
        except ValueError as error:
            wrong.append(Wrong(name[:100], str(error)))
    if wrong:
        raise No(422, "the query holds what cannot be understood", *wrong)
    return found


def _read(known: Mapping[str, Any], name: str, given: list[str]) -> Any:
    if name not in known:
        raise ValueError(f"is not known; known are {', '.join(known) or 'none'}")
    if len(given) != 1:
        raise ValueError("is given more than once")
    return known[name].read(given[0])


def body(endpoint: Endpoint) -> Any:
    """The body as its shape; None where none is taken."""
    if endpoint.takes is None:
        return None
    if request.mimetype not in endpoint.brings:
        raise No(415, f"the body must be {' or '.join(endpoint.brings)}")
    data = request.get_data()
    if JSON not in endpoint.brings:
        return data
    if any(nul in data for nul in _NUL):
        raise No(400, "the body holds a NUL character")
    shape = endpoint.takes.kind if isinstance(endpoint.takes, Schema) else endpoint.takes
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        text = str(error)
        at = _AT.search(text)
        where = at[1].lstrip(".") if at else ""
        raise No(422, "the body has another shape", Wrong(where, _AT.sub("", text))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise No(400, f"the body is no JSON: {error}") from None


def revision(endpoint: Endpoint) -> str:
    """The mark of what the caller has seen; nobody changes what they have not."""
    if not endpoint.revised:
        return ""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise No(428, "If-Match must hold the mark (ETag) of what you have seen")
    found = _MARK.fullmatch(given)
    if found is None:
        raise No(400, "If-Match must hold one mark in quotes")
    return found[1]
