"""Checks edited at the centre: agents follow, refuse, look from two places, and share a parent."""

import contextlib
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.agent.probes.snmp.test_snmpd import AUTH, PRIV, Snmpd
from tests.stories.centre import Centre, free_port, wait_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
A, B, C = "35.10.06.2005", "35.10.06.2006", "35.10.11.2001"


@contextlib.contextmanager
def server(port: int = 0) -> Iterator[str]:
    """A page that says yes; its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made: socketserver.BaseServer = ThreadingHTTPServer(("127.0.0.1", port), Page)
    thread = threading.Thread(target=made.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_address[1]}/"
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


@contextlib.contextmanager
def agents(centre: Centre, folder: Path, sites: list[str], home: Path = ROOT) -> Iterator[None]:
    """A real agent for each of these sites, of the release in `home`."""
    running = []
    for code in sites:
        (made,) = centre.ask("sites", "codes", "--site", code)
        data = str(folder / code)
        env = {**os.environ, "RONDA_AGENT_DATA": data, "PYTHONPATH": str(home)}
        command = [sys.executable, "-m", "agent.cli"]
        enrol = [*command, "enrol", centre.ingest_url, made["code"]]
        subprocess.run(enrol, env=env, cwd=home, check=True, capture_output=True, timeout=60)
        log = (folder / f"{code}.log").open("wb")
        child = subprocess.Popen([*command, "run"], env=env, cwd=home, stdout=log, stderr=log)
        log.close()
        running.append(child)
    try:
        yield
    finally:
        for child in running:
            child.terminate()
        for child in running:
            child.wait(20)


def bring(centre: Centre, folder: Path, kind: str, text: str) -> None:
    file = folder / f"{kind}.csv"
    file.write_text(text)
    centre.ask(kind, "import", str(file))


def verdict(centre: Centre, site: str, check: str) -> str:
    found = {one["code"]: one["checks"] for one in centre.ask("sites", "list")}
    return next((str(c["verdict"]) for c in found[site] if c["name"] == check), "")


def told(centre: Centre, site: str) -> Any:
    return centre.ask("sites", "show", site)["configuration"]


def incidents(centre: Centre, check: str) -> list[Any]:
    return [one for one in centre.ask("incidents", "list") if check in one["title"]]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One for the tests of an edited check, each of which has a site of its own."""
    with Centre(tmp_path_factory.mktemp("configuration") / "var") as centre:
        yield centre


