"""Photos come by few paths, few at a time; everything else stays as small as it was."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from tests.web.phones import Hearing
from web import uploads
from web.bridge import Bridge

PATHS = [
    ("POST", "/incidents/1/photo", True),
    ("POST", "/t/B5zST5AdSMsA5QnLMwI/photo", True),
    ("GET", "/incidents/1/photo", False),
    ("POST", "/incidents/1/note", False),
    ("POST", "/incidents/x/photo", False),
    ("POST", "/incidents/1/photo/", False),
    ("POST", "/t//photo", False),
    ("POST", f"/t/{'A' * 60}/photo", False),
    ("POST", "/login", False),
]


@pytest.mark.parametrize(("method", "path", "may"), PATHS)
def test_what_may_bring_a_photo(method: str, path: str, may: bool) -> None:
    assert uploads.brings_photo(method, path) is may


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["CONTENT_LENGTH"].encode()]


def scope(length: int) -> dict[str, Any]:
    head = {
        "method": "POST",
        "path": "/incidents/1/photo",
        "query_string": b"",
        "http_version": "1",
    }
    return head | {"headers": [(b"content-length", str(length).encode())]}


class Phone(Hearing):
    """Sends its body when it is let."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self._body = body

    async def receive(self) -> dict[str, Any]:
        await self.go.wait()
        return {"type": "http.request", "body": self._body, "more_body": False}


def test_what_is_too_large_is_said() -> None:
    async def story() -> Phone:
        bridge = Bridge(app, 1, 100, say=uploads.refusal)
        phone = Phone(b"")
        await bridge(scope(101), phone.receive, phone.send)
        await bridge.close(1)
        return phone

    phone = asyncio.run(story())
    assert phone.status == 413
    assert "8 MB" in phone.said


def test_who_sends_too_slowly_is_let_go() -> None:
    async def story() -> Phone:
        bridge = Bridge(app, 1, 100, body_s=0.01, say=uploads.refusal)
        phone = Phone(b"x")
        await bridge(scope(1), phone.receive, phone.send)
        await bridge.close(1)
        return phone

    assert asyncio.run(story()).status == 400


def test_who_falls_silent_is_let_go_before_the_time_is_over() -> None:
    async def story() -> Phone:
        bridge = Bridge(app, 1, 100, body_s=600.0, quiet_s=0.01, say=uploads.refusal)
        phone = Phone(b"x")
        await bridge(scope(1), phone.receive, phone.send)
        await bridge.close(1)
        return phone

    assert asyncio.run(story()).status == 400


def test_half_of_a_body_is_not_taken_for_the_whole() -> None:
    parts = iter(
        [
            {"type": "http.request", "body": b"note=hel", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[dict[str, Any]] = []

    async def story() -> None:
        async def receive() -> dict[str, Any]:
            return next(parts)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        bridge = Bridge(app, 1, 100)
        await bridge(scope(10), receive, send)
        await bridge.close(1)

    asyncio.run(story())
    assert sent[0]["status"] == 400
