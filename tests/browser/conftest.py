"""A real console over seeded data and a real browser: what all tests of pages stand on.

`page` is a new window, signed in as NOC; `open_as(name, ...)` gives windows of others, with
playwright's options (viewport, color_scheme, java_script_enabled ...), `look_as` one that all tests
of a file look through who change nothing in it.
"""

import asyncio
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from collector.settings import Settings
from tests.browser.seeds import PASSWORD, Seeded, seeded
from web.server import serve

BEAT_S = 1.0
Settle = Callable[[Settings, str], Settings]


@dataclass(frozen=True)
class Console:
    """The running console; `url` has no slash at its end."""

    url: str
    data: Seeded


class Window:
    """A new one with a page; `wrong` is what its scripts stumbled over or were refused."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.wrong: list[str] = []
        self.page = browser.new_context(**options).new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._said)

    def _said(self, said: ConsoleMessage) -> None:
        if "Content Security" in said.text:
            self.wrong.append(said.text)


class _Running:
    """The console's own process, here as a thread; an engine that only says that it lives."""

    def __init__(self, data: Seeded, port: int) -> None:
        self._settings = replace(data.settings, console=f"127.0.0.1:{port}")
        self._data, self._ready, self._over = data, threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=lambda: asyncio.run(self._main())),
            threading.Thread(target=self._beat),
        ]

    async def _main(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        await serve(self._settings, self._stop, self._ready.set)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            self._data.beat()

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()
        assert self._ready.wait(20)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._loop.call_soon_threadsafe(self._stop.set)
        for thread in self._threads:
            thread.join(10)


@pytest.fixture(scope="module")
def settle() -> Settle:
    """What a file's console has of settings of its own, given its address."""
    return lambda settings, _: settings


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, settle: Settle) -> Iterator[Console]:
    """One console for the tests of a file: what one file does to it, no other sees."""
    data = seeded(tmp_path_factory.mktemp("browser"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    data.settings = settle(data.settings, url)
    with _Running(data, port):
        yield Console(url, data)
    data.store.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; no browser is fetched.

    While playwright runs its loop is this thread's: no other test can have one, so it goes with
    the file.
    """
    program = shutil.which("chromium")
    assert program, "chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        # root has no sandbox, and the pages are ours
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def cookies(browser: Browser, console: Console) -> Callable[[str], Any]:
    """The session of an account, signed in once by its form."""
    known: dict[str, Any] = {}

    def of(name: str) -> Any:
        if name not in known:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{console.url}/login")
            page.fill("#name", name)
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_url(f"{console.url}/")
            known[name] = context.storage_state()
            context.close()
        return known[name]

    return of


@pytest.fixture
def open_as(
    browser: Browser, console: Console, cookies: Callable[[str], Any]
) -> Iterator[Callable[..., Page]]:
    """A window of somebody; no name: a stranger's. Errors in its scripts fail the test."""
    opened: list[Window] = []

    def enter(name: str = "", **options: Any) -> Page:
        state = cookies(name) if name else None
        opened.append(Window(browser, base_url=console.url, storage_state=state, **options))
        return opened[-1].page

    yield enter
    for window in opened:
        window.page.context.close()
    assert [told for window in opened for told in window.wrong] == []


@pytest.fixture(scope="module")
def kept() -> dict[str, Window]:
    """Windows that a file's tests look through one after the other; they go with the browser."""
    return {}


@pytest.fixture
def look_as(
    browser: Browser,
    console: Console,
    cookies: Callable[[str], Any],
    kept: dict[str, Window],
) -> Iterator[Callable[..., Page]]:
    """The same for who only looks at pages: to open a window takes longer than many a page."""
    used: list[Window] = []

    def enter(
        name: str = "", viewport: Any = None, color_scheme: Any = "light", **options: Any
    ) -> Page:
        key = f"{name} {sorted(options.items())}"
        if key not in kept:
            state = cookies(name) if name else None
            kept[key] = Window(browser, base_url=console.url, storage_state=state, **options)
        used.append(kept[key])
        page = kept[key].page
        page.set_viewport_size(viewport or {"width": 1280, "height": 720})
        page.emulate_media(color_scheme=color_scheme, media="screen")
        return page

    yield enter
    wrong = [told for window in used for told in window.wrong]
    for window in used:
        window.wrong.clear()
        window.page.goto("about:blank")
    assert wrong == []


@pytest.fixture
def page(open_as: Callable[..., Page]) -> Page:
    """A window of the control room at a desk."""
    return open_as("dewi", viewport={"width": 1366, "height": 768})


@pytest.fixture(scope="module")
def axe() -> str:
    """The script that looks for what keeps people out."""
    found = sorted(Path(sys.prefix).glob("axe-core-*.min.js"))
    assert found, "axe-core is not there: sh deploy/axe.sh .venv"
    return found[-1].read_text()


@pytest.fixture
def barriers(axe: str) -> Callable[[Page], list[str]]:
    """What axe-core finds wrong on a page, as lines."""

    def look(page: Page) -> list[str]:
        # evaluated by the debugger, which the page's policy does not bind
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(axe)
        rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        # of what passes nothing is worked out but that it does
        asked = {"runOnly": rules, "resultTypes": ["violations"], "selectors": False}
        found = page.evaluate("asked => axe.run(document, asked)", asked)
        return [
            f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    return look
