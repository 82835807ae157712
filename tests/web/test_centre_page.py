"""The centre about itself: seen by its administrators, with a trial message by each channel."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine

from collector import acts
from collector.agents import add_agent, change
from collector.backup import records
from collector.backup.records import What, Work
from collector.db import reading, writing
from collector.settings import Settings
from tests.web.conftest import NOW, SITE, Visitor

PAGE = "/centre"


@dataclass(frozen=True)
class Gateway:
    """Its address, and what it was sent."""

    url: str
    heard: list[bytes]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    words = str(tmp_path / "words")
    settings = Settings(data=str(tmp_path), backup_folder="/srv/backup")
    return replace(settings, backup_passphrase_file=words, allow_targets=("127.0.0.0/8",))


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    """A webhook's far end, and the channel to it."""
    heard: list[bytes] = []

    class Far(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Far)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    (settings.folder / "channels.toml").write_text('[channels.tiket]\nkind = "webhook"\n')
    yield Gateway(f"http://127.0.0.1:{server.server_port}/x", heard)
    server.shutdown()
    thread.join()
    server.server_close()


def done(store: Engine, *works: Work) -> None:
    with writing(store) as connection:
        for work in works:
            records.end(connection, work)


@pytest.mark.slow
def test_the_last_backup_and_its_trial_are_shown(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    where = "/srv/backup/ronda-1.backup"
    done(
        store,
        Work(What.BACKUP, NOW - 7200, 61.0, 5_000_000, where, "journal up to 7"),
        Work(What.TEST, NOW - 3600, 5.0, error="/srv/backup/x: damaged at byte 9"),
    )
    page = signed_in("admin").page(PAGE)
    assert "Pusat data" in page
    assert where in page and "jurnal sampai 7" in page
    assert "damaged at byte 9" in page


def test_agents_are_counted_by_their_version(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    with writing(store) as connection:
        known = "release:0.1.0;*:kind;plan:site;ping:host;dns:name"
        for told in (known, known, ""):
            change(connection, add_agent(connection, SITE, "a", [], "active", NOW), knows=told)
    page = signed_in("admin").page(PAGE)
    assert "0.1.0" in page and "mengenal 2 jenis pemeriksaan" in page
    assert "tidak menyebutkan" in page


@pytest.mark.slow
def test_a_trial_message_goes_out_and_is_written_down(
    signed_in: Callable[..., Visitor], store: Engine, gateway: Gateway
) -> None:
    admin = signed_in("admin")
    answer = admin.post(f"{PAGE}/channels/tiket/test", PAGE, target=gateway.url)
    assert answer.status_code == 303
    assert "tiket menerimanya" in admin.page(PAGE)
    assert json.loads(gateway.heard[0])["state"] == "test"
    with reading(store) as connection:
        (act,) = acts.about(connection, "tiket", "channel_tested")
    assert (act.by, act.body) == ("admin.a", {"target": gateway.url, "taken": True})


@pytest.mark.slow
def test_what_cannot_be_tried_is_said(signed_in: Callable[..., Visitor], gateway: Gateway) -> None:
    admin = signed_in("admin")
    admin.post(f"{PAGE}/channels/tiket/test", PAGE, target=" ")
    assert "Isi nomor, chat, atau alamat" in admin.page(PAGE)
    assert admin.post(f"{PAGE}/channels/none/test", PAGE, target="x").status_code == 404
    assert gateway.heard == []


def test_a_file_of_channels_that_cannot_be_read_is_said(
    signed_in: Callable[..., Visitor], settings: Settings
) -> None:
    (settings.folder / "channels.toml").write_text("[channels.x]\nkind = 'pigeon'\n")
    assert "expected one of" in signed_in("admin").page(PAGE)


@pytest.mark.parametrize("role", ["viewer", "village", "technician", "noc"])
def test_nobody_else_comes_near(
    signed_in: Callable[..., Visitor], role: str, gateway: Gateway
) -> None:
    browser = signed_in(role)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(f"{PAGE}/channels/tiket/test", "/", target="x").status_code in (400, 403)
    assert gateway.heard == []


def test_an_administrator_of_one_area_does_not_see_the_centre(
    signed_in: Callable[..., Visitor],
) -> None:
    assert signed_in("admin", ["35.10.06"]).get(PAGE).status_code == 403


def test_figures_of_backups_are_measured(signed_in: Callable[..., Visitor], store: Engine) -> None:
    done(store, Work(What.BACKUP, NOW - 7200, 61.0, 5000), Work(What.COPY, NOW, 1.0, error="x"))
    said = signed_in("admin").page("/metrics")
    assert 'ronda_backup_fine{what="backup"} 1.0' in said
    assert 'ronda_backup_fine{what="copy"} 0.0' in said
    (line,) = [x for x in said.splitlines() if x.startswith("ronda_backup_success_timestamp")]
    assert float(line.split()[-1]) == NOW - 7200
