"""A real console over seeded data and a real browser: what all tests of pages stand on.

`page` is a new window, signed in as NOC; `open_as(name, ...)` gives windows of others, with
playwright's options (viewport, color_scheme, java_script_enabled ...).
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
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def enter(name: str = "", **options: Any) -> Page:
        state = cookies(name) if name else None
        context = browser.new_context(base_url=console.url, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security" in said.text else None,
        )
        return page

    yield enter
    for context in contexts:
        context.close()
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
