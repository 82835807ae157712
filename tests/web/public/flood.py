"""One address that sends a form of citizens again and again, while others read pages.

The console is a real process; what others wait meanwhile stands beside what they waited before.
"""

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import func, insert, select

from collector import schema
from collector.db import open_store, reading, writing
from collector.settings import Settings
from tests.stores import migrated
from tests.stories.centre import free_port, wait_for
from web.public import PREFIX

SITE = "35.10.06.2005"
FORM = f"{PREFIX}/lapor/{SITE}"
# the village's page for everybody, and one of the control room
PAGES = (f"{PREFIX}/{SITE}", "/login")
SENDERS = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it; milliseconds of each page before and meanwhile, sorted."""

    posts: int
    took_s: float
    answers: Counter[int]
    tickets: int
    before: Mapping[str, Sequence[float]]
    meanwhile: Mapping[str, Sequence[float]]


def at(times: Sequence[float], share: float) -> float:
    """The time that this share of readers did not wait longer than."""
    return times[min(len(times) - 1, int(share * len(times)))]


def seeded(folder: str) -> Settings:
    """A centre with one village, open to citizens."""
    settings = Settings(data=folder, console=f"127.0.0.1:{free_port()}", public=True, citizens=True)
    migrated(settings)
    store, began = open_store(settings), time.time() - 3600
    site = {"code": SITE, "row": 0, "name": "Sraten", "lifecycle": "active"}
    state = {"site": SITE, "state": "normal", "since": began, "rev": 1}
    with writing(store) as connection:
        connection.execute(insert(schema.sites).values(**site))
        connection.execute(insert(schema.states).values(**state))
    store.dispose()
    return settings


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """The console's own process."""
    where = {"RONDA_DATA": settings.data, "RONDA_CONSOLE": settings.console}
    where |= {"RONDA_PUBLIC": "on", "RONDA_CITIZENS": "on"}
    command = [sys.executable, "-m", "ronda", "serve", "--role", "web"]
    process = subprocess.Popen(command, env=os.environ | where, stdout=subprocess.DEVNULL)
    try:
        wait_for("the console", lambda: _there(settings), 60)
        yield
    finally:
        process.terminate()
        process.wait(30)


def flood(settings: Settings, posts: int, rounds: int = 40) -> Figures:
    """Send so many forms from one address; read pages before and meanwhile."""
    _times(settings, rounds)
    before = _times(settings, rounds)
    body = _filled(settings)
    share, answers = posts // SENDERS, list[Counter[int]]()
    senders = [
        threading.Thread(target=lambda: answers.append(_send(settings, body, share)))
        for _ in range(SENDERS)
    ]
    began = time.monotonic()
    for sender in senders:
        sender.start()
    meanwhile: dict[str, list[float]] = {path: [] for path in PAGES}
    while any(sender.is_alive() for sender in senders):
        for path, times in _times(settings, 2).items():
            meanwhile[path] += times
    took_s = time.monotonic() - began
    for path, times in meanwhile.items():
        meanwhile[path] = sorted(times)
    return Figures(
        share * SENDERS,
        took_s,
        sum(answers, Counter()),
        _tickets(settings),
        before,
        dict(meanwhile),
    )


def _filled(settings: Settings) -> str:
    with _connected(settings) as way:
        way.request("GET", FORM)
        page = way.getresponse().read().decode()
    token = re.search(r'name="form" value="([^"]+)"', page)
    assert token is not None, page
    time.sleep(2.1)  # as people do, who read before they send
    return urlencode({"form": token[1], "kind": "dead", "text": "mati"})


def _send(settings: Settings, body: str, count: int) -> Counter[int]:
    answers: Counter[int] = Counter()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with _connected(settings) as way:
        while answers.total() - answers[0] < count:
            try:
                way.request("POST", FORM, body, kind)
                answer = way.getresponse()
                answer.read()
                answers[answer.status] += 1
            except (OSError, http.client.HTTPException):
                # who is refused before the form was read may find the line closed: 0
                way.close()
                answers[0] += 1
    return answers


def _times(settings: Settings, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {path: [] for path in PAGES}
    with _connected(settings) as way:
        for _ in range(rounds):
            for path in PAGES:
                began = time.perf_counter()
                way.request("GET", path)
                answer = way.getresponse()
                answer.read()
                assert answer.status == 200, path
                found[path].append(1000 * (time.perf_counter() - began))
    return {path: sorted(times) for path, times in found.items()}


@contextmanager
def _connected(settings: Settings) -> Iterator[http.client.HTTPConnection]:
    way = http.client.HTTPConnection(settings.console, timeout=30)
    try:
        yield way
    finally:
        way.close()


def _there(settings: Settings) -> bool:
    try:
        with _connected(settings) as way:
            way.request("GET", "/login")
            return way.getresponse().status == 200
    except OSError:
        return False


def _tickets(settings: Settings) -> int:
    store = open_store(settings)
    with reading(store) as connection:
        query = select(func.count()).select_from(schema.citizen_reports)
        found = int(connection.execute(query).scalar_one())
    store.dispose()
    return found
