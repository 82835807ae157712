"""python -m tests.bench.query_server DATA HOST:PORT NOW: the query interface, nothing else.

As the console serves it, but that everybody may see everything.
"""

import asyncio
import sys
import time
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from werkzeug.wrappers import Request, Response

from collector.db import open_store
from collector.prometheus_api import Api
from collector.promql.source import Centre
from collector.settings import Settings, split_address
from web.bridge import Bridge


def main() -> None:
    settings = Settings(data=sys.argv[1])
    host, port = split_address(sys.argv[2])
    now = float(sys.argv[3])
    api = Api(Centre(settings, open_store(settings)), time.monotonic)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        path = request.path.removeprefix("/api/v1/")
        reply = api.answer(path, request.values.to_dict(flat=False), (), now)
        response = Response(reply.body, reply.status, mimetype="application/json")
        return response(environ, start_response)

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
