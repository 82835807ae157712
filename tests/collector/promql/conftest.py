"""A centre of a few sites with numbers in its window and blocks, as the engine leaves them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pytest
from sqlalchemy import Engine, insert

from collector import schema
from collector.db import open_history, open_store, writing
from collector.prometheus_api import Api
from collector.promql.labels import say
from collector.promql.limits import Limits
from collector.promql.plan import Matcher
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.promql.vectors import Scalar, Vector
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.layouts import Columns
from collector.series.window import WindowWriter
from collector.settings import Settings
from tests.stores import migrated

START = 1_790_000_040.0  # a full minute
NAMES = ["ronda_host_load1", 'ronda_check_up{check="app",kind="http"}', "bytes_total"]


@dataclass
class Small:
    """Sites by row; every `put` is one report of one site."""

    settings: Settings
    store: Engine
    blocks: Engine
    writer: WindowWriter
    ids: Any
    now: float = START

    def site(self, row: int, code: str, name: str, **more: Any) -> None:
        self.sites([(row, code, name)], **more)

    def sites(self, rows: list[tuple[int, str, str]], **more: Any) -> None:
        fields = {"district": "Cluring", "regency": "Banyuwangi", "isp": "Telkom|XL"}
        values = fields | {"upstream": "POP Genteng", "report_every_s": 60} | more
        with writing(self.store) as connection:
            made = [{"code": code, "row": row, "name": name} | values for row, code, name in rows]
            connection.execute(insert(schema.sites), made)

    def state(self, code: str, state: str, since: float, until: float | None = None) -> None:
        row = {"site": code, "state": state, "since": since, "until": until, "rev": 1}
        with writing(self.store) as connection:
            connection.execute(insert(schema.states).values(row))

    def put(self, row: int, time: float, *values: float | None) -> None:
        line = np.array([[np.nan if value is None else value for value in values]])
        rows, times = np.array([row], np.int32), np.array([time])
        self.writer.write(rows, times, self.ids[: len(values)], line, 1)
        self.writer.touch(rows, times)
        self.writer.sync(1)

    def late(self, row: int, times: list[float], values: list[float]) -> None:
        frames = Frames(np.array(times), self.ids[:1], np.array(values)[:, None])
        with writing(self.blocks) as connection:
            blocks.put_late(connection, row, 1000, [frames])

    def ask(self, query: str, at: float, end: float | None = None, step: float = 0) -> Any:
        """{labels: value} of an instant, {labels: {time: value}} of a range query."""
        source = query_source(Centre(self.settings, self.store, self.blocks))
        last = at if end is None else end
        question = Ask(query, round(at * 1000), round(last * 1000), round(step * 1000))
        found = ask(question, source, Limits(), source.words)
        if isinstance(found.value, Scalar):
            return float(found.value.values[0])
        assert isinstance(found.value, Vector)
        return {
            say(found.value.labels.row(i)): self._line(found.value, i, found.times, step)
            for i in range(len(found.value))
        }

    @staticmethod
    def _line(value: Vector, row: int, times: Any, step: float) -> Any:
        if not step:
            return float(value.values[row, 0])
        there = value.present[row]
        return dict(
            zip((times[there] / 1000).tolist(), value.values[row][there].tolist(), strict=True)
        )

    def api(self, path: str, scope: tuple[Matcher, ...] = (), **params: Any) -> Any:
        """Status and document of an endpoint of the HTTP API."""
        api = Api(Centre(self.settings, self.store, self.blocks), lambda: 0.0)
        asked = {
            ("match[]" if name == "match" else name): value if isinstance(value, list) else [value]
            for name, value in params.items()
        }
        reply = api.answer(path, asked, scope, self.now)
        return reply.status, msgspec.json.decode(reply.body)


@pytest.fixture
def small(store_settings: Settings) -> Iterator[Small]:
    settings = store_settings
    migrated(settings)
    store, history = open_store(settings), open_history(settings)
    columns = Columns(history)
    ids = columns.give(NAMES)
    with writing(history) as connection:
        columns.save(connection)
    writer = WindowWriter.open(settings.window, 120, 2, {}, boot="a")
    writer.sync(1)
    yield Small(settings, store, history, writer, ids)
    writer.close()
    store.dispose()
    history.dispose()


@pytest.fixture
def two(small: Small) -> Small:
    """Two sites in two regencies, each with ten minutes of reports up to START + 600."""
    small.site(0, "35.10.06.2005", "Sarimulyo")
    small.site(1, "35.09.01.2001", "Kencong", district="Kencong", regency="Jember", isp="XL")
    for minute in range(11):
        small.put(0, START + minute * 60, minute, 1, minute * 600)
        small.put(1, START + minute * 60 + 5, 10 * minute, 0)
    small.state("35.10.06.2005", "normal", START)
    small.state("35.09.01.2001", "normal", START, START + 300)
    small.state("35.09.01.2001", "down", START + 300)
    small.now = START + 610
    return small
