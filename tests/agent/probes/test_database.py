"""Databases, containers and backups: a real PostgreSQL, and stand-ins for the rest."""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.probes.backup import BackupAge
from agent.probes.database import Mysql, Postgres, judge_postgres
from agent.probes.docker import Docker
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from collector.reasons import say
from tests.agent.servers import Line, serve
from tests.postgres import Server


def knock(kind: Any, port: int, **settings: object) -> Reading:
    table = {"name": "db", "port": port, "timeout_s": 2, **settings}
    reading: Reading = build(kind, table).measure({})
    return reading


@pytest.mark.slow
def test_a_real_postgres_answers_whether_it_knows_us_or_not(postgres: Server) -> None:
    for user, database in (("ronda", "postgres"), ("nobody", "postgres"), ("ronda", "nowhere")):
        reading = knock(Postgres, postgres.port, user=user, database=database)
        assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")


def error(code: str, words: str) -> bytes:
    body = f"SFATAL\0C{code}\0M{words}\0\0".encode()
    return b"E" + struct.pack(">I", len(body) + 4) + body


POSTGRES = {
    "starting": (
        error("57P03", "the database system is starting up"),
        "the database refuses everybody: the database system is starting up",
    ),
    "full": (
        error("53300", "sorry, too many clients already"),
        "the database refuses everybody: sorry, too many clients already",
    ),
    "no line in pg_hba.conf": (error("28000", "no entry"), ""),
    "not PostgreSQL": (b"HTTP/1.1 400 Bad", "what answers at 127.0.0.1:PORT is not PostgreSQL"),
    "a long lie": (b"E\xff\xff\xff\xff", "what answers at 127.0.0.1:PORT is not PostgreSQL"),
    "half": (b"R\0\0", "the answer breaks off in the middle"),
}


def after_hello(text: bytes) -> Line:
    def line(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(text)

    return line


@pytest.mark.parametrize(("text", "why"), POSTGRES.values(), ids=POSTGRES)
def test_postgres_is_judged_by_its_code(text: bytes, why: str) -> None:
    with serve(after_hello(text)) as server:
        reading = knock(Postgres, server.port)
    assert reading.reason == why.replace("PORT", str(server.port))
    assert not why or say(reading.reason, "id") != reading.reason
    assert judge_postgres(b"") == "the database refuses everybody: "


def packet(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number]) + content


def refusal(number: int, code: int, words: str) -> bytes:
    return packet(number, b"\xff" + struct.pack("<H", code) + b"#08004" + words.encode())


GREETING = packet(0, b"\x0a10.11.6-MariaDB\0" + struct.pack("<I", 9) + b"saltsalt\0" + b"\0" * 40)
MYSQL: dict[str, tuple[tuple[bytes, ...], str]] = {
    "login refused": ((GREETING, refusal(2, 1045, "Access denied")), ""),
    "let in": ((GREETING, packet(2, b"\0\0\0\x02\0\0\0")), ""),
    "another way to log in": (
        (GREETING, packet(2, b"\xfecaching_sha2_password\0salt"), refusal(4, 1045, "denied")),
        "",
    ),
    "host not allowed": ((refusal(0, 1130, "Host is not allowed"),), ""),
    "full": (
        (refusal(0, 1040, "Too many connections"),),
        "the database refuses everybody: Too many connections",
    ),
    "locked out": (
        (refusal(0, 1129, "Host is blocked"),),
        "the database has locked this machine out (flush hosts)",
    ),
    "SSH": ((b"SSH-2.0-OpenSSH\r\n",), "what answers at 127.0.0.1:PORT is not MySQL"),
    "an odd packet": ((packet(0, b"\x01hello"),), "what answers at 127.0.0.1:PORT is not MySQL"),
    "half": ((GREETING[:20],), "the answer breaks off in the middle"),
    "silent": ((), "127.0.0.1:PORT accepts but says nothing"),
}


@pytest.mark.parametrize(("script", "why"), MYSQL.values(), ids=MYSQL)
def test_mysql_is_judged_by_its_handshake(script: tuple[bytes, ...], why: str) -> None:
    heard: list[bytes] = []

    def line(connection: socket.socket) -> None:
        for text in script:
            connection.sendall(text)
            if len(script) > 1:
                heard.append(connection.recv(4096))

    with serve(line) as server:
        reading = knock(Mysql, server.port)
    assert reading.reason == why.replace("PORT", str(server.port))
    if len(script) > 1:
        # the host would be locked out after a hundred greetings that were not answered
        (capabilities,) = struct.unpack_from("<I", heard[0], 4)
        assert capabilities & 0x200
        assert heard[0][36:].startswith(b"ronda\0")


