"""Requests of programs go their own way into the console, and are refused in JSON there, too."""

import asyncio
import io
import json
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import Engine

from tests.web.cases import Cases
from tests.web.conftest import NOW
from web import tokens
from web.api.gate import LARGEST_FILES, Gate
from web.bridge import LARGEST_BODY
from web.pictures import LARGEST_FILE

IMPORT = "/api/v1/imports"
ALERTS = "/api/v1/alertmanager"
PHOTO = "/api/v1/incidents/1/photo"


def ask(
    gate: Gate,
    path: str,
    token: str,
    length: int,
    body: bytes = b"",
    kind: bytes = b"application/json",
) -> tuple[int, Any, bool]:
    """Status, what was said, and whether the body was asked for."""
    heard: list[dict[str, Any]] = []
    asked = []
    said = [(b"content-length", str(length).encode()), (b"content-type", kind)]
    said += [(b"authorization", f"Bearer {token}".encode())]
    head = {"method": "POST", "path": path, "query_string": b"", "http_version": "1.1"}

    async def receive() -> dict[str, Any]:
        asked.append(True)
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        heard.append(message)

    async def story() -> None:
        await gate(head | {"headers": said}, receive, send)
        await gate.close(1)

    asyncio.run(story())
    told = json.loads(heard[1]["body"])
    kind = dict(heard[0]["headers"])[b"content-type"]
    assert heard[0]["status"] < 400 or kind == b"application/problem+json"
    return heard[0]["status"], told, bool(asked)


@pytest.fixture
def token(store: Engine) -> Any:
    return lambda role: tokens.issue(store, "tiket", role, "", "", NOW)


def test_files_of_who_may_not_send_them_are_not_read(app: Flask, token: Any) -> None:
    for text, status in (("", 401), (token("viewer"), 403)):
        assert ask(Gate(app), IMPORT, text, 1000)[::2] == (status, False)


def test_alerts_of_who_may_not_tell_any_are_not_read(app: Flask, token: Any) -> None:
    for text, status in (("", 401), (token("viewer"), 403)):
        assert ask(Gate(app), ALERTS, text, 1000)[::2] == (status, False)


def test_a_photo_of_who_may_not_send_it_is_not_read(
    app: Flask, token: Any, store: Engine, villages: Any
) -> None:
    Cases(store).open(villages["mine"], "internet putus")
    elsewhere = tokens.issue(store, "x", "village", villages["other"], "", NOW)
    for text, status in (("", 401), (token("viewer"), 403), (elsewhere, 404)):
        told = ask(Gate(app), PHOTO, text, 1000, kind=b"image/jpeg")
        assert told[::2] == (status, False)


@pytest.mark.slow
def test_a_photo_larger_than_any_other_body_comes_through(
    app: Flask, token: Any, store: Engine, villages: Any
) -> None:
    Cases(store).open(villages["mine"], "internet putus")
    out = io.BytesIO()
    Image.effect_noise((900, 700), 100).save(out, "PNG")
    body = out.getvalue()
    assert len(body) > LARGEST_BODY
    status, told, _ = ask(Gate(app), PHOTO, token("noc"), len(body), body, b"image/png")
    assert (status, len(told["photos"])) == (200, 1)


@pytest.mark.parametrize(
    ("path", "largest"),
    [(IMPORT, LARGEST_FILES), ("/api/v1/incidents/1/note", LARGEST_BODY), (PHOTO, LARGEST_FILE)],
)
def test_too_much_is_refused_by_its_length(
    app: Flask, token: Any, store: Engine, villages: Any, path: str, largest: int
) -> None:
    Cases(store).open(villages["mine"], "internet putus")
    status, told, asked = ask(Gate(app), path, token("noc"), largest + 1)
    assert (status, told["status"], asked) == (413, 413, False)


@pytest.mark.slow
def test_a_file_larger_than_any_other_body_comes_through(app: Flask, token: Any) -> None:
    text = "code,name\n" + "".join(f"35.10.06.{n:04},Desa {n}\n" for n in range(2001, 6001))
    body = json.dumps({"files": [{"name": "areas.csv", "text": text}], "kind": "areas"}).encode()
    assert len(body) > LARGEST_BODY
    status, told, _ = ask(Gate(app), IMPORT, token("noc"), len(body), body)
    assert (status, told["preview"][0]["new"]) == (201, 4000)
