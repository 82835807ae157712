"""Journals of both kinds, opened as a centre opens them."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from collector.journal.opening import open_reader, open_writer
from collector.journal.protocol import Reader, Writer
from collector.settings import Settings
from tests.nats import Node

_numbers = count(1)


class Journal:
    """One journal: writers and readers of it, all closed in the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sites: dict[int, str] = {}
        self._open: list[Reader | Writer] = []

    def writer(self, folded: int | None = 0) -> Writer:
        made = open_writer(self.settings, lambda: folded, lambda a: self.sites.get(a, "one"))
        self._open.append(made)
        return made

    def reader(self) -> Reader:
        made = open_reader(self.settings)
        self._open.append(made)
        return made

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


@pytest.fixture
def make_stream(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Journal]]:
    """A journal that is a stream of its own, with settings of one's own."""
    made: list[Journal] = []

    def make(**given: object) -> Journal:
        node: Node = request.getfixturevalue("nats_server")
        usual = {"journal": (node.url,), "journal_replicas": 1}
        named = {"journal_name": f"t{next(_numbers)}", "data": str(tmp_path)}
        made.append(Journal(Settings(**{**named, **usual, **given})))
        return made[-1]

    yield make
    for journal in made:
        journal.close()


@pytest.fixture(params=["files", pytest.param("stream", marks=pytest.mark.slow)])
def journal(
    request: pytest.FixtureRequest, tmp_path: Path, make_stream: Callable[..., Journal]
) -> Iterator[Journal]:
    """A test that asks for it runs on both kinds."""
    made = Journal(Settings(data=str(tmp_path))) if request.param == "files" else make_stream()
    yield made
    made.close()
