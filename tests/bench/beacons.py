"""What a beacon costs ingest: the real socket, reader and table, questions from a second process.

python -m tests.bench.beacons [--agents 8400] [--packets 100000]

Beside it the same table behind asyncio's own datagram protocol.
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import time
from collections.abc import Callable
from typing import Any

from collector.intake.beacons import Beacons
from collector.intake.heard import Heard, pack

KEY = b"k" * 32
COUNTRY_PER_S = 83_763 / 10


class Protocol(asyncio.DatagramProtocol):
    """The other way to do it."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        echo = self._heard.take(data, self._loop.time())
        if echo is not None:
            self._transport.sendto(echo, addr)
            self._heard.counts["echo"] += 1


def ask(port: int, agents: int, packets: int) -> None:
    """Send all, never more than 200 ahead of the echoes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("127.0.0.1", port))
        line.settimeout(1.0)
        made = [pack(KEY, 1 + n % agents, 1 << 32 | n, 0) for n in range(packets)]
        for start in range(0, packets, 200):
            batch = made[start : start + 200]
            for packet in batch:
                line.send(packet)
            try:
                for _ in batch:
                    line.recv(64)
            except TimeoutError:
                continue


async def measure(agents: int, packets: int, by: str) -> dict[str, float]:
    heard = Heard(lambda agent: (KEY,))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    close: Callable[[], None]
    loop = asyncio.get_running_loop()
    if by == "reader":
        close = Beacons(f"127.0.0.1:{port}", heard).close
    else:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Protocol(heard), local_addr=("127.0.0.1", port)
        )
        close = transport.close
    asker = multiprocessing.get_context("spawn").Process(target=ask, args=(port, agents, packets))
    asker.start()
    while heard.counts["heard"] == 0 and asker.is_alive():
        await asyncio.sleep(0.01)
    before, came = time.process_time(), heard.counts["heard"]
    sweeps = 0.0
    while asker.is_alive():
        await asyncio.sleep(1.0)
        began = time.process_time()
        heard.news(loop.time(), time.time())
        sweeps += time.process_time() - began
    used, count = time.process_time() - before, heard.counts["heard"] - came
    close()
    asker.join()
    return {
        "packets": count,
        "us_a_packet": round(used / max(1, count) * 1e6, 2),
        "core_for_the_country": round(used / max(1, count) * COUNTRY_PER_S, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=8400)
    parser.add_argument("--packets", type=int, default=100_000)
    args = parser.parse_args()
    found = {
        by: asyncio.run(measure(args.agents, args.packets, by)) for by in ("reader", "protocol")
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
