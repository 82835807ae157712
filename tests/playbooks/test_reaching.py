"""Two devices of a site share the one tunnel of its agent: whose key is that?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from sqlalchemy import Engine, insert, select

from collector import db, schema, strange_keys
from collector.settings import Settings
from playbooks import host_rows
from playbooks.hosts import Host, Jump, Login, Way
from playbooks.model import Platform
from playbooks.reaching import ASK_EVERY_S, WAIT_S, Reach
from playbooks.session import Session, Unreachable, WrongHostKey
from tests.playbooks.fakes import Clock, Device
from tests.stores import migrated

SITE = "35.10.01.2001"
AGENT = 7


def device(name: str) -> Host:
    login = Login("root", "pw")
    pins = ("ssh-ed25519 AAAA",)
    return Host(SITE, name, Platform.DEBIAN, "192.0.2.1", 22, login, pins, Way.TUNNEL)


@contextmanager
def speaking() -> Iterator[int]:
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
def port() -> Iterator[int]:
    with speaking() as port:
        yield port


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
    Reach(settings, store, far.connect, clock.times)(device("pc"))
    assert len(far.tried) > 2 and strange(store) == 0


def test_a_key_that_stays_another_is_told_when_the_time_is_over(
    settings: Settings, store: Engine
) -> None:
    clock = Clock()
    kept(store, "router", "pc")
    far = Far(9e9, clock)
    with pytest.raises(WrongHostKey):
        Reach(settings, store, far.connect, clock.times)(device("pc"))
    assert strange(store) == 1 and clock.now <= 1000 + WAIT_S


def test_the_only_device_behind_a_tunnel_is_told_at_once(settings: Settings, store: Engine) -> None:
    clock = Clock()
    kept(store, "pc")
    far = Far(9e9, clock)
    with pytest.raises(WrongHostKey):
        Reach(settings, store, far.connect, clock.times)(device("pc"))
    assert len(far.tried) == 1 and strange(store) == 1


def asked(store: Engine) -> list[float]:
    with db.reading(store) as connection:
        here = schema.acts.c.verb == "ask"
        return list(connection.execute(select(schema.acts.c.at).where(here)).scalars())


def test_an_order_that_may_have_been_lost_is_given_again(settings: Settings, store: Engine) -> None:
    clock = Clock()
    kept(store, "pc")
    nobody = replace(settings, tunnel_ports=settings.tunnel_ports - 1)
    with pytest.raises(Unreachable, match="opened no tunnel within 240 s"):
        Reach(nobody, store, Far(0, clock).connect, clock.times)(device("pc"))
    times = asked(store)
    assert times[0] == 1000.0 and len(times) == WAIT_S // ASK_EVERY_S
    assert all(ASK_EVERY_S <= b - a < ASK_EVERY_S + 5 for a, b in pairwise(times))


def second_agent(store: Engine, number: int) -> None:
    with db.writing(store) as connection:
        agent = {"id": number, "site": SITE, "state": "active", "rev": 2, "enrolled_at": 2.0}
        connection.execute(insert(schema.agents).values(agent))


def test_where_the_oldest_agent_is_away_the_next_one_is_asked(
    settings: Settings, store: Engine
) -> None:
    clock = Clock()
    kept(store, "pc")
    second_agent(store, AGENT + 1)
    # nobody is at the port of the first
    second = replace(settings, tunnel_ports=settings.tunnel_ports - 1)
    Reach(second, store, Far(0, clock).connect, clock.times)(device("pc"))
    assert asked(store) == [1000.0, 1000.0 + ASK_EVERY_S]


def test_what_only_another_agent_finds_is_reached_through_it(
    settings: Settings, store: Engine
) -> None:
    class Two(Far):
        """127.0.0.1 is the machine of each agent itself."""

        def connect(self, host: Host) -> Session:
            session = super().connect(host)
            if host.port == self.tried[0].port:
                raise WrongHostKey("shows another key", "SHA256:abc")
            return session

    clock = Clock()
    kept(store, "pc")
    two = Two(0, clock)
    with speaking() as port:
        second_agent(store, port - settings.tunnel_ports)
        Reach(settings, store, two.connect, clock.times)(device("pc"))
    # at once, and nobody is accused
    assert asked(store) == [1000.0, 1000.0] and strange(store) == 0
    assert len({host.port for host in two.tried}) == 2


def test_a_key_that_only_one_of_two_agents_finds_accuses_nobody(
    settings: Settings, store: Engine
) -> None:
    clock = Clock()
    kept(store, "pc")
    second_agent(store, AGENT + 1)
    with pytest.raises(Unreachable, match="opened no tunnel"):
        Reach(settings, store, Far(9e9, clock).connect, clock.times)(device("pc"))
    assert strange(store) == 0


def test_a_machine_on_the_way_with_another_key_is_told_by_its_own_name(
    settings: Settings, store: Engine
) -> None:
    clock, pins = Clock(), ("ssh-ed25519 AAAA",)
    way = replace(device("gerbang"), site="", way=Way.DIRECT)
    with db.writing(store) as connection:
        host_rows.put(connection, b"k" * 32, way, "", 1.0, "siti")
        far_one = replace(device("pc"), way=Way.JUMP)
        host_rows.put(connection, b"k" * 32, far_one, "gerbang", 1.0, "siti")
        host = host_rows.opened(connection, b"k" * 32, SITE, "pc")
    assert host.jump == Jump(way.address, way.port, way.login, pins, "gerbang")

    def stranger(_: Host) -> Session:
        wrong = WrongHostKey("shows another key", "SHA256:abc")
        wrong.on_the_way = True
        raise wrong

    with pytest.raises(WrongHostKey):
        Reach(settings, store, stranger, clock.times)(host)
    with db.reading(store) as connection:
        (found,) = strange_keys.of_all(connection)
    assert (found.site, found.device, found.fingerprint) == ("", "gerbang", "SHA256:abc")
    Reach(settings, store, lambda _: Device(clock), clock.times)(host)
    assert strange(store) == 0
