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


def test_bodies_of_strangers_are_held_in_a_bounded_part_of_the_memory() -> None:
    def page(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    async def story() -> list[int]:
        pages, over = Bridge(page, 1, largest=10, most_held=0), asyncio.Event()

        async def send_slowly() -> Answer:
            pieces = [{"type": "http.request", "body": b"123456789", "more_body": True}]

            async def receive() -> dict[str, Any]:
                if pieces:
                    return pieces.pop()
                await over.wait()
                return {"type": "http.request", "body": b"", "more_body": False}

            return await pages.answer(SCOPE | {"method": "POST"}, receive)

        # sixteen of the largest are 160 bytes: that is what there is room for
        slow = [asyncio.create_task(send_slowly()) for _ in range(19)]
        done, _ = await asyncio.wait(slow, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        over.set()
        answers = [(await task).status for task in slow]
        assert [task.result().status for task in done] == [503] * len(done)
        # they are gone, and so is what they held
        answers.append((await send_slowly()).status)
        await pages.close(1)
        return answers

    found = asyncio.run(story())
    assert (found[:17].count(200), found.count(503) >= 1, found[-1]) == (17, True, 200)
