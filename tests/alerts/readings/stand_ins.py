"""What stands beside a village's agent and changes while a story goes on."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pysnmp.proto.api import v2c

from agent.probes.snmp.message import Oid, oid
from tests.agent.probes.snmp.fake_device import FakeDevice
from tests.agent.servers import answers, page, serve

IF, IFX, ROS = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.4.1.14988.1"
WELCOME = page(b"Selamat datang di desa")
_LIGHT = f"{ROS}.1.19.1.1"


@dataclass
class Server:
    """Answers every connection with what `answer` is then."""

    answer: bytes = WELCOME
    port: int = 0
    # what passes on somebody's clock while it thinks
    thinks: Any = None

    def line(self, connection: socket.socket) -> None:
        if self.thinks is not None:
            self.thinks()
        answers(self.answer)(connection)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def server(
    answer: bytes = page(b"Selamat datang di desa"), context: Any = None
) -> Iterator[Server]:
    made = Server(answer)
    with serve(made.line, context=context) as served:
        made.port = served.port
        yield made


@dataclass
class Apcupsd:
    """Tells `words` to whoever asks for the status."""

    words: dict[str, str] = field(default_factory=dict)
    port: int = 0

    def line(self, connection: socket.socket) -> None:
        connection.recv(100)
        lines = [f"{name:<9}: {word}\n".encode() for name, word in self.words.items()]
        told = b"".join(len(line).to_bytes(2, "big") + line for line in lines)
        connection.sendall(told + b"\0\0")


@contextmanager
def apcupsd() -> Iterator[Apcupsd]:
    made = Apcupsd()
    with serve(made.line) as served:
        made.port = served.port
        yield made


@dataclass
class Router:
    """A MikroTik with one SFP port."""

    values: dict[Oid, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.set("1.3.6.1.2.1.1.1.0", v2c.OctetString("RouterOS RB760iGS"))
        self.set("1.3.6.1.2.1.1.2.0", v2c.ObjectIdentifier(f"{ROS}.1"))
        self.set(f"{IFX}.1.1", v2c.OctetString("sfp1"))
        self.set(f"{_LIGHT}.2.1", v2c.OctetString("sfp1"))
        self.up(8_640_000)
        self.tell()

    def set(self, name: str, value: Any) -> None:
        self.values[oid(name)] = value

    def up(self, hundredths: int) -> None:
        self.set("1.3.6.1.2.1.1.3.0", v2c.TimeTicks(hundredths))

    def tell(
        self, cpu: int = 5, memory: int = 40, celsius: int = 45, link: int = 1, dbm: int = -20
    ) -> None:
        self.set("1.3.6.1.2.1.25.3.3.1.2.1", v2c.Integer(cpu))
        ram = v2c.ObjectIdentifier("1.3.6.1.2.1.25.2.1.2")
        for column, value in ((2, ram), (5, v2c.Integer(100)), (6, v2c.Integer(memory))):
            self.set(f"1.3.6.1.2.1.25.2.3.1.{column}.1", value)
        self.set(f"{ROS}.1.3.10.0", v2c.Gauge32(celsius * 10))
        self.set(f"{IF}.8.1", v2c.Integer(link))
        self.set(f"{_LIGHT}.10.1", v2c.Integer(dbm * 1000))


@contextmanager
def router() -> Iterator[tuple[Router, FakeDevice, dict[str, Any]]]:
    """What it says, the device itself, and the check that looks at it."""
    says = Router()
    device = FakeDevice(says.values)
    check = {"name": "router", "kind": "snmp", "host": "127.0.0.1", "port": device.port}
    try:
        yield says, device, {**check, "timeout_s": 0.5}
    finally:
        device.close()
