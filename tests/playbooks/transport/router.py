"""A router's console for tests: takes a script with the request to run it, as RouterOS does.

It knows one block of `:put` of texts and their joining, and what a test teaches it. The whole
script is read before any of it runs; an error ends it and is what is printed last. Lines end with
CR LF, stdin is not read, and no exit status says how it went.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

from playbooks.hosts import Host, Login
from playbooks.model import Platform
from tests.playbooks.transport.servers import make_key

USER, PASSWORD = "admin", 'kunci "$kabel" 1'
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')

# gets the channel, to print what it likes; True where the script goes on
Act = Callable[[Any], bool]


@dataclass
class Router(paramiko.ServerInterface):
    """`scripts`: all that it was asked to run."""

    folder: Path
    knows: Mapping[str, Act]
    door: socket.socket
    takes_commands: bool = True
    scripts: list[str] = field(default_factory=list)
    lines: list[paramiko.Transport] = field(default_factory=list)

    @property
    def host(self) -> Host:
        return Host(
            site="genteng",
            device="router",
            platform=Platform.ROUTEROS,
            address="127.0.0.1",
            port=self.door.getsockname()[1],
            login=Login(USER, PASSWORD),
            host_keys=((self.folder / "host.pub").read_text(),),
        )

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(paramiko.RSAKey.from_private_key_file(self.folder / "host"))
            self.lines.append(transport)
            transport.start_server(event=threading.Event(), server=self)

    def check_auth_password(self, username: str, password: str) -> int:
        known = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
        self.scripts.append(command.decode())
        if self.takes_commands:
            told = (channel, command.decode())
            threading.Thread(target=self._run, args=told, daemon=True).start()
        return self.takes_commands

    def _run(self, channel: Any, script: str) -> None:
        # whoever asked may be gone by now
        with suppress(OSError, EOFError, paramiko.SSHException):
            self._answer(channel, script)

    def _answer(self, channel: Any, script: str) -> None:
        first, *commands, last, _ = script.split("\n")
        bad = [n for n, line in enumerate(commands, 2) if line.count("{") != line.count("}")]
        if bad or (first, last) != ("{", "}"):
            channel.sendall(f"syntax error (line {bad[0] if bad else 1} column 1)\r\n")
        else:
            all(self._does(channel, n, line) for n, line in enumerate(commands, 2))
        channel.shutdown_write()
        channel.close()

    def _does(self, channel: Any, number: int, line: str) -> bool:
        if act := self.knows.get(line):
            return act(channel)
        if line.startswith(":put "):
            text = "".join(re.sub(r"\\(.)", r"\1", each) for each in _TEXT.findall(line))
            channel.sendall(f"{text}\r\n")
            return True
        channel.sendall(f"bad command name {line.split()[0]} (line {number} column 1)\r\n")
        return False


@contextmanager
def router(folder: Path, knows: Mapping[str, Act], takes_commands: bool = True) -> Iterator[Router]:
    make_key(folder / "host", "rsa", "", "-m", "PEM")
    with socket.create_server(("127.0.0.1", 0)) as door:
        made = Router(folder, knows, door, takes_commands)
        serving = threading.Thread(target=made.serve, daemon=True)
        serving.start()
        try:
            yield made
        finally:
            door.shutdown(socket.SHUT_RDWR)
            serving.join(timeout=10)
            for line in made.lines:
                line.close()
