"""A line is cut and flaps between a real agent and a real centre: nothing is lost, or twice."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from collector.settings import split_address
from tests.stories.centre import Centre, free_port, wait_for
from tests.stories.test_backup import KEPT, agent, bring_sites, list_times

pytestmark = [pytest.mark.slow, pytest.mark.soak]

EVERY_S = 2.0
# closed with a reset, and nothing that is still under way arrives
_RESET = struct.pack("ii", 1, 0)


class Line:
    """What is between them: carries bytes both ways while it is `whole`."""

    def __init__(self, to: str) -> None:
        self._to = split_address(to)
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.whole = True
        self.cuts = 0
        self._turn = 0
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.whole = False
        self.cuts += bool(self._links)
        while self._links:
            _reset(self._links.pop())

    def hush(self) -> None:
        """Of what is open nothing comes through any more, and nobody is told; what is new does."""
        self._turn += 1

    def close(self) -> None:
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                link, _ = self._listener.accept()
                if not self.whole:
                    _reset(link)
                    continue
                other = socket.create_connection(self._to)
                self._links += [link, other]
                for both in ((link, other), (other, link)):
                    ends = (*both, self._turn)
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, one: socket.socket, two: socket.socket, turn: int) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if turn == self._turn:
                    two.sendall(data)
            if turn == self._turn:
                two.shutdown(socket.SHUT_WR)


def _reset(link: socket.socket) -> None:
    with link, suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # wakes the thread that reads of it; the other end may have gone first
        link.shutdown(socket.SHUT_RDWR)


@contextmanager
def line(to: str) -> Iterator[Line]:
    made = Line(to)
    try:
        yield made
    finally:
        made.close()


def test_a_line_that_is_cut_and_flaps_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    centre = Centre(tmp_path / "var", RONDA_BEACONS="false")
    with line(centre.settings.ingest) as way:
        centre.reached_by(way.url)
        with centre:
            bring_sites(centre, tmp_path)
            with agent(centre, tmp_path, KEPT):
                wait_for("first reports", lambda: len(list_times(centre, KEPT)) > 1, 40)
                # whoever is told nothing has to find out
                way.hush()
                hushed_at = time.time()
                wait_for("the agent comes anew", lambda: unbroken(centre, hushed_at), 40)
                way.cut()
                time.sleep(3 * EVERY_S)
                for _ in range(6):
                    way.whole = True
                    time.sleep(0.5)
                    way.cut()
                    time.sleep(0.5)
                cut_until = time.time()
                way.whole = True
                wait_for("all of it", lambda: unbroken(centre, cut_until), 40)
            found = list_times(centre, KEPT)
            assert len(found) == len(set(found))
            assert way.cuts > 1
    assert "Traceback" not in centre.output


def unbroken(centre: Centre, until: float) -> bool:
    """Numbers without a hole, to behind that moment."""
    times = list_times(centre, KEPT)
    steps = [later - one for one, later in zip(times, times[1:], strict=False)]
    return times[-1] > until and max(steps) < 2 * EVERY_S
