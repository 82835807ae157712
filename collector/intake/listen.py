"""The socket agents speak to: granian, with a bound on everything a client can take from us."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server

from collector.doors import open_files
from collector.settings import Settings, split_address


@dataclass(frozen=True, slots=True)
class Limits:
    """What slow or many clients can take from us.

    `idle_s` bounds the time to a whole request head; hyper starts it when the connection falls
    idle, so it must outlast the report interval of agents that keep their connection.
    """

    idle_s: float = 330.0
    body_s: float = 30.0
    connections: int = 200_000


class Listener:
    """A granian that serves in this event loop; `serving` ends when it does."""

    def __init__(self, settings: Settings, application: object, limits: Limits) -> None:
        self._server = _server(settings, application, limits)
        self.serving = asyncio.create_task(self._server.serve())

    async def stop(self) -> None:
        stop: Callable[[], None] = self._server.stop
        stop()
        await self.serving


def _server(settings: Settings, application: object, limits: Limits) -> Server:
    host, port = split_address(settings.ingest)
    return Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(limits.idle_s * 1000)),
        backpressure=min(limits.connections, open_files()),
        backlog=1024,
        log_enabled=False,
        websockets=False,
        ssl_cert=Path(settings.cert) if settings.cert else None,
        ssl_key=Path(settings.key) if settings.key else None,
        # RouterOS 6 knows nothing newer
        ssl_protocol_min=SSLProtocols.tls12,
    )
