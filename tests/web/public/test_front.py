"""The front answers everybody: from memory, once made for all, bounded, to nobody in particular."""

import asyncio
import gzip
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from web.public import front, kept
from web.public.front import MOST_WAITING, SENT_BURST, Front
from web.public.kept import OLD_S, STALE_S, Age, Kept, ready

PAGE = b"<p>Wifi Desa Kemiren</p>" * 40


class Pages:
    """A WSGI app that counts what it is asked."""

    def __init__(self, status: str = "200 OK", **headers: str) -> None:
        self.status, self.asked = status, list[dict[str, Any]]()
        self.headers = {"Content-Type": "text/html", "Cache-Control": "public, max-age=30"}
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.go = threading.Event()
        self.go.set()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.go.wait(5)
        self.asked.append(environ)
        start(self.status, list(self.headers.items()))
        return [PAGE]


class Heard:
    """What an ASGI server was sent."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, dict[bytes, bytes](), b""

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message["body"]


async def nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def scope(
    path: str = "/status/35.10", method: str = "GET", query: bytes = b"", **headers: str
) -> Any:
    sent = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return {
        "type": "http", "method": method, "path": path, "query_string": query, "headers": sent,
        "http_version": "1.1", "scheme": "http", "client": ("10.9.8.7", 1), "server": ("x", 80),
    }  # fmt: skip


async def ask(door: Front, *args: Any, **more: Any) -> Heard:
    heard = Heard()
    await door(scope(*args, **more), nothing, heard)
    return heard


def run(tell: Callable[[], Any]) -> None:
    asyncio.run(tell())


def test_a_page_is_made_once_for_all_who_ask() -> None:
    async def story() -> None:
        pages = Pages()
        door = Front(pages)
        many = await asyncio.gather(*(ask(door) for _ in range(200)))
        assert {each.status for each in many} == {200}
        assert {each.body for each in many} == {PAGE}
        assert len(pages.asked) == 1
        await door.close(1)

    run(story)


def test_who_knows_the_page_already_gets_only_its_mark() -> None:
    async def story() -> None:
        door = Front(Pages())
        first = await ask(door)
        mark = first.headers[b"etag"].decode()
        again = await ask(door, if_none_match=f'W/"old", {mark}')
        assert (again.status, again.body) == (304, b"")
        assert again.headers[b"cache-control"] == b"public, max-age=30"
        assert (await ask(door, if_none_match='"old"')).status == 200
        await door.close(1)

    run(story)


def test_who_unpacks_gets_it_packed_and_who_asks_for_the_head_no_body() -> None:
    async def story() -> None:
        door = Front(Pages())
        small = await ask(door, accept_encoding="gzip, br")
        assert gzip.decompress(small.body) == PAGE
        assert small.headers[b"vary"] == b"Accept-Encoding"
        head = await ask(door, method="HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers[b"content-length"] == str(len(PAGE)).encode()
        await door.close(1)

    run(story)


def test_nothing_of_one_visitor_reaches_a_page_that_all_get() -> None:
    async def story() -> None:
        pages = Pages()
        door = Front(pages)
        await ask(door, host="evil.example", cookie="ronda=x", query=b"next=//evil.example")
        seen = str(pages.asked[0])
        assert "evil" not in seen and "ronda=x" not in seen and "10.9.8.7" not in seen
        await door.close(1)

    run(story)


def test_questions_in_the_address_make_no_page_twice_but_the_language_does() -> None:
    async def story() -> None:
        pages = Pages()
        door = Front(pages)
        for query in (b"", b"x=1", b"x=2", b"lang=en&x=3", b"lang=en", b"lang=en"):
            await ask(door, query=query)
        assert [each["QUERY_STRING"] for each in pages.asked] == ["", "lang=en"]
        await door.close(1)

    run(story)


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param(Pages(Cache_Control="no-store"), id="of one person"),
        pytest.param(Pages(Set_Cookie="a=b"), id="with a cookie"),
        pytest.param(Pages("404 Not Found"), id="not there"),
        pytest.param(Pages("500 Broken"), id="broken"),
    ],
)
def test_an_answer_that_is_not_for_everybody_is_not_kept(pages: Pages) -> None:
    async def story() -> None:
        door = Front(pages)
        await ask(door)
        await ask(door)
        assert len(pages.asked) == 2 and len(door.kept) == 0
        await door.close(1)

    run(story)


@pytest.mark.slow
def test_too_many_pages_on_their_way_are_told_to_come_back() -> None:
    async def story() -> None:
        pages = Pages()
        pages.go.clear()
        door = Front(pages)
        waiting = [asyncio.create_task(ask(door, f"/status/{n}")) for n in range(MOST_WAITING)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        more = await ask(door, "/status/one-more")
        assert (more.status, more.headers[b"retry-after"]) == (503, b"5")
        pages.go.set()
        assert {each.status for each in await asyncio.gather(*waiting)} == {200}
        await door.close(1)

    run(story)


def test_who_sends_too_much_is_told_to_wait_and_looks_on_undisturbed() -> None:
    async def story() -> None:
        pages = Pages(Cache_Control="no-store")
        door = Front(pages)
        sent = [await ask(door, method="POST") for _ in range(int(SENT_BURST) + 30)]
        refused = [each for each in sent if each.status == 429]
        assert len(refused) >= 29
        assert refused[0].headers[b"retry-after"] == b"60"
        assert (await ask(door)).status == 200
        await door.close(1)

    run(story)


def test_a_page_of_somebody_else_lets_nobody_send_a_form_unknowingly() -> None:
    async def story() -> None:
        pages = Pages(Cache_Control="no-store")
        door = Front(pages)
        foreign = await ask(door, method="POST", sec_fetch_site="cross-site")
        assert (foreign.status, pages.asked) == (403, [])
        for site in ("same-origin", "none"):
            assert (await ask(door, method="POST", sec_fetch_site=site)).status == 200
        assert (await ask(door, method="POST")).status == 200, "mail programs send none"
        await door.close(1)

    run(story)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/status/<script>", 404, id="letters no address has"),
        pytest.param("GET", "/status/" + "a" * 300, 404, id="too long"),
        pytest.param("GET", "/status//35.10", 404, id="two slashes"),
        pytest.param("GET", "//status/35.10", 404, id="two slashes in front"),
        pytest.param("PUT", "/status/35.10", 405, id="no such way to ask"),
    ],
)
def test_what_no_page_answers_costs_no_page(method: str, path: str, status: int) -> None:
    async def story() -> None:
        pages = Pages()
        door = Front(pages)
        assert (await ask(door, path, method)).status == status
        assert pages.asked == []
        await door.close(1)

    run(story)


@pytest.mark.parametrize(
    ("path", "mine"),
    [
        ("/status", True),
        ("/status/", True),
        ("/status/35", True),
        ("//status/35", True),
        ("///data", True),
        ("/statusx", False),
        ("/", False),
    ],
)
def test_only_addresses_beneath_the_one_are_public(path: str, mine: bool) -> None:
    assert front.wanted(path) is mine


@pytest.mark.parametrize(
    ("fresh_s", "late_s", "age"),
    [
        pytest.param(30, -1, Age.FRESH, id="fresh"),
        pytest.param(30, 29, Age.STALE, id="still given, made anew"),
        pytest.param(30, 31, Age.OLD, id="given where making fails"),
        pytest.param(10, 11, Age.OLD, id="what changes soon is not given as long"),
        pytest.param(600, STALE_S + 1, Age.OLD, id="nor anything for long"),
        pytest.param(30, OLD_S + 1, Age.GONE, id="given no more"),
    ],
)
def test_an_answer_ages(fresh_s: int, late_s: float, age: Age) -> None:
    answer = kept.Answer(200, ((b"cache-control", b"public, max-age=%d" % fresh_s),), PAGE)
    made = ready(answer, 1000.0)
    assert made is not None
    assert made.age(1000.0 + fresh_s + late_s) is age


def test_memory_is_bounded_by_number_and_by_bytes_and_what_went_is_counted() -> None:
    answer = kept.Answer(200, ((b"cache-control", b"public, max-age=30"),), PAGE)
    one = ready(answer, 0.0)
    assert one is not None
    few = Kept(most=3)
    for number in range(5):
        few.put((str(number), ""), one)
    assert (len(few), few.dropped) == (3, 2)
    assert few.get(("1", "")) is None and few.get(("4", "")) is one
    small = Kept(most_bytes=one.size() * 2)
    for number in range(5):
        small.put((str(number), ""), one)
    assert len(small) == 2 and small.bytes <= one.size() * 2
