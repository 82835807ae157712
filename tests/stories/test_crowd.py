"""Ten thousand connections that say nothing, and heads that never end: all others are answered."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from collector.settings import split_address
from tests.stories.centre import Centre, ask
from tests.stories.kills import all_folded, compare, enrolled

pytestmark = pytest.mark.slow

CROWD, HALF_SAID = 10_000, 300
# a machine that does other things as well
PATIENCE_S = 3.0


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    if before[1] != resource.RLIM_INFINITY:
        assert before[1] > CROWD + 1000, f"ulimit -Hn is {before[1]}"
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_crowd_that_says_nothing_shuts_nobody_out(tmp_path: Path, many_files: None) -> None:
    with Centre(tmp_path / "var") as centre:
        witness, *_ = enrolled(centre, seed=13)
        for address in (centre.settings.ingest, centre.settings.console):
            with crowd(address):
                began = time.monotonic()
                witness.sample()
                assert witness.send(), f"no report was taken beside the crowd at {address}"
                for url in (centre.ingest_url, centre.console_url):
                    assert ask("GET", f"{url}/healthz")[0] == 200
                assert time.monotonic() - began < PATIENCE_S
        all_folded(centre)
        assert compare(centre, witness) == 2
    assert "Traceback" not in centre.output


@contextmanager
def crowd(address: str) -> Iterator[None]:
    with ExitStack() as everybody:
        for number in range(CROWD):
            link = everybody.enter_context(socket.create_connection(split_address(address), 10))
            if number < HALF_SAID:
                link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        yield
