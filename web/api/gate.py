"""Requests of programs have threads of their own, so that no page waits for them; files of imports
and photos come in few at a time, and only from who may send them."""

import re
from collections.abc import Callable, Sequence

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from web import incident_acts, uploads
from web.api import alertmanager, asking, problems
from web.api.problems import No
from web.api.table import EDITORS, PREFIX
from web.bridge import LARGEST_BODY, Bridge, Receive, Scope, Send
from web.context import me
from web.door import Door, Sender
from web.inventory import uploading
from web.people import ROLES
from web.pictures import LARGEST_FILE

THREADS = 3
_IMPORTS = f"{PREFIX}/imports"
_PHOTO = re.compile(rf"{PREFIX}/incidents/([0-9]{{1,19}})/photo")
_LOOKS = re.compile(rf"{_IMPORTS}/[0-9]{{1,19}}(/apply|/undo)?")
# in JSON a line's end and a quote take two bytes
LARGEST_FILES = uploading.LARGEST_BODY * 3 // 2


def brings_tables(method: str, path: str) -> bool:
    """Whether the body of this request may be files of an import."""
    return method == "POST" and path == _IMPORTS


def brings_photo(method: str, path: str) -> bool:
    """Whether the body of this request may be a photo."""
    return method == "POST" and _PHOTO.fullmatch(path) is not None


def brings_alerts(method: str, path: str) -> bool:
    """Whether the body of this request may be alerts of others."""
    return method == "POST" and path == PREFIX + alertmanager.PATH


def largest(method: str, path: str) -> int:
    """How large the body of a request may be."""
    if brings_photo(method, path):
        return LARGEST_FILE
    if brings_alerts(method, path):
        return alertmanager.LARGEST_BODY
    return LARGEST_FILES if brings_tables(method, path) else LARGEST_BODY


class Gate:
    """All that is asked of the API."""

    def __init__(
        self,
        app: Flask,
        most: int = uploading.MOST_AT_ONCE,
        most_each: int = uploading.MOST_OF_ONE,
    ) -> None:
        kind = problems.MEDIA.encode()
        self._asked = Bridge(app, THREADS, say=_refusal, kind=kind)
        self._looks = Bridge(app, 1, say=_refusal, kind=kind)
        alerts = Bridge(app, 1, alertmanager.LARGEST_BODY, say=_refusal, kind=kind)
        self._alerts = Door(app, alerts, _teller, *alertmanager.MOST_ON_THE_WAY)
        files = Bridge(app, 1, LARGEST_FILES, uploading.BODY_S, say=_refusal, kind=kind)
        self._files = Door(app, files, _sender, most, most_each)
        photos = Bridge(
            app, 1, LARGEST_FILE, uploads.BODY_S, uploads.QUIET_S, say=_refusal, kind=kind
        )
        self._photos = Door(app, photos, _photographer, uploads.MOST_AT_ONCE, uploads.MOST_OF_ONE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if brings_tables(scope["method"], scope["path"]):
            await self._files(scope, receive, send)
        elif brings_photo(scope["method"], scope["path"]):
            await self._photos(scope, receive, send)
        elif brings_alerts(scope["method"], scope["path"]):
            await self._alerts(scope, receive, send)
        elif _LOOKS.fullmatch(scope["path"]):
            await self._looks(scope, receive, send)
        else:
            await self._asked(scope, receive, send)

    async def close(self, limit_s: float) -> None:
        """Wait for what is being answered."""
        for part in (self._asked, self._looks, self._alerts, self._files, self._photos):
            await part.close(limit_s)


def _sender() -> Sender:
    """In whose name files come, where they may."""
    return _named(lambda name: name, EDITORS)


def _teller() -> Sender:
    """In whose name alerts of others come."""
    return _named(lambda name: name, alertmanager.ROLES)


def _photographer() -> Sender:
    """In whose name a photo comes, where that one may send photos of this incident."""
    found = _PHOTO.fullmatch(request.path)
    number = int(found[1]) if found else 0
    return _named(lambda _: incident_acts.photographer(number), ROLES)


def _named(name: Callable[[str], str], roles: Sequence[str]) -> Sender:
    try:
        asking.greet()
        asking.recognise()
        user = me()
        if user is None or user.role not in roles:
            raise No(403, f"only for {', '.join(roles)}")
        return name(user.name)
    except No as no:
        return no.response()
    except HTTPException as error:
        return problems.response(error.code or 500, error.description or "")


def _refusal(status: int) -> str:
    """What is said of a request that came in wrong."""
    return problems.text(status).decode()
