"""The connection to NATS comes about, however slow the servers are to let us in."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest
from nats.aio.client import Client

from collector.journal import link
from collector.journal.link import Access, Link
from collector.journal.protocol import JournalFailed

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
