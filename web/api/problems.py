"""Refusals as RFC 9457 has them: what is wrong, and where."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from flask import Response
from msgspec import Meta, Struct

from web.api.table import PREFIX

MEDIA = "application/problem+json"
_LONGEST = 1000


class Wrong(Struct, frozen=True):
    """One thing that is wrong."""

    where: Annotated[str, Meta(description="a field, a value of the query, a header, a line")]
    what: str


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why it was not done."""

    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    type: str = "about:blank"
    detail: str = ""
    errors: tuple[Wrong, ...] = ()
    changed_by: Annotated[str, Meta(description="who was there first, if known")] = ""
    current: Annotated[
        dict[str, Any] | None, Meta(description="the thing as it is now; its mark is the ETag")
    ] = None


class No(Exception):
    """Ends a call with a refusal; `mark` is of the thing as it is now."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *errors: Wrong,
        mark: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors
        self.mark, self.headers, self.more = mark, headers or {}, more

    def response(self) -> Response:
        """The refusal as an answer."""
        headers = dict(self.headers)
        if self.mark:
            headers["ETag"] = f'"{self.mark}"'
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="ronda"'
        return response(self.status, self.detail, self.errors, headers, **self.more)


def wanted(path: str) -> bool:
    """Is it a program of the API that asks?"""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def response(
    status: int,
    detail: str = "",
    errors: tuple[Wrong, ...] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A refusal as an answer."""
    return Response(
        text(status, detail, errors, **more), status, {**(headers or {}), "Content-Type": MEDIA}
    )


def text(status: int, detail: str = "", errors: tuple[Wrong, ...] = (), **more: Any) -> bytes:
    """A refusal as JSON."""
    title = HTTPStatus(status).phrase
    told = Problem(title, status, detail=detail[:_LONGEST], errors=errors, **more)
    return msgspec.json.encode(told)
