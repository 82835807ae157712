"""A small centre on loopback that keeps entries as the protocol says; and a way to drive agents."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from collector.simulate.agents import Agents, Enrolled
from collector.simulate.client import Client
from collector.simulate.fate import Fate
from collector.simulate.figures import Figures
from collector.simulate.geography import villages
from collector.simulate.live import Live
from collector.simulate.post import Post
from collector.simulate.scenario import Scenario

Entry = dict[str, Any]
QUIET = Scenario(first_findings=False)


@dataclass
class Centre:
    """What arrived: entries by (token, spool, n), reports in their order."""

    port: int = 0
    reports: list[tuple[str, Entry]] = field(default_factory=list)
    goodbyes: list[str] = field(default_factory=list)
    frames: dict[tuple[str, str, int], Entry] = field(default_factory=dict)
    findings: dict[tuple[str, str, int], Entry] = field(default_factory=dict)
    layouts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    repeats: int = 0
    refuse: list[tuple[int, str]] = field(default_factory=list)  # answers to give first
    connections: int = 0
    asked_config: int = 0  # the first two are too early: the agents are not known yet
    wanted_auth: Callable[[str], bool] = lambda token: True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def frames_of(self, token: str) -> list[Entry]:
        return [frame for (owner, _, _), frame in self.frames.items() if owner == token]

    def findings_of(self, token: str) -> list[Entry]:
        return [one for (owner, _, _), one in self.findings.items() if owner == token]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(await self._answer(head.decode(), reader))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: str, reader: asyncio.StreamReader) -> bytes:
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
        body = await reader.readexactly(int(fields["content-length"]))
        if head.startswith("GET /api/v1/config"):
            self.asked_config += 1
            return _response(401 if self.asked_config < 3 else 200, {})
        if head.startswith("GET /healthz"):
            return _response(200, {"status": "ok", "fold_lag_s": 0.25})
        if self.refuse:
            status, extra = self.refuse.pop(0)
            return _response(status, {"error": "not now"}, extra)
        token = head.partition("Authorization: Bearer ")[2].partition("\r\n")[0]
        if not self.wanted_auth(token):
            return _response(401, {"error": "unknown token"})
        report = json.loads(zlib.decompress(body, 31))
        if "x-ronda-shutdown" in fields:
            self.goodbyes.append(token)
        return _response(200, self._keep(token, report))

    def _keep(self, token: str, report: Entry) -> Entry:
        self.reports.append((token, report))
        for name, names in report.get("layouts", {}).items():
            self.layouts[token, name] = names
        missing = {f["layout"] for f in report["frames"]} - {
            name for owner, name in self.layouts if owner == token
        }
        for frame in report["frames"]:
            if frame["layout"] not in missing:
                assert len(frame["values"]) == len(self.layouts[token, frame["layout"]])
                self._keep_one(self.frames, (token, report["spool"], frame["n"]), frame)
        for finding in report["findings"]:
            self._keep_one(self.findings, (token, report["spool"], finding["n"]), finding)
        return {"kept": 0, "rejected": [], "need_layouts": sorted(missing), "time": 0.0}

    def _keep_one(self, kept: dict[tuple[str, str, int], Entry], key: Any, entry: Entry) -> None:
        if key in self.frames or key in self.findings:
            self.repeats += 1
        kept[key] = entry


@asynccontextmanager
async def centre() -> AsyncIterator[Centre]:
    """A centre that serves while the block runs."""
    made = Centre()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        server.close()


@dataclass
class Fleet:
    """Simulated agents and all that drives them, on a clock of the test's own."""

    agents: Agents
    client: Client
    post: Post
    live: Live
    figures: Figures
    tokens: list[str]

    async def drive(self, start: float, seconds: float, step_s: float = 1.0) -> float:
        """Tick from `start` on; every answer is in before the clock moves. The time it ends."""
        now = start
        while now < start + seconds:
            while self.live.tick(now):
                await self.settle()
            await self.settle()
            now += step_s
        return now

    async def settle(self) -> None:
        while self.client.under_way:
            await asyncio.sleep(0.0005)


@asynccontextmanager
async def fleet(
    centre: Centre,
    start: float,
    count: int = 6,
    interval_s: float = 60.0,
    scenario: Scenario = QUIET,
    series: int = 60,
    seed: int = 1,
) -> AsyncIterator[Fleet]:
    """Agents that report to `centre`; the run begins at `start`."""
    client = Client(centre.url)
    figures = Figures(sites=count)
    some = list(villages(count))
    tokens = [f"token-{number}" for number in range(count)]
    fate = Fate(scenario, some, start, seed)
    agents = Agents(Enrolled(some, tokens), fate, seed, series, interval_s, start)
    post = Post(agents, client, figures)
    live = Live(agents, post, seed, 8.0, scenario.first_findings)
    try:
        yield Fleet(agents, client, post, live, figures, tokens)
    finally:
        await client.close()
        await asyncio.sleep(0.01)


def _response(status: int, data: Entry, extra: str = "") -> bytes:
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body
