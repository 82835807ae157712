"""A router that speaks REST as the documentation of RouterOS 7 says, errors included.

All values are texts; `.proplist` leaves the others out; a menu that is not there is a 400.
"""

import base64
import contextlib
import json
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Menus = dict[str, Any]

MENUS: Menus = {
    "system/resource": {
        "uptime": "2d20h12m20s",
        "version": "7.16.2 (stable)",
        "cpu-load": "7",
        "free-memory": "402653184",
        "total-memory": "1073741824",
        "board-name": "hAP ax^3",
    },
    "system/health": [
        {".id": "*D", "name": "cpu-temperature", "type": "C", "value": "58"},
        {".id": "*E", "name": "voltage", "type": "V", "value": "24.1"},
    ],
    "interface": [
        {".id": "*1", "name": "ether1", "type": "ether", "running": "true", "disabled": "false",
         "rx-byte": "8124000111", "tx-byte": "912000222", "rx-error": "3"},
        {".id": "*2", "name": "sfp1", "type": "ether", "running": "true", "disabled": "false",
         "rx-byte": "50", "tx-byte": "60", "rx-error": "0"},
        {".id": "*3", "name": "wifi1", "type": "wifi", "running": "true", "disabled": "false",
         "rx-byte": "1000", "tx-byte": "2000"},
        {".id": "*F", "name": "<pppoe-budi>", "type": "pppoe-in", "running": "true",
         "dynamic": "true", "disabled": "false", "rx-byte": "1", "tx-byte": "1"},
    ],
    "interface/wifi": [
        {".id": "*3", "name": "wifi1", "configuration.mode": "ap", "configuration.ssid": "Desa",
         "disabled": "false", "running": "false", "bound": "true", "inactive": "false"},
        {".id": "*4", "name": "wifi2", "configuration": "umum", "disabled": "false",
         "bound": "true", "inactive": "false"},
        {".id": "*5", "name": "cap-wifi1", "configuration": "umum", "disabled": "false",
         "bound": "true", "inactive": "false"},
        {".id": "*6", "name": "wifi9", "configuration.mode": "station", "disabled": "false"},
        {".id": "*7", "name": "wifi8", "configuration.ssid": "lama", "disabled": "true"},
    ],
    "interface/wifi/configuration": [{".id": "*1", "name": "umum", "ssid": "Desa", "mode": "ap"}],
    "interface/wifi/radio": [
        {".id": "*1", "interface": "wifi1", "local": "true"},
        {".id": "*2", "interface": "cap-wifi1", "cap": "pendopo@02:00:00:00:00:09%bridge"},
    ],
    "interface/wifi/registration-table": [
        {".id": f"*{n}", "interface": at, "ssid": "Desa", "mac-address": f"02:00:00:00:00:0{n}",
         "signal": "-255"}
        for n, at in enumerate(["wifi1", "wifi1", "wifi2", "cap-wifi1", "cap-wifi1", "cap-wifi1"])
    ],
    "interface/ethernet/monitor": [
        {"name": "ether1", "status": "link-ok", "rate": "1Gbps", "full-duplex": "true"},
        {"name": "sfp1", "status": "link-ok", "rate": "2.5Gbps", "sfp-rx-power": "-19.5",
         "sfp-tx-power": "2.1dBm"},
    ],
    "ip/hotspot": [{".id": "*1", "name": "hs1", "interface": "bridge", "disabled": "false"}],
    "ip/hotspot/active": [
        {".id": f"*{n}", "user": f"warga{n}", "address": f"10.5.0.{n}",
         "mac-address": f"02:00:00:00:01:0{n}"}
        for n in range(4)
    ],
    "ip/dhcp-server": [
        {".id": "*1", "name": "dhcp-hs", "address-pool": "hs", "disabled": "false"},
        {".id": "*2", "name": "tetap", "address-pool": "static-only", "disabled": "false"},
    ],
    "ip/pool": [
        {".id": "*1", "name": "hs", "ranges": "10.5.0.2-10.5.0.11,10.5.1.0/30"},
        {".id": "*2", "name": "vpn", "ranges": "10.9.0.2-10.9.0.99"},
    ],
    "ip/dhcp-server/lease": [
        {".id": "*1", "address": "10.5.0.2", "status": "bound", "host-name": "hp-budi",
         "mac-address": "02:00:00:00:01:01", "server": "dhcp-hs", "disabled": "false"},
        {".id": "*2", "address": "10.5.0.3", "status": "bound", "disabled": "false"},
        {".id": "*3", "address": "10.5.0.4", "status": "waiting", "disabled": "false"},
        {".id": "*4", "address": "10.5.1.3", "status": "bound", "disabled": "false"},
        {".id": "*5", "address": "192.168.7.7", "status": "bound", "disabled": "false"},
    ],
}  # fmt: skip


class Router(ThreadingHTTPServer):
    """`menus` is what it has; `asked` what it was asked; `slow_s` waits before each answer."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.menus: Menus = json.loads(json.dumps(MENUS))
        self.login = "ronda:rahasia"
        self.slow_s: dict[str, float] = {}
        self.raw: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.bodies: list[bytes] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is one of the things tried here."""


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Router

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        menu = parts.path.removeprefix("/rest/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(menu)
        self.server.bodies.append(body)
        time.sleep(self.server.slow_s.get(menu, 0))
        expected = base64.b64encode(self.server.login.encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            self._send(401, {"error": 401, "message": "Unauthorized"})
        elif menu in self.server.raw:
            self._send(*self.server.raw[menu])
        elif menu not in self.server.menus:
            detail = f"no such command or directory ({menu.rpartition('/')[2]})"
            self._send(400, {"detail": detail, "error": 400, "message": "Bad Request"})
        else:
            named = parse_qs(parts.query).get(".proplist", [""])[0]
            self._send(200, self._chosen(menu, named.split(",") if named else None, body))

    def _chosen(self, menu: str, names: list[str] | None, body: bytes) -> object:
        rows = self.server.menus[menu]
        if body:
            wanted = json.loads(body)["numbers"].split(",")
            rows = [row for row in rows if row.get("name", wanted[0]) in wanted]
        if names is None:
            return rows
        return [{key: value for key, value in row.items() if key in names} for row in rows]

    def _send(self, status: int, told: object) -> None:
        data = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(data)


@contextlib.contextmanager
def router(context: ssl.SSLContext) -> Iterator[Router]:
    server = Router(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
