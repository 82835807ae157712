"""The OpenAPI document, made of the table that requests go by."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from web.api import refusals
from web.api.endpoints import ENDPOINTS, GROUPS
from web.api.problems import MEDIA, Problem
from web.api.table import PREFIX, Endpoint, Schema, Shape, whole

VERSION = "1"
_REF = "#/components/schemas/"
_ABOUT = """What the console knows and does, for programs. Every request carries
`Authorization: Bearer TOKEN`; the token's role and areas limit everything: what lies elsewhere is
answered like what does not exist. Lists come in pages: hand `next` back as `cursor`. What has a
mark (`ETag`) is changed and removed with `If-Match`: nobody overwrites what they have not seen."""


@cache
def text() -> bytes:
    """The document as it is served."""
    return msgspec.json.encode(_document())


def document() -> dict[str, Any]:
    """The document as whoever reads it finds it."""
    found: dict[str, Any] = msgspec.json.decode(text())
    return found


def _document() -> dict[str, Any]:
    told = [shape for one in ENDPOINTS for shape in (one.gives, one.takes) if shape is not None]
    classes = [Problem, *(one for one in told if not isinstance(one, Schema))]
    schemas = {one.name: dict(one.told) for one in told if isinstance(one, Schema)}
    shapes, components = msgspec.json.schema_components(
        dict.fromkeys(classes), ref_template=f"{_REF}{{name}}"
    )
    refs = dict(zip(dict.fromkeys(classes), shapes, strict=True))
    assert not components.keys() & schemas.keys(), "two shapes of one name"
    paths: dict[str, dict[str, Any]] = {}
    for one in ENDPOINTS:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ronda", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": about} for name, about in GROUPS.items()],
        "paths": paths,
        "components": {
            "schemas": {**components, **schemas},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Endpoint, refs: Mapping[Shape, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.group],
        "summary": one.about,
        "description": _who(one),
        "parameters": [*_in_path(one), *_in_query(one), *_in_header(one)],
        "responses": dict(_responses(one, refs)),
    }
    if one.takes is not None:
        content = {media: {"schema": _schema(one.takes, refs)} for media in one.brings}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _who(one: Endpoint) -> str:
    where = ", who sees every area" if one.everywhere else ""
    return f"Roles: {', '.join(one.roles)}{where}."


def _schema(shape: Shape, refs: Mapping[Shape, Any]) -> Any:
    return {"$ref": _REF + shape.name} if isinstance(shape, Schema) else refs[shape]


def _in_path(one: Endpoint) -> Iterable[dict[str, Any]]:
    for name in one.parts:
        shape: dict[str, Any] = {"type": "string", "minLength": 1}
        if whole(name):
            shape = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
        about = {"description": one.about_path[name]} if name in one.about_path else {}
        yield {"name": name, "in": "path", "required": True, "schema": shape, **about}


def _in_query(one: Endpoint) -> Iterable[dict[str, Any]]:
    for param in one.query:
        yield {
            "name": param.name,
            "in": "query",
            "description": param.about,
            "required": False,
            "schema": dict(param.schema),
        }


def _in_header(one: Endpoint) -> Iterable[dict[str, Any]]:
    if one.revised:
        shape = {"type": "string", "pattern": '^"[!#-~]{1,64}"$'}
        about = "the mark (`ETag`) of what you have seen, in its quotes"
        yield {
            "name": "If-Match",
            "in": "header",
            "description": about,
            "required": True,
            "schema": shape,
        }


def _responses(one: Endpoint, refs: Mapping[Shape, Any]) -> Iterable[tuple[str, Any]]:
    headers: dict[str, Any] = {}
    if one.marked:
        about = "the mark of what is shown, for `If-Match`"
        headers["ETag"] = {"description": about, "schema": {"type": "string"}}
    if one.status == 201:
        headers["Location"] = {"description": "where it stands", "schema": {"type": "string"}}
    good: dict[str, Any] = {"description": "done", "headers": headers}
    if one.gives is None:
        yield "204", good
    else:
        good["content"] = {one.media: {"schema": _schema(one.gives, refs)}}
        yield str(one.status), good
    for status in refusals.of(one):
        content = {MEDIA: {"schema": refs[Problem]}}
        told: dict[str, Any] = {"description": refusals.ABOUT[status], "content": content}
        if status == 429:
            about = "seconds to wait"
            told["headers"] = {"Retry-After": {"description": about, "schema": {"type": "integer"}}}
        yield str(status), told
