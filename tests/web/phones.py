"""Requests that bring something large: their bodies come when the test lets them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.web.conftest import Visitor
from web.door import Door

BODY = b"x" * 9


class Hearing:
    """Hears the answer to one request."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def said(self) -> str:
        return bytes(self.sent[1]["body"]).decode()


class Phone(Hearing):
    """Sends its body when it is let."""

    def __init__(self, path: str, cookie: str = "") -> None:
        super().__init__()
        self.go, self.asked_for_body = asyncio.Event(), False
        head = {"method": "POST", "path": path, "query_string": b"", "http_version": "1.1"}
        length = (b"content-length", str(len(BODY)).encode())
        self.scope = head | {"headers": [length, (b"cookie", cookie.encode())]}

    async def receive(self) -> dict[str, Any]:
        self.asked_for_body = True
        await self.go.wait()
        return {"type": "http.request", "body": BODY, "more_body": False}


def all_at_once(door: Door, phones: Sequence[Phone]) -> None:
    """They begin one after the other; none goes on before all have begun."""

    async def story() -> None:
        waiting = []
        for phone in phones:
            waiting.append(asyncio.create_task(door(phone.scope, phone.receive, phone.send)))
            while not (phone.asked_for_body or phone.sent):
                await asyncio.sleep(0.001)
        for phone in phones:
            phone.go.set()
        await asyncio.gather(*waiting)
        await door.close(1)

    asyncio.run(story())


def cookie_of(browser: Visitor) -> str:
    found = browser.client.get_cookie("ronda")
    assert found is not None
    return f"ronda={found.value}"
