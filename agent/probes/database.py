"""Does a database answer those who knock, without an account of its own?

A refused login is an answer. A connection that only opens and closes is not enough: MySQL counts
those as faults and locks the host out after a hundred (`max_connect_errors`).
"""

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from agent.dial import WireError
from agent.probes import limits
from agent.probes.talk import Talk, deadline_in, talk
from agent.report import Reading, Verdict
from agent.strict import Refused

_MOST_PACKET = 16 << 10
# client long password, protocol 4.1, secure connection, plugin auth
_CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000
_UTF8 = 33
_OK, _SWITCH, _ERROR, _QUIT = 0x00, 0xFE, 0xFF, 1
_TOO_MANY, _BLOCKED = (1040, 1203), 1129
_POSTGRES_3 = 196608


@dataclass(frozen=True)
class _Database(ABC):
    """`user` is the name we give; no password."""

    name: str
    host: str = "127.0.0.1"
    port: int = 0
    user: str = "ronda"
    timeout_s: float = 5.0

    title: ClassVar[str] = ""

    def check(self) -> None:
        limits.target(self)
        if not (0 < len(self.user) <= 32 and self.user.isprintable()):
            raise Refused("user", "must have 1 to 32 printable characters")

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        try:
            with talk(self.host, self.port, deadline_in(self.timeout_s)) as connection:
                why = self.knock(connection)
        except WireError as error:
            why = str(error)
        return Reading(Verdict.BAD if why else Verdict.GOOD, {}, why[:200])

    @abstractmethod
    def knock(self, talk: Talk) -> str:
        """What is wrong with the answer; "" when nothing is."""

    def no_sense(self, talk: Talk) -> str:
        return f"what answers at {talk.where} is not {self.title}"


@dataclass(frozen=True)
class Mysql(_Database):
    """MySQL and MariaDB."""

    port: int = 3306

    title: ClassVar[str] = "MySQL"

    def knock(self, talk: Talk) -> str:
        number, greeting = _packet(talk, self)
        if greeting[:1] == bytes([_ERROR]):
            return _judge_mysql(greeting)
        if greeting[:1] not in (b"\x0a", b"\x09"):
            return self.no_sense(talk)
        head = struct.pack("<IIB23x", _CAPABILITIES, _MOST_PACKET, _UTF8)
        login = head + self.user.encode() + b"\0\0" + b"mysql_native_password\0"
        _send(talk, number + 1, login)
        number, answer = _packet(talk, self)
        for _ in range(3):
            if answer[:1] != bytes([_SWITCH]):
                break
            # another way of giving the password that we do not have
            _send(talk, number + 1, b"")
            number, answer = _packet(talk, self)
        if answer[:1] == bytes([_OK]):
            _send(talk, 0, bytes([_QUIT]))
        elif answer[:1] == bytes([_ERROR]):
            return _judge_mysql(answer)
        return ""


@dataclass(frozen=True)
class Postgres(_Database):
    """PostgreSQL; `database` is only named."""

    port: int = 5432
    database: str = "postgres"

    title: ClassVar[str] = "PostgreSQL"

    def check(self) -> None:
        super().check()
        if not (0 < len(self.database) <= 63 and self.database.isprintable()):
            raise Refused("database", "must have 1 to 63 printable characters")

    def knock(self, talk: Talk) -> str:
        pairs = ("user", self.user, "database", self.database, "application_name", "ronda")
        body = struct.pack(">I", _POSTGRES_3) + b"".join(p.encode() + b"\0" for p in pairs) + b"\0"
        talk.send(struct.pack(">I", len(body) + 4) + body)
        kind, length = struct.unpack(">cI", talk.exactly(5))
        if kind == b"R":
            talk.send(b"X" + struct.pack(">I", 4))
            return ""
        if kind != b"E" or not 4 < length < _MOST_PACKET:
            return self.no_sense(talk)
        return judge_postgres(talk.exactly(length - 4))


def judge_postgres(body: bytes) -> str:
    """What an ErrorResponse says of the server; "" where only we are not let in."""
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    code, words = fields.get(b"C", ""), fields.get(b"M", "")
    # no such user, no such database, no line in pg_hba.conf
    if code[:2] in ("28", "3D"):
        return ""
    return f"the database refuses everybody: {words[:120] or code}"


def _judge_mysql(packet: bytes) -> str:
    """What an error packet says of the server; "" where only we are not let in."""
    (code,) = struct.unpack_from("<H", packet.ljust(3, b"\0"), 1)
    words = packet[3:].decode("utf-8", "replace")
    words = words[6:] if words.startswith("#") else words
    if code in _TOO_MANY:
        return f"the database refuses everybody: {words[:120]}"
    if code == _BLOCKED:
        return "the database has locked this machine out (flush hosts)"
    return ""


def _packet(talk: Talk, rule: _Database) -> tuple[int, bytes]:
    """Number and content of a packet of MySQL."""
    head = talk.exactly(4)
    length = int.from_bytes(head[:3], "little")
    if not 0 < length <= _MOST_PACKET:
        raise WireError(rule.no_sense(talk))
    return head[3], talk.exactly(length)


def _send(talk: Talk, number: int, content: bytes) -> None:
    talk.send(len(content).to_bytes(3, "little") + bytes([number & 0xFF]) + content)
