"""The internet, small: `python outside.py FILE` answers port 80 as the file says at that moment."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BILL = (
    "<title>Layanan internet</title><p>Tagihan internet Anda belum dibayar. "
    "Silakan lakukan pembayaran melalui virtual account.</p>"
)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        mode = Path(sys.argv[1]).read_text()
        if mode == "bill" and not self.path.startswith("/isolir"):
            return self._say(302, "", "http://198.51.100.9/isolir?from=" + self.path)
        if mode == "bill":
            return self._say(200, BILL)
        return self._say(502 if mode == "broken" else 204, "")

    def do_POST(self) -> None:
        # a password that came here went too far
        Path(f"{sys.argv[1]}.stolen").touch()
        self._say(200, "")

    def _say(self, status: int, text: str, to: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        if to:
            self.send_header("Location", to)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 80), Page).serve_forever()
