"""A village comes back after a month without its fiber: history is told, nobody is paged."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.report import layout_id
from collector import db, inventory, states
from collector.inventory.keeping import put
from collector.series.history import History
from tests.stores import migrated
from tests.stories.centre import Centre, ask, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.soak]

SITE = "35.10.12.2004"
DAY_S = 86400
UPLINK = 'ronda_uplink_up{uplink="main"}'
LOAD = "ronda_host_load1"
NAMES = [UPLINK, LOAD]
LAYOUT = layout_id(NAMES)
FRAMES = 30 * 24 * 60
BATCH = 60


@pytest.fixture
def hook() -> Iterator[tuple[str, list[Any]]]:
    """A webhook of the village, and what was posted to it."""
    heard: list[Any] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", heard
    server.shutdown()
    server.server_close()
    thread.join()


class Village:
    """An agent up for a month; what it kept is sent oldest first."""

    def __init__(self, centre: Centre, token: str) -> None:
        self._url = f"{centre.ingest_url}/api/v1/reports"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.now = time.time()
        self.began = self.now - 30 * DAY_S - 600
        self._n = 0

    def frame(self, at: float, uplink: float) -> dict[str, Any]:
        self._n += 1
        return {
            "n": self._n,
            "at": at,
            "up": at - self.began,
            "layout": LAYOUT,
            "values": [uplink, float(self._n)],
        }

    def finding(self, at: float, verdict: str) -> dict[str, Any]:
        self._n += 1
        entry = {"n": self._n, "at": at, "up": at - self.began}
        return {**entry, "check": "sideka", "verdict": verdict, "reason": "HTTP 502"}

    def send(self, frames: list[dict[str, Any]], findings: list[dict[str, Any]]) -> None:
        now = time.time()
        report = {
            "v": 1,
            "spool": "0a0b0c0d",
            "boot": "one",
            "sent_at": now,
            "up": now - self.began,
            "layouts": {LAYOUT: NAMES},
            "frames": frames,
            "findings": findings,
            "dropped": 0,
        }
        while True:
            status, answer = ask("POST", self._url, json.dumps(report).encode(), self._headers)
            if status == 200:
                break
            # backlog waits while the fold is behind
            assert status == 429, (status, answer)
            time.sleep(0.2)
        assert answer["rejected"] == [] and answer["kept"] == len(frames) + len(findings)


def test_a_month_offline_is_told_and_wakes_nobody(
    tmp_path: Path, hook: tuple[str, list[Any]]
) -> None:
    address, heard = hook
    centre = Centre(tmp_path / "var", RONDA_ALLOW_TARGETS="127.0.0.0/8")
    known_for_a_month(centre)
    with centre:
        village = Village(centre, enrolled(centre, tmp_path, address))
        cut_at, mended_at = village.now - 20 * DAY_S, village.now - 5 * DAY_S
        newest = village.frame(village.now, 1.0)
        village.send([newest], [])
        send_backlog(village, cut_at, mended_at)
        settled(centre)
        told = timeline(centre, village)
        assert heard == []
        assert centre.ask("incidents", "list", "--all") == []
    assert told["down"] == pytest.approx(15 * DAY_S, abs=120)
    assert told.get("unknown", 0) < 300
    assert told["normal"] == pytest.approx(15 * DAY_S, abs=400)


def known_for_a_month(centre: Centre) -> None:
    """The site counts from before its first frame; states begin there."""
    migrated(centre.settings)
    store = db.open_store(centre.settings)
    with db.writing(store) as connection:
        row = {"code": SITE, "name": "Benculuk"}
        put(connection, "sites", [row], time.time() - 31 * DAY_S, "test")
    store.dispose()


def enrolled(centre: Centre, folder: Path, address: str) -> str:
    contact = f"scope,name,role,webhook\n{SITE},Agus,village,{address}\n"
    (folder / "contacts.csv").write_text(contact)
    done = centre.run("contacts", "import", str(folder / "contacts.csv"))
    assert done.returncode == 0, done.stderr
    code = centre.ask("sites", "codes")[0]["code"]
    body = {"code": code, "name": "mini-pc", "boot": "one", "nonce": "nonce-one", "host_keys": []}
    status, answer = ask("POST", f"{centre.ingest_url}/api/v1/enrol", json.dumps(body).encode())
    assert status == 200, answer
    token: str = answer["token"]
    return token


def send_backlog(village: Village, cut_at: float, mended_at: float) -> None:
    """A frame a minute for a month; the app fails and heals within it."""
    first = village.now - FRAMES * 60
    for batch in range(0, FRAMES, BATCH):
        times = [first + minute * 60 for minute in range(batch, batch + BATCH)]
        frames = [village.frame(at, 0.0 if cut_at <= at < mended_at else 1.0) for at in times]
        findings = []
        if batch == FRAMES // 2 // BATCH * BATCH:
            findings = [village.finding(times[0], "bad"), village.finding(times[9], "good")]
        village.send(frames, findings)


def settled(centre: Centre) -> None:
    history = History(centre.settings)
    with db.reading(db.open_store(centre.settings)) as connection:
        row = inventory.site_rows(connection)[SITE]

    def all_there() -> bool:
        found = history.range(row, [LOAD], 0, time.time() + 60)
        return LOAD in found and len(found[LOAD][0]) == FRAMES + 1

    wait_for("every frame of the month in history", all_there, 60)


def timeline(centre: Centre, village: Village) -> dict[str, float]:
    """Seconds of each state over the month, as the pages read them."""
    start, end = village.now - FRAMES * 60, village.now
    with db.reading(db.open_store(centre.settings)) as connection:
        found = states.timeline(connection, SITE, start, end)
    told: dict[str, float] = {}
    for one in found:
        until = end if one.until is None else min(one.until, end)
        told[one.state] = told.get(one.state, 0.0) + until - max(one.since, start)
    return told
