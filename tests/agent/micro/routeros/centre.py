"""A real ingest in a thread, whose clock the test moves; what came in is read from its journal."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socket import create_server
from typing import Any

from sqlalchemy import insert

from collector import agents, authority, db
from collector.intake.listen import Limits
from collector.intake.server import serve
from collector.intake.wire import Report, read_report
from collector.journal.files import FileReader
from collector.journal.framing import Kind
from collector.schema import sites
from collector.settings import Settings
from tests.stores import migrated

SITE = "35.10.06.2005"


class Centre:
    """Ingest on a port of loopback. `ca`: PEM of its own authority, where it speaks TLS."""

    def __init__(self, folder: Path, tls: bool = False) -> None:
        with create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.settings = Settings(data=str(folder), ingest=f"127.0.0.1:{port}")
        self.ca = ""
        self.now = 1_790_000_000.0
        migrated(self.settings)
        if tls:
            made = authority.ensure_ca(self.settings.folder / "tls", ["127.0.0.1"], 1.79e9)
            self.settings = replace(self.settings, cert=str(made.cert), key=str(made.key))
            self.ca = made.ca_pem
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
        self.engine = db.open_store(self.settings)
        with db.writing(self.engine) as connection:
            connection.execute(insert(sites).values(code=SITE, row=0, name="Benculuk"))

    def code(self, approval: bool = False) -> str:
        with db.writing(self.engine) as connection:
            return agents.issue_code(connection, SITE, self.now, 30, approval)

    @contextmanager
    def serving(self) -> Iterator["Centre"]:
        up, ended = threading.Event(), threading.Event()
        said: dict[str, Any] = {}

        async def main() -> None:
            said["loop"], said["stop"] = asyncio.get_running_loop(), asyncio.Event()
            await serve(
                self.settings, said["stop"], lambda: self.now, up.set, Limits(), lambda _: 1 << 40
            )

        def run() -> None:
            try:
                asyncio.run(main())
            finally:
                ended.set()
                up.set()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            assert up.wait(20) and not ended.is_set()
            yield self
        finally:
            said["loop"].call_soon_threadsafe(said["stop"].set)
            thread.join(20)
            self.engine.dispose()

    def reports(self) -> list[Report]:
        """All that was kept, in its order."""
        reader = FileReader(self.settings.journal_folder)
        found: list[Report] = []
        at = 0
        while records := reader.read(at):
            found += [read_report(r.payload) for r in records if r.kind == Kind.REPORT]
            at = records[-1].next
        reader.close()
        return found

    def frames(self) -> list[dict[str, Any]]:
        """Each frame as its names with their values, and when it was measured."""
        layouts: dict[str, list[str]] = {}
        found = []
        for report in self.reports():
            layouts |= report.layouts
            for frame in report.frames:
                values = dict(zip(layouts[frame.layout], frame.values, strict=True))
                about = {"n": frame.n, "at": frame.at, "up": frame.up, "spool": report.spool}
                found.append({**values, **about, "boot": report.boot, "every": report.every_s})
        return found

    def findings(self) -> list[tuple[str, str, str]]:
        return [(f.check, f.verdict, f.reason) for r in self.reports() for f in r.findings]
