"""Playbooks of the test's own, devices of two villages, and an engine that is only rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from collector.db import reading, writing
from collector.secret import load_secret
from collector.settings import Settings
from playbooks import host_rows, run_rows
from playbooks import library as libraries
from playbooks.asking import Asked, ask, wish
from playbooks.diary import Ending
from playbooks.hosts import Host, Login, Way
from playbooks.model import Platform
from playbooks.run_rows import HostRow, Run, Wish
from playbooks.states import HostState, RunState
from tests.web.conftest import NOW, OTHER, SITE

LOOK = """
name: uji-lihat
title: {id: Lihat jalur, en: Look at the path}
level: green
changes: false
platforms:
  openwrt:
    do:
      - ping -c 3 192.0.2.1
"""
DNS = """
name: uji-dns
title: {id: Ganti DNS, en: Change DNS}
level: yellow
danger: {id: Warga terputus sebentar, en: People are cut off for a moment}
params:
  server: {type: ip, title: {id: Server DNS, en: DNS server}}
  tries: {type: int, title: {id: Berapa kali, en: How often}, default: "3", least: 1, most: 9}
blocked_when: [power]
platforms:
  openwrt:
    precheck:
      - uci show network; ping -c @{tries} @{server}
    do:
      - uci set network.wan.dns=@{server}
      - service network reload
    verify:
      - heartbeat: 60s
    persist:
      - uci commit network
    undo:
      - uci revert network
"""
WIFI = """
name: uji-sandi
title: {id: Ganti sandi wifi, en: Change the wifi password}
level: yellow
params:
  sandi: {type: secret, title: {id: Sandi baru, en: New password}}
platforms:
  openwrt:
    do:
      - uci set wireless.a.key=@{sandi}
    verify:
      - heartbeat: 60s
    undo:
      - uci revert wireless
"""
REBOOT = """
name: uji-nyala
title: {id: Nyalakan ulang, en: Restart}
level: red
cannot_undo: {id: Sudah menyala ulang, en: It has restarted}
platforms:
  openwrt:
    do:
      - reboot
    verify:
      - heartbeat: 5m
"""
BAD = "name: uji-rusak\nlevel: blue\n"
FILES = {"uji-lihat": LOOK, "uji-dns": DNS, "uji-sandi": WIFI, "uji-nyala": REBOOT}


@dataclass(frozen=True)
class Field:
    """Devices and runs as people and the engine would have written them."""

    settings: Settings
    store: Engine
    now: float = NOW

    def host(self, site: str, device: str = "router", **more: Any) -> Host:
        made = {"platform": Platform.OPENWRT, "address": "192.0.2.7", "port": 22}
        made |= {"login": Login("root", "rahasia-router"), "host_keys": ("ssh-ed25519 AAAA",)}
        made |= {"values": {"server": "9.9.9.9"}, "way": Way.DIRECT} | more
        host = Host(site=site, device=device, **made)
        with writing(self.store) as connection:
            secret = load_secret(self.settings.folder)
            host_rows.put(connection, secret, host, "", self.now, "dewi")
        return host

    def run(self, *sites: str, state: RunState = RunState.WAITING, **more: Any) -> int:
        given: dict[str, Any] = {"playbook": "uji-dns", "digest": "x", "level": "yellow"}
        given |= {"changes": True, "params": {}, "by": "rian"}
        given |= {"targets": [(site, "router") for site in sites or (SITE,)]}
        with writing(self.store) as connection:
            return run_rows.ask(connection, Wish(**{**given, **more}), state, self.now - 60)

    def proposed(self, name: str, *sites: str, by: str = "rian") -> int:
        """A red one as the page asks for it."""
        asked = Asked(libraries.load(self.settings.data).get(name), sites, {}, by)
        secret = load_secret(self.settings.folder)
        with writing(self.store) as connection:
            return ask(connection, wish(connection, secret, self.settings, asked), self.now - 60)

    def begin(self, number: int) -> None:
        """The engine takes every device of it."""
        with writing(self.store) as connection:
            run_rows.move(connection, number, RunState.WAITING, RunState.RUNNING, self.now)
            for host in run_rows.hosts_of(connection, number):
                run_rows.take(connection, host, self.now - 50, alone=False)

    def step(self, host: HostRow, n: int, part: str, shown: str, **came: Any) -> None:
        row = {
            "number": n,
            "part": part,
            "shown": shown,
            "began_at": self.now - 40,
            "state": "running",
        }
        with writing(self.store) as connection:
            run_rows.write(connection, host, row)
            if came:
                ended: Mapping[str, Any] = {"state": "done", "ended_at": self.now - 38, "exit": 0}
                run_rows.rewrite(connection, host, n, {**ended, **came})

    def guarded(self, host: HostRow, until: float) -> None:
        with writing(self.store) as connection:
            run_rows.guarded(connection, host, until)

    def leave(self, host: HostRow, reason: str) -> None:
        with writing(self.store) as connection:
            run_rows.leave(connection, host, reason)

    def end(self, number: int, state: HostState, reason: str = "", run: str = "done") -> None:
        with writing(self.store) as connection:
            for host in run_rows.hosts_of(connection, number):
                run_rows.end(connection, host, Ending(state, reason), self.now - 5)
            run_rows.move(connection, number, RunState.RUNNING, RunState(run), self.now - 5)

    def get(self, number: int) -> Run:
        with reading(self.store) as connection:
            found = run_rows.get(connection, number)
        assert found is not None
        return found

    def hosts(self, number: int) -> list[HostRow]:
        with reading(self.store) as connection:
            return run_rows.hosts_of(connection, number)


def shelved(settings: Settings) -> Path:
    """The folder of the centre's own playbooks, with ours in it."""
    folder = settings.folder / "playbooks"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.yml").write_text(text.lstrip())
    return folder


@pytest.fixture
def library(settings: Settings) -> Path:
    """Where the centre's own playbooks lie."""
    return shelved(settings)


@pytest.fixture
def field(settings: Settings, store: Engine, regency: Any, library: Path) -> Field:
    """Two villages, a router each."""
    regency.site(SITE, "Benculuk", "normal")
    regency.site(OTHER, "Bayu", "normal", district="Songgon")
    made = Field(settings, store)
    made.host(SITE)
    made.host(OTHER)
    return made
