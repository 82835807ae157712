"""Requests that wait for a thread have a bound; who comes beyond it is told when to come again."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

from web import bridge
from web.bridge import Answer, Bridge

SCOPE = {
    **{"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http"},
    **{"path": "/", "raw_path": b"/", "query_string": b"", "headers": []},
    **{"server": ("localhost", 80), "client": ("127.0.0.1", 1)},
}


def test_who_comes_when_too_many_wait_is_asked_to_come_again() -> None:
    go_on = threading.Event()

    def slow(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert go_on.wait(20)
        start_response("200 OK", [])
        return [b"here"]

    async def nothing() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def story() -> list[Answer]:
        pages = Bridge(slow, 1)
        waiting = [
            asyncio.create_task(pages.answer(dict(SCOPE), nothing))
            for _ in range(bridge._MOST_WAITING + 1)
        ]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = (task.result() for task in done)
        assert (refused.status, (b"retry-after", b"5") in refused.headers) == (503, True)
        go_on.set()
        answers = await asyncio.gather(*waiting)
        await pages.close(1)
        return answers

    found = [answer.status for answer in asyncio.run(story())]
    assert (found.count(200), found.count(503)) == (bridge._MOST_WAITING, 1)
