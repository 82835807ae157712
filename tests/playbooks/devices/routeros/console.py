"""The router's console over SSH: commands by exec, and the interactive one as people see it.

The interactive console asks before it restarts, paints what is typed again and again, and colours
its prompt unless the login ends in `+ct`.
"""

import re
import socket
import threading
import time
from contextlib import suppress

import paramiko

from tests.playbooks.devices.routeros.box import Box

PASSWORD = "rahasia-9"
_TICK_S = 0.02


class Router:
    """A box on a port of loopback, its time passing `speed` times as fast as ours.

    `slow_s`: what a line of output takes. Once the box cannot be reached its connections are dead.
    """

    def __init__(
        self, box: Box, key: paramiko.PKey | None = None, speed: float = 1.0, slow_s: float = 0.0
    ) -> None:
        self.box, self.key, self.speed, self.slow_s = box, key, speed, slow_s
        self.host_key = paramiko.ECDSAKey.generate()
        self.logins: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ended = threading.Event()
        self._open: list[paramiko.Transport] = []
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._tick, self._accept)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for transport in self._open:
            transport.close()
        for thread in self._threads:
            thread.join(timeout=5)
        with self.box.lock:
            for job in list(self.box.jobs):
                job.gen.close()

    def run(self, text: str, channel: paramiko.Channel, limit_s: float = 3600.0) -> str | None:
        """A command given by somebody who waits for it; its fault, where it failed."""

        def out(printed: str) -> None:
            with suppress(OSError):
                channel.sendall(printed.replace("\n", "\r\n").encode("utf-8", "replace"))
            if self.slow_s:
                time.sleep(self.slow_s)

        with self.box.lock:
            job, number = self.box.begin(text, out)
        deadline = time.monotonic() + limit_s
        while not job.ended.wait(_TICK_S):
            if channel.closed or self._ended.is_set() or time.monotonic() > deadline:
                # what a connection has begun ends with it
                with self.box.lock:
                    self.box.kill(number)
        if job.fault is not None and job.fault != "interrupted":
            out(job.fault + "\n")
        return job.fault

    def _tick(self) -> None:
        last = time.monotonic()
        restarts = self.box.restarts
        while not self._ended.wait(_TICK_S):
            now = time.monotonic()
            with self.box.lock:
                self.box.advance((now - last) * self.speed)
                gone = not self.box.reachable or restarts != self.box.restarts
                restarts = self.box.restarts
            last = now
            if gone:
                self._drop()

    def _drop(self) -> None:
        while self._open:
            self._open.pop().close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self.box.reachable:
                near.close()
                continue
            transport = paramiko.Transport(near)
            transport.add_server_key(self.host_key)
            self._open.append(transport)
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(event=threading.Event(), server=_Server(self))


class _Server(paramiko.ServerInterface):
    def __init__(self, router: Router) -> None:
        self.router, self.login = router, ""

    def _known(self, username: str) -> bool:
        self.login = username
        self.router.logins.append(username)
        return username.partition("+")[0] == "admin"

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        ok = self._known(username) and key == self.router.key
        return paramiko.AUTH_SUCCESSFUL if ok else paramiko.AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        ok = self._known(username) and password == PASSWORD
        return paramiko.AUTH_SUCCESSFUL if ok else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if kind == "session":
            return paramiko.OPEN_SUCCEEDED
        return paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(self, channel: paramiko.Channel, *args: object) -> bool:
        return True

    def check_channel_window_change_request(self, channel: paramiko.Channel, *args: object) -> bool:
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=self._exec, args=(channel, command.decode()), daemon=True).start()
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        threading.Thread(target=_Console(self, channel).serve, daemon=True).start()
        return True

    def _exec(self, channel: paramiko.Channel, text: str) -> None:
        fault = self.router.run(text, channel)
        with suppress(OSError, EOFError, paramiko.SSHException):
            # version 6 tells no status
            if self.router.box.menus.version >= 7:
                channel.send_exit_status(0 if fault is None else 1)
            channel.shutdown_write()
            channel.close()


class _Console:
    """One interactive session."""

    def __init__(self, server: _Server, channel: paramiko.Channel) -> None:
        self.router, self.channel = server.router, channel
        name, _, options = server.login.partition("+")
        self.name, self.plain = name, "c" in options
        self.line = ""

    def serve(self) -> None:
        with suppress(OSError, EOFError, paramiko.SSHException):
            self._say(
                "\r\n  MikroTik RouterOS " + self.router.box.version + "\r\n\r\n" + self._prompt()
            )
            while data := self.channel.recv(1024):
                for letter in data.decode("utf-8", "replace"):
                    if not self._typed(letter):
                        self.channel.close()
                        return

    def _say(self, text: str) -> None:
        self.channel.sendall(text.encode())

    def _prompt(self) -> str:
        identity = self.router.box.singles["system", "identity"]["name"]
        text = f"[{self.name}@{identity}] > "
        return text if self.plain else f"\x1b[9999B{_coloured(text)}"

    def _typed(self, letter: str) -> bool:
        """One key; False when it ends the session."""
        if letter == "\r":
            self._say("\r\n")
            line, self.line = self.line.strip(), ""
            if line.lstrip("/") in ("quit", "exit"):
                return False
            if line:
                self._entered(line)
            self._say("\r" + self._prompt())
        elif letter == "\x04" and not self.line:
            return False
        elif letter in "\x7f\x08":
            self.line = self.line[:-1]
            self._paint()
        elif letter == "\x03":
            self.line = ""
            self._say("\r\n" + self._prompt())
        elif letter >= " ":
            self.line += letter
            self._paint()
        return True

    def _paint(self) -> None:
        """The whole line again, as the console does for every key."""
        self._say(f"\r{self._prompt()}{self.line}\x1b[K")

    def _entered(self, line: str) -> None:
        if re.fullmatch(r"/?system[ /]+reboot", line):
            self._say("Reboot, yes? [y/N]: \r\n")
            answer = self.channel.recv(1).decode()
            self._say(answer + "\r\n")
            if answer.lower() != "y":
                self._say("action cancelled\r\n")
                return
            self._say("system will reboot shortly\r\n")
        self.router.run(line, self.channel)


def _coloured(text: str) -> str:
    return f"\x1b[m\x1b[36m{text[:-2]}\x1b[m{text[-2:]}"