@pytest.mark.parametrize(
    ("kind", "table", "problem"),
    [
        (Mysql, {"user": ""}, "user: must have 1 to 32"),
        (Postgres, {"database": "x" * 64}, "database: must have 1 to 63"),
        (Mysql, {"host": "a b"}, "host: not a host"),
        (Docker, {"container": "a/b"}, "container: not the name"),
        (Docker, {"container": "a", "socket": "x"}, "socket: expected a path"),
        (BackupAge, {"path": "x"}, "path: expected a path from /"),
        (BackupAge, {"path": "/x", "files": "a/b"}, "files: not a name"),
        (BackupAge, {"path": "/x", "max_age_h": 0}, "max_age_h: must be 0.01 to"),
    ],
)
def test_bad_settings_are_refused_by_place(
    kind: Any, table: dict[str, object], problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        build(kind, {"name": "x", **table})


@contextlib.contextmanager
def docker(folder: Path, answer: bytes) -> Iterator[dict[str, str]]:
    """Docker's socket, with one answer for all; what to set to reach it."""
    path = folder / "docker.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        asked = connection.recv(4096)
                        assert asked.startswith(b"GET /containers/awan/json HTTP/1.1\r\n")
                        connection.sendall(answer)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield {"name": "d", "container": "awan", "socket": str(path)}
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def state(**known: object) -> bytes:
    import json

    body = json.dumps({"State": {"Status": "running", "Running": True, "ExitCode": 0, **known}})
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


CONTAINERS = {
    "runs": (state(), ""),
    "healthy": (state(Health={"Status": "healthy"}), ""),
    "sick": (state(Health={"Status": "unhealthy"}), "the container awan is not healthy"),
    "ended": (
        state(Status="exited", Running=False, ExitCode=137),
        "the container awan does not run (exited, 137)",
    ),
    "over and over": (
        state(Restarting=True, ExitCode=1),
        "the container awan fails and is started over and over (1)",
    ),
    "paused": (state(Paused=True), "the container awan is paused"),
    "gone": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "no container awan"),
    "silent": (b"", "Docker does not answer: the connection ended without an answer"),
}


@pytest.mark.parametrize(("answer", "why"), CONTAINERS.values(), ids=CONTAINERS)
def test_a_container_is_judged_by_its_state(answer: bytes, why: str, tmp_path: Path) -> None:
    with docker(tmp_path, answer) as table:
        reading = build(Docker, table).measure({})
    assert (reading.verdict, reading.reason) == (Verdict.BAD if why else Verdict.GOOD, why)
    assert not why or say(why, "id") != why


def test_docker_that_is_not_there_or_not_for_us_is_told(tmp_path: Path) -> None:
    table = {"name": "d", "container": "awan", "socket": str(tmp_path / "no.sock")}
    with pytest.raises(ProbeFailed, match="no Docker on this system"):
        build(Docker, table).measure({})
    with docker(tmp_path, state()) as known:
        pass
    assert build(Docker, known).measure({}).reason == "Docker does not run"
    rubbish = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n[]"
    (tmp_path / "docker.sock").unlink()
    with docker(tmp_path, rubbish) as known, pytest.raises(ProbeFailed, match="HTTP 500"):
        build(Docker, known).measure({})


def backup(folder: Path, name: str, age_h: float, size: int = 100) -> None:
    path = folder / name
    path.write_bytes(b"x" * size)
    then = time.time() - age_h * 3600
    os.utime(path, (then, then))


def check_backup(folder: Path, **settings: object) -> str:
    return build(BackupAge, {"name": "b", "path": str(folder), **settings}).measure({}).reason


def test_the_newest_finished_file_counts(tmp_path: Path) -> None:
    assert check_backup(tmp_path) == f"there is no backup in {tmp_path}"
    backup(tmp_path, "sid-1.sql.gz", 80)
    assert check_backup(tmp_path) == f"the newest backup in {tmp_path} is 3 days old"
    backup(tmp_path, "sid-2.sql.gz.part", 0)
    backup(tmp_path, ".sid-3.sql.gz", 0)
    backup(tmp_path, "log.txt", 0)
    assert "3 days old" in check_backup(tmp_path, files="*.sql.gz")
    backup(tmp_path, "sid-4.sql.gz", 1, size=3)
    assert check_backup(tmp_path, files="*.sql.gz") == ""
    why = check_backup(tmp_path, files="*.sql.gz", min_bytes=1000)
    assert why == f"the newest backup in {tmp_path} has only 3 bytes"
    assert say(why, "id") == f"cadangan terbaru di {tmp_path} hanya 3 bita"
    assert check_backup(tmp_path / "sid-1.sql.gz", max_age_h=100) == ""
    assert check_backup(tmp_path / "gone").startswith("there is no backup in")
