"""A collector and agents that are cleared away after each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.identity import Identity
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.sending import Bench, bench

MakeAgent = Callable[..., Bench]


@pytest.fixture
def centre() -> Iterator[FakeCollector]:
    with collector() as fake:
        yield fake


@pytest.fixture
def make_agent(tmp_path: Path, centre: FakeCollector) -> Iterator[MakeAgent]:
    """Agents on the same folder, each a new run of the program."""
    with ExitStack() as stack:

        def make(identity: Identity | None = None) -> Bench:
            agent = bench(tmp_path, centre, identity)
            stack.callback(agent.post.close)
            return agent

        yield make


@pytest.fixture
def agent(make_agent: MakeAgent) -> Bench:
    return make_agent()
