"""Photos come by few paths, few at a time; everything else stays as small as it was."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

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


class Phone:
    """Sends its body when it is let; hears the answer."""

    def __init__(self, body: bytes) -> None:
        self.go = asyncio.Event()
        self.sent: list[dict[str, Any]] = []
        self._body = body

    async def receive(self) -> dict[str, Any]:
        await self.go.wait()
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def said(self) -> str:
        return bytes(self.sent[1]["body"]).decode()


def test_more_than_so_many_at_a_time_are_sent_away_with_words() -> None:
    async def story() -> list[Phone]:
        bridge = Bridge(app, 1, 100, most=2, say=uploads.refusal)
        phones = [Phone(b"x" * 9) for _ in range(3)]
        waiting = [
            asyncio.create_task(bridge(scope(9), phone.receive, phone.send)) for phone in phones
        ]
        await asyncio.sleep(0)
        for phone in phones:
            phone.go.set()
        await asyncio.gather(*waiting)
        await bridge.close(1)
        return phones

    phones = asyncio.run(story())
    assert sorted(phone.status for phone in phones) == [200, 200, 503]
    (away,) = [phone for phone in phones if phone.status == 503]
    assert "Coba lagi" in away.said


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
