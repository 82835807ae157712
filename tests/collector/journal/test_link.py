"""The connection to NATS comes about, however slow the servers are to let us in."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from nats.aio.client import Client

from collector.journal.link import Access, Link
from collector.journal.protocol import JournalFailed

INFO = b'INFO {"server_id":"N","version":"2.10.0","max_payload":1048576,"headers":true}\r\n'
# a server asks whether we live two seconds after we came, also when it has not let us in yet
FIRST_ANSWERS = (b"PING\r\nPONG\r\n",)


@pytest.fixture
def slow_server() -> Iterator[str]:
    """The words of a server, to one after the other; the first comes while it is busy."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=serve, args=(listener, [*FIRST_ANSWERS]), daemon=True)
        thread.start()
        yield f"nats://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def serve(listener: socket.socket, first: list[bytes]) -> None:
    with suppress(OSError):
        while True:
            link, _ = listener.accept()
            with link, suppress(OSError):
                link.sendall(INFO)
                while heard := link.recv(65536):
                    if b"PING\r\n" in heard:
                        link.sendall(first.pop() if first else b"PONG\r\n")


def test_whoever_was_let_in_late_comes_again(slow_server: str) -> None:
    async def works(client: Client) -> bool:
        await client.flush(2)
        return client.is_connected

    with closing(Link(Access((slow_server,)))) as link:
        with pytest.raises(JournalFailed, match="no answer in time"):
            link.call(works, 5.0)
        assert link.call(works, 5.0)
