"""The connection to NATS comes about, however slow the servers are to let us in."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from nats.aio.client import Client

from collector.authority import ensure_ca
from collector.journal import link
from collector.journal.link import Access, Link
from collector.journal.protocol import JournalFailed
from tests.stories.centre import wait_for

INFO = {"server_id": "N", "version": "2.10.0", "max_payload": 1 << 20, "headers": True}


@contextmanager
def server(first_answers: Sequence[bytes] = (), tls: bool = False) -> Iterator[str]:
    """The words of a server, and what it says at first; with `tls` it never begins to speak it."""
    left, greeting = [*first_answers], f"INFO {json.dumps({**INFO, 'tls_required': tls})}\r\n"

    def serve() -> None:
        with suppress(OSError), ExitStack() as everybody:
            while True:
                caller = everybody.enter_context(listener.accept()[0])
                caller.sendall(greeting.encode())
                while not tls and (heard := caller.recv(65536)):
                    if b"PING\r\n" in heard:
                        caller.sendall(left.pop(0) if left else b"PONG\r\n")

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"{'tls' if tls else 'nats'}://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@contextmanager
def secure_server(folder: Path) -> Iterator[Access]:
    """It speaks TLS. To the first who comes it says two words and then stands still."""
    served = ensure_ca(folder, ["127.0.0.1"], time.time())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(served.cert, served.key)
    greeting = f"INFO {json.dumps({**INFO, 'tls_required': True})}\r\n"

    def serve() -> None:
        with suppress(OSError), ExitStack() as everybody:
            for left in (2, 1 << 30):
                caller = listener.accept()[0]
                caller.sendall(greeting.encode())
                caller = everybody.enter_context(context.wrap_socket(caller, server_side=True))
                while left and (heard := caller.recv(65536)):
                    for _ in range(heard.count(b"PING\r\n")):
                        caller.sendall(b"PONG\r\n")
                        left -= 1

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"tls://127.0.0.1:{listener.getsockname()[1]}"
        yield Access((url,), ca=str(folder / "ca.pem"))
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


async def works(client: Client) -> bool:
    await client.flush(2)
    return client.is_connected


def test_whoever_was_let_in_late_comes_again() -> None:
    # a server asks whether we live two seconds after we came, also when it has not let us in yet
    with server([b"PING\r\nPONG\r\n"]) as url, closing(Link(Access((url,)))) as made:
        with pytest.raises(JournalFailed, match="no answer in time"):
            made.call(works, 5.0)
        assert made.call(works, 5.0)


def test_who_waits_for_a_greeting_that_never_comes_is_told_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "CONNECT_S", 0.3)
    said: list[str] = []

    def call() -> None:
        for _ in range(2):
            try:
                made.call(works, 0.5)
            except JournalFailed as failed:
                said.append(str(failed))

    with server(tls=True) as url, closing(Link(Access((url,)))) as made:
        waiting = threading.Thread(target=call, daemon=True)
        waiting.start()
        waiting.join(10)
        assert len(said) == 2, "somebody waits for ever"


def test_who_stands_still_over_tls_is_left_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_PING_S", 0.1)
    monkeypatch.setattr(link, "_GOODBYE_S", 0.1)
    with secure_server(tmp_path) as access, closing(Link(access)) as made:
        assert made.call(works, 5.0)

        def again() -> bool:
            with suppress(JournalFailed):
                return made.call(works, 2.0)
            return False

        wait_for("it goes on", again, 15)
