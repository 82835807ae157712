"""A village's applications end to end: imported, looked at, told once, and over again."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from alerts import incidents
from collector import db
from collector.own import CODE
from tests.stories.centre import Centre, wait_for

pytestmark = pytest.mark.slow

FORM = '<form action="/siteman/auth"><input name="username"></form>'
DEAD = "<title>Koneksi Database Gagal</title>"
HIJACKED = f"<title>Slot Gacor</title>{FORM}"


class Site:
    """An OpenSID that shows what it is told to; every path that was asked for."""

    def __init__(self) -> None:
        self.page = FORM
        self.asked: set[str] = set()
        site = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.add(self.path)
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server: socketserver.BaseServer = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@contextlib.contextmanager
def opensid() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
        thread.join()


def verdicts(centre: Centre) -> dict[str, str]:
    (site,) = centre.ask("sites", "list")
    return {check["name"]: check["verdict"] for check in site["checks"]}


def told(centre: Centre) -> list[tuple[str, str, str]]:
    """Kind of check, template and reason of all open incidents about OpenSID."""
    store = db.open_store(centre.settings)
    try:
        with db.reading(store) as connection:
            found = [one.details for one in incidents.listing(connection)]
    finally:
        store.dispose()
    known = [(one["kind"], one["told"].get("message", ""), one["reason"]) for one in found]
    return [one for one in known if one[0] in ("opensid", "defaced")]


def test_each_fault_of_opensid_is_one_incident_of_its_own_kind(tmp_path: Path) -> None:
    with opensid() as site, Centre(tmp_path / "var", options=()) as centre:
        table = tmp_path / "services.csv"
        table.write_text(f"name,kind,target,every_s\nOpenSID,opensid,{site.url},1\n")
        sites = tmp_path / "sites.csv"
        sites.write_text(f"code,name,report_every_s\n{CODE},Pusat,2\n")
        centre.ask("sites", "import", str(sites))
        centre.ask("services", "import", str(table))
        both = {"OpenSID": "good", "isi OpenSID": "good"}
        wait_for("both checks", lambda: both.items() <= verdicts(centre).items(), 90)

        site.page = DEAD
        wait_for("a dead database", lambda: told(centre), 30)
        assert told(centre) == [("opensid", "app", "OpenSID cannot reach its database")]
        site.page = FORM
        wait_for("the database again", lambda: not told(centre), 30)

        site.page = HIJACKED
        wait_for("a hijacked page", lambda: told(centre), 30)
        why = "the page is not the village's: it holds 'slot gacor'"
        assert told(centre) == [("defaced", "defaced", why)]
        site.page = FORM
        wait_for("the village's page again", lambda: not told(centre), 30)
        assert site.asked == {"/siteman"}
