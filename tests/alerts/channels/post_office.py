"""A small SMTP server on loopback: STARTTLS, AUTH, and refusals at any step it is told to."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class PostOffice:
    """`says` replaces the answer to a command; `letters` are what was taken."""

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    says: Mapping[str, str] = field(default_factory=dict)
    letters: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    port: int = 0

    def serve(self, server: socket.socket) -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            link.settimeout(5)
            try:
                self._talk(link)
            except (OSError, ssl.SSLError):
                pass  # they hung up on us, as they may
            finally:
                link.close()

    def _talk(self, link: socket.socket) -> None:
        if self.implicit:
            assert self.tls is not None
            link = self.tls.wrap_socket(link, server_side=True)
        if self.says.get("greeting") == "":
            link.recv(1)
            return
        _say(link, self.says.get("greeting", "220 post.test"))
        lines = link.makefile("rb")
        while line := lines.readline().decode().strip():
            verb = line.split()[0].upper()
            self.heard.append(line)
            _say(link, self.says.get(verb) or self._answer(verb))
            if verb == "STARTTLS" and self.tls is not None and "STARTTLS" not in self.says:
                link = self.tls.wrap_socket(link, server_side=True)
                lines = link.makefile("rb")
            elif verb == "DATA" and "DATA" not in self.says:
                self.letters.append(_letter(lines))
                _say(link, self.says.get(".") or "250 2.0.0 taken as 4711")
            elif verb == "QUIT":
                break
        lines.close()
        link.close()

    def _answer(self, verb: str) -> str:
        if verb == "EHLO":
            offers = ["250-post.test", "250-AUTH PLAIN"]
            if self.tls is not None and not self.implicit:
                offers.append("250-STARTTLS")
            return "\r\n".join([*offers, "250 8BITMIME"])
        known = {"STARTTLS": "220 go", "AUTH": "235 ok", "DATA": "354 go", "QUIT": "221 bye"}
        return known.get(verb, "250 ok")


@contextmanager
def post_office(**given: Any) -> Iterator[PostOffice]:
    made = PostOffice(**given)
    with socket.create_server(("127.0.0.1", 0)) as server:
        made.port = server.getsockname()[1]
        thread = threading.Thread(target=made.serve, args=(server,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _say(link: socket.socket, words: str) -> None:
    link.sendall(words.encode() + b"\r\n")


def _letter(lines: Any) -> bytes:
    letter = b""
    while (line := lines.readline()) not in (b".\r\n", b""):
        letter += line
    return letter
