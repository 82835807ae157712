"""Stories of the rules for the lines to the internet."""

import os
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.agent.probes.test_dns import answer, dns_server
from tests.agent.servers import page
from tests.alerts.readings.regency import Story, Village
from tests.alerts.readings.stand_ins import server

_PING = {"name": "1.1.1.1", "kind": "ping", "host": "1.1.1.1"}


def _pings(village: Village, rtt_ms: float, got: int = 5, host: str = "1.1.1.1") -> None:
    """What ping prints of five packets."""
    lines = [f"64 bytes from {host}: icmp_seq={n} ttl=60 time={rtt_ms} ms" for n in range(1, 6)]
    text = "\\n".join([*lines[:got], f"5 packets transmitted, {got} received, 0% packet loss"])
    # another host than the one in trouble answers as it always does
    fine = "64 bytes from x: icmp_seq=1 ttl=60 time=9 ms\\n1 packets transmitted, 1 received, 0%"
    village.program(
        "ping", f"case \"$*\" in *{host}) printf '{text}\\n';; *) printf '{fine}\\n';; esac"
    )


def _line(minutes: float, rtt_ms: float = 20, got: int = 5) -> Callable[[Village], Story]:
    def story(village: Village) -> Story:
        village.watch({**_PING, "count": 5, "uplink": "main"})
        for told, wait in (((20.0, 5), 3.0), ((rtt_ms, got), minutes), ((20.0, 5), 4.0)):
            _pings(village, *told)
            village.start()
            yield wait

    return story


def second_line(village: Village) -> Story:
    """The modem behind the fiber."""
    modem = {"name": "modem", "kind": "ping", "host": "8.8.4.4", "uplink": "4g"}
    village.watch({**_PING, "uplink": "main"}, modem)
    for got, wait in ((5, 2), (0, 3), (5, 2)):
        _pings(village, 30, got, "8.8.4.4")
        yield wait


def target(village: Village) -> Story:
    """The line works, and a host that should be there is not."""
    village.watch(
        {**_PING, "uplink": "main"}, {"name": "server desa", "kind": "ping", "host": "10.0.0.5"}
    )
    for got, wait in ((5, 2), (0, 3), (5, 2)):
        _pings(village, 1, got, "10.0.0.5")
        yield wait


def names(village: Village) -> Story:
    """The resolver has lost its way; all else works."""
    codes = [0]
    with dns_server(lambda asked: [answer(asked, "10.1.1.1", rcode=codes[0])]) as port:
        dns = {"name": "dns", "kind": "dns", "server": "127.0.0.1", "port": port}
        village.watch({**_PING, "uplink": "main"}, {**dns, "query": "desa.id"})
        _pings(village, 20)
        for code, wait in ((0, 2), (2, 3), (0, 2)):
            codes[0] = code
            yield wait


def suspended(village: Village) -> Story:
    right = page(b"ronda-known 0a1b2c3d\n")
    with server(right) as centre:
        village.watch({"name": "known", "kind": "known", "url": centre.url, "centre": "0a1b2c3d"})
        for said, wait in ((right, 2), (page(b"<title>Layanan diisolir</title>"), 2), (right, 2)):
            centre.answer = said
            yield wait


class _File(BaseHTTPRequestHandler):
    """500 kB: at once, or so that half a second passes."""

    waits_s = 0.0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500000")
        self.end_headers()
        for _ in range(5):
            time.sleep(self.waits_s)
            self.wfile.write(os.urandom(100_000))

    def log_message(self, format: str, *args: Any) -> None:
        pass


def below_contract(village: Village) -> Story:
    served = ThreadingHTTPServer(("127.0.0.1", 0), _File)
    thread = threading.Thread(target=served.serve_forever, args=(0.05,))
    thread.start()
    village.line("main", 20.0)
    url = f"http://127.0.0.1:{served.server_address[1]}/file"
    village.watch({"name": "capacity", "kind": "capacity", "url": url, "contract_mbps": 20.0})
    try:
        for waits_s, wait in ((0.0, 2), (0.1, 8), (0.0, 2)):
            _File.waits_s = waits_s
            village.start()
            yield wait
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


STORIES: dict[str, Callable[[Village], Story]] = {
    "UplinkDown": _line(3, got=0),
    "UplinkSlow": _line(8, rtt_ms=700),
    "UplinkLossy": _line(8, got=3),
    "UplinkLineDown": second_line,
    "UplinkDnsDown": names,
    "UplinkWrongContent": suspended,
    "UplinkBelowContract": below_contract,
    "TargetSilent": target,
}
