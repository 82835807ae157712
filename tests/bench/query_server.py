"""python -m tests.bench.query_server DATA HOST:PORT NOW: the query interface, nothing else.

As the console serves it, but that everybody may see everything.
"""

import asyncio
import sys
import time
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from collector.db import open_store
from collector.prometheus_api import Api
from collector.promql.source import Centre
from collector.settings import Settings, split_address
from web.bridge import Bridge
from web.prometheus import asked, told


def main() -> None:
    settings = Settings(data=sys.argv[1])
    host, port = split_address(sys.argv[2])
    now = float(sys.argv[3])
    api = Api(Centre(settings, open_store(settings)), time.monotonic)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"].removeprefix("/api/v1/")
        return told(environ, start_response, api.answer(path, asked(environ), (), now))

    async def serve() -> None:
        server: Any = Server(
            Bridge(application, 2),
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            log_enabled=False,
            websockets=False,
        )
        await server.serve()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