@pytest.fixture(scope="module")
def browser(centre: Centre) -> urllib.request.OpenerDirector:
    """A browser of the first administrator."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    found = re.search(r"15 minutes: (\S+)", centre.output)
    assert found is not None
    post(
        browser,
        found[1],
        found[1],
        name="siti",
        password="kentongan malam",
        again="kentongan malam",
    )
    return browser


def read(browser: urllib.request.OpenerDirector, url: str) -> str:
    with browser.open(url, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def post(browser: urllib.request.OpenerDirector, seen: str, url: str, **cells: str) -> str:
    """Fill in the form of the page `seen` and send it."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', read(browser, seen)))
    body = urllib.parse.urlencode({**hidden, **cells}).encode()
    with browser.open(url, body, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def test_a_check_of_a_group_is_edited_and_followed_and_refused_with_its_reason(
    centre: Centre, browser: urllib.request.OpenerDirector, tmp_path: Path
) -> None:
    # an agent of an earlier release, which does not know OpenSID
    old = tmp_path / "old"
    shutil.copytree(ROOT / "agent", old / "agent", ignore=shutil.ignore_patterns("__pycache__"))
    probes = old / "agent" / "probes" / "__init__.py"
    probes.write_text(re.sub(r'    "opensid": .*\n', "", probes.read_text()))
    with server() as url:
        bring(centre, tmp_path, "sites", f"code,name,report_every_s\n{A},Sarimulyo,2\n")
        with agents(centre, tmp_path, [A], home=old):
            wait_for("the agent", lambda: told(centre, A)["agents"][0]["state"] == "current", 60)
            edit = f"{centre.console_url}/checks/edit"
            cells = {"name": "portal", "site": "35.10", "kind": "http", "target": url}
            cells |= {"scope": "desa", "every_s": "1"}
            shown = post(browser, edit, edit, do="preview", **cells)
            assert A in shown
            post(browser, edit, edit, do="save", **cells)
            wait_for("the reading", lambda: verdict(centre, A, "portal") == "good", 15)
            wait_for("its word", lambda: told(centre, A)["agents"][0]["state"] == "current", 15)

            bring(
                centre, tmp_path, "services", f"name,site,kind,target\nSID,35.10.06,opensid,{url}\n"
            )
            wait_for("the refusal", lambda: told(centre, A)["agents"][0]["state"] == "refused", 15)
            agent = told(centre, A)["agents"][0]
            assert "'opensid' is not one of" in agent["reason"]
            assert agent["refused"] == told(centre, A)["etag"] != agent["runs"]
            page = read(browser, f"{centre.console_url}/sites/{A}")
            assert "&#39;opensid&#39; is not one of" in page and agent["refused"] in page
            assert verdict(centre, A, "portal") == "good"
            # refused once: not asked for again and again
            log = (tmp_path / f"{A}.log").read_text()
            assert log.count("refused, the old one stays") == 1

            assert centre.run("services", "remove", "SID", "--site", "35.10.06").returncode == 0
            wait_for("peace", lambda: told(centre, A)["agents"][0]["state"] == "current", 15)


def test_what_an_old_agent_does_not_know_is_kept_from_it(
    centre: Centre, browser: urllib.request.OpenerDirector, tmp_path: Path
) -> None:
    # an earlier release, whose agent says so
    old = tmp_path / "old"
    shutil.copytree(ROOT / "agent", old / "agent", ignore=shutil.ignore_patterns("__pycache__"))
    for file, line in (
        ("probes/__init__.py", r'    "opensid": .*\n'),
        ("knows.txt", r"opensid:.*\n"),
    ):
        path = old / "agent" / file
        path.write_text(re.sub(line, "", path.read_text()))
    with server() as url:
        bring(centre, tmp_path, "sites", f"code,name,report_every_s\n{B},Tamanagung,2\n")
        rows = f"name,site,kind,target,every_s\nSID,{B},opensid,{url},\nweb,{B},http,{url},1\n"
        with agents(centre, tmp_path, [B], home=old):
            wait_for("the agent", lambda: told(centre, B)["agents"][0]["state"] == "current", 60)
            bring(centre, tmp_path, "services", rows)
            wait_for("the reading", lambda: verdict(centre, B, "web") == "good", 30)
            wait_for("the agent", lambda: told(centre, B)["agents"][0]["state"] == "current", 30)
            kept = {c["name"]: c.get("withheld", "") for c in told(centre, B)["checks"]}
            assert kept["SID"] == "its agent is too old for checks of kind opensid"
            assert kept["web"] == ""
            page = read(browser, f"{centre.console_url}/sites/{B}/configuration")
            assert "agennya terlalu tua untuk pemeriksaan opensid" in page
            assert "refused" not in (tmp_path / f"{B}.log").read_text()


def test_a_password_of_snmpv3_goes_from_the_centre_to_the_agent_and_nowhere_else(
    centre: Centre, browser: urllib.request.OpenerDirector, tmp_path: Path
) -> None:
    device = Snmpd(tmp_path)
    with contextlib.closing(device):
        bring(centre, tmp_path, "sites", f"code,name,report_every_s\n{C},Genteng,2\n")
        row = f"router,{C},snmp,127.0.0.1:{device.port},sha256-aes,sha256,auth,aes,priv,1,2"
        head = "name,site,kind,target,v3,auth,auth_secret,priv,priv_secret,every_s,walk_every_s"
        bring(centre, tmp_path, "services", f"{head}\n{row}\n")
        with agents(centre, tmp_path, [C]):
            wait_for("the agent", lambda: told(centre, C)["agents"][0]["state"] == "current", 60)
            kept = {c["name"]: c.get("withheld", "") for c in told(centre, C)["checks"]}
            assert kept["router"] == "the password auth is not set"
            page = f"{centre.console_url}/checks/passwords"
            for name, plain in (("auth", AUTH), ("priv", "kata sandi salah")):
                post(browser, page, page, name=name, password=plain, area=C, targets="127.0.0.1")
            wait_for("a refusal", lambda: verdict(centre, C, "router") not in ("", "good"), 30)
            # a rotation: the agent follows by itself
            post(browser, page, page, name="priv", password=PRIV)
            wait_for("the device", lambda: verdict(centre, C, "router") == "good", 30)
            seen = [read(browser, f"{centre.console_url}{p}") for p in ("/checks", f"/sites/{C}")]
            seen.append(read(browser, f"{centre.console_url}/sites/{C}/configuration"))
            seen.append(read(browser, page))
            seen.append(centre.run("services", "list", "--csv").stdout)
            seen.append(centre.run("sites", "show", C, "--json").stdout)
            seen.append((tmp_path / f"{C}.log").read_text() + centre.output)
        for text in seen:
            assert AUTH not in text and PRIV not in text
        for file in centre.folder.rglob("*"):
            if file.is_file():
                assert AUTH.encode() not in file.read_bytes(), file


@pytest.mark.soak
def test_a_dead_central_service_is_one_incident_and_two_views_name_the_cause(
    tmp_path: Path,
) -> None:
    port = free_port()
    # without a network beyond it, this machine stands for the way out
    env = {"RONDA_ALLOW_TARGETS": "127.0.0.0/8", "RONDA_UPLINK_TARGETS": "127.0.0.1"}
    with server() as inside, Centre(tmp_path / "var", options=(), **env) as centre:
        sites = f"code,name,report_every_s\n{A},Sarimulyo,2\n{B},Tamanagung,2\n{C},Genteng,2\n"
        bring(centre, tmp_path, "sites", sites)
        portal = f"http://127.0.0.1:{port}/"
        head = "name,scope,site,kind,target,public,depends_on,every_s\n"
        rows = [
            f"Portal,kabupaten,,http,{portal},,,1",
            f"surat,desa,35.10,http,{portal},,Portal,1",
            f"web,desa,{A},http,{inside},http://127.0.0.1:1/,,1",
        ]
        assert (
            centre.run("rules", "override", "ServiceUnreachable", A, "--for", "1s").returncode == 0
        )
        with contextlib.ExitStack() as life:
            up = contextlib.ExitStack()
            up.enter_context(server(port))
            life.enter_context(up)
            bring(centre, tmp_path, "services", head + "\n".join(rows) + "\n")
            life.enter_context(agents(centre, tmp_path, [A, B, C]))
            for code in (A, B, C):
                wait_for("surat", lambda c=code: verdict(centre, c, "surat") == "good", 90)
            wait_for("Portal", lambda: verdict(centre, "00.00.00.0001", "Portal") == "good", 90)

            wait_for("from outside", lambda: incidents(centre, "luar web"), 60)
            found = incidents(centre, "luar web")
            assert [one["sites"] for one in found] == [[A]], incidents(centre, "")
            (seen,) = found
            assert "it works in its own village and not from outside" in seen["evidence"]

            up.close()
            wait_for(
                "one incident",
                lambda: [i["members"] for i in incidents(centre, "Portal")] == [4],
                60,
            )
            assert incidents(centre, "surat") == []
            (one,) = incidents(centre, "Portal")
            assert one["cause"] == "server"
            life.enter_context(server(port))
            wait_for("recovery", lambda: not incidents(centre, "Portal"), 150)
