"""Two devices of a site share the one tunnel of its agent: whose key is that?"""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, insert

from collector import db, schema, strange_keys
from collector.settings import Settings
from playbooks import host_rows
from playbooks.hosts import Host, Login, Way
from playbooks.model import Platform
from playbooks.reaching import WAIT_S, Reach
from playbooks.session import Session, WrongHostKey
from tests.playbooks.fakes import Clock, Device
from tests.stores import migrated

SITE = "35.10.01.2001"
AGENT = 7


def device(name: str) -> Host:
    login = Login("root", "pw")
    pins = ("ssh-ed25519 AAAA",)
    return Host(SITE, name, Platform.DEBIAN, "192.0.2.1", 22, login, pins, Way.TUNNEL)


@pytest.fixture
def port() -> Iterator[int]:
    """What speaks at the centre's end of a tunnel."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    line.sendall(b"SSH-2.0-x\r\n")

        threading.Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, port: int) -> Settings:
    data = str(tmp_path_factory.mktemp("var"))
    return Settings(data=data, tunnel_ssh="t@noc:22", tunnel_ports=port - AGENT)


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        agent = {"id": AGENT, "site": SITE, "state": "active", "rev": 1, "enrolled_at": 1.0}
        connection.execute(insert(schema.agents).values(agent))
    yield engine
    engine.dispose()


@dataclass
class Far:
    """The device that the tunnel leads to, until its agent has heard of the other."""

    until: float
    clock: Clock
    tried: list[Host] = field(default_factory=list)

    def connect(self, host: Host) -> Session:
        self.tried.append(host)
        if self.clock.now < self.until:
            raise WrongHostKey("shows another key", "SHA256:abc")
        return Device(self.clock)


def kept(store: Engine, *names: str) -> None:
    with db.writing(store) as connection:
        for name in names:
            host_rows.put(connection, b"k" * 32, device(name), "", 1.0, "siti")


def strange(store: Engine) -> int:
    with db.reading(store) as connection:
        return len(strange_keys.of_all(connection))


def test_a_tunnel_that_still_leads_to_the_other_device_accuses_nobody(
    settings: Settings, store: Engine
) -> None:
    clock = Clock()
    kept(store, "router", "pc")
    far = Far(clock.now + 60, clock)
    Reach(settings, store, far.connect, clock, clock.pause)(device("pc"))
    assert len(far.tried) > 2 and strange(store) == 0


def test_a_key_that_stays_another_is_told_when_the_time_is_over(
    settings: Settings, store: Engine
) -> None:
    clock = Clock()
    kept(store, "router", "pc")
    far = Far(9e9, clock)
    with pytest.raises(WrongHostKey):
        Reach(settings, store, far.connect, clock, clock.pause)(device("pc"))
    assert strange(store) == 1 and clock.now <= 1000 + WAIT_S


def test_the_only_device_behind_a_tunnel_is_told_at_once(settings: Settings, store: Engine) -> None:
    clock = Clock()
    kept(store, "pc")
    far = Far(9e9, clock)
    with pytest.raises(WrongHostKey):
        Reach(settings, store, far.connect, clock, clock.pause)(device("pc"))
    assert len(far.tried) == 1 and strange(store) == 1
