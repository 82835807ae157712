"""Who does only what the guides say: a village enrols its box, an administrator a whole centre."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from playbooks import agent_file
from tests.stories.centre import Centre, free_port, wait_for
from tests.stories.clean_machine import Machine, clean_machine
from tests.stories.wheel import ROOT, built

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"
NAME = "ronda-0.1.0-py3-none-any.whl"
PASSWORD = "tiga kata yang panjang"
# lines of `status` that a village need not read, each with lines of its own
NOT_FOR_VILLAGES = ("bytes", "capacity", "beacons")
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = "https://noc.example.go.id:8090 ABCD-EFGH-JKMN-PQRS"
SITES = f"code,name,lifecycle\n{SITE},Tembokrejo,active\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return built(tmp_path_factory.mktemp("wheel")).read_bytes()


class Sheet(HTMLParser):
    """A printed sheet as its reader sees it: the steps' titles, and what is to be typed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.titles: list[str] = []
        self.typed: list[str] = []
        self._step, self._tag = False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._step = self._step or ("class", "five") in attrs
        self._tag = tag

    def handle_endtag(self, tag: str) -> None:
        self._step = self._step and tag != "ol"
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._step and self._tag == "b":
            self.titles.append(data)
        if self._step and self._tag == "code":
            self.typed.append(data)


def steps() -> list[tuple[str, list[str]]]:
    """Title and commands of each step of the village guide."""
    guide = (ROOT / "docs" / "desa.md").read_text()
    parts = re.split(r"^### Langkah \d\. (.*)\n", guide, flags=re.MULTILINE)[1:]
    bodies = [body.partition("\n## ")[0] for body in parts[1::2]]
    return list(zip(parts[::2], [BLOCK.findall(body) for body in bodies], strict=True))


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A centre with its own authority that has one village, without a box yet."""
    centre = Centre(tmp_path / "var", RONDA_OWN_CA="true", RONDA_BEACONS="false")
    centre.reached_at("127.0.0.1")
    with centre:
        (tmp_path / "sites.csv").write_text(SITES)
        centre.ask("sites", "import", str(tmp_path / "sites.csv"))
        yield centre


def asked(browser: OpenerDirector, url: str, **form: str) -> str:
    """A page; with a form, what comes of the page's own form filled in so."""
    with browser.open(url, timeout=10) as page:
        text: str = page.read().decode()
    if not form:
        return text
    token = re.search(r'name="form_token" value="([^"]+)"', text)
    assert token is not None, text
    body = urlencode({"form_token": token[1], **form}).encode()
    with browser.open(url, body, timeout=10) as page:
        return str(page.read().decode())


def sheet_of(centre: Centre) -> Sheet:
    """What the console prints for the village, made as an administrator makes it."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    link = re.search(r"minutes: (http://\S+)", centre.output)
    assert link is not None
    asked(browser, link[1], name="dewi", password=PASSWORD, again=PASSWORD)
    return Sheet(asked(browser, f"{centre.console_url}/inventory/codes", site=SITE))


def state(centre: Centre) -> str:
    (site,) = centre.ask("sites", "list")
    return str(site["state"])


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Machine]:
    """A mini-PC onto which somebody copied what the control room hands out."""
    data = agent_file.built()
    signature, public = agent_file.signed(data, tmp_path / "key.pem")
    with clean_machine() as machine:
        machine.put("/home/desa/Downloads/ronda-agent.pyz", data)
        machine.put("/home/desa/Downloads/ronda-agent.pyz.sig", signature)
        machine.put("/home/desa/Downloads/ronda-agent.pub", public)
        yield machine
        machine.sh("systemctl stop ronda-agent")


def test_a_village_that_follows_its_guide_and_its_sheet_is_seen(
    centre: Centre, box: Machine
) -> None:
    sheet = sheet_of(centre)
    assert [title for title, _ in steps()] == sheet.titles
    (install,) = [line for line in sheet.typed if " install " in line]
    _, (there,), (once,), (example,), (look,) = [blocks for _, blocks in steps()]
    assert set(sheet.typed) - {install} <= {"sudo -i", *f"{there}{once}{look}".splitlines()}
    assert example == f"python3 ronda-agent.pyz install {EXAMPLE}\n"
    tried = box.sh(f"{there}{once}")
    assert "ronda_host_load1" in tried and "gateway" in tried
    *command, code = install.split()
    mistyped = f"{'A' if code[0] != 'A' else 'B'}{code[1:]}"
    said = box.sh(f"{there}{' '.join(command)} {mistyped}", wanted=1)
    assert "BELUM terdaftar: kode tidak dikenal" in said
    said = box.sh(f"{there}{install}")
    assert f"desa {SITE}" in said and "\nSELESAI. " in said
    # where these tests run there may be no way out, which it reports then
    wait_for("the village reports", lambda: state(centre) in ("normal", "down"), 60)
    assert "Sudah terdaftar: agen nomor" in box.sh(f"{there}{install}")
    looks_as_the_guide_says(box, look)


def looks_as_the_guide_says(box: Machine, look: str) -> None:
    """Every line of `status` is explained, and says what the guide calls good."""
    guide = (ROOT / "docs" / "desa.md").read_text()
    (table,) = re.findall(r"^\| baris \| artinya \|\n(.*?)\n\n", guide, re.M | re.S)
    explained = set(re.findall(r"`(\w+)`", "".join(r.split(" | ")[0] for r in table.splitlines())))
    shown, within = {}, ""
    for line in filter(str.strip, box.sh(look).splitlines()):
        name, _, value = line.strip().partition(" ")
        within = within if line.startswith(" ") else name
        if within == name or within not in NOT_FOR_VILLAGES:
            shown[name] = value.strip()
    assert (shown["running"], shown["site"], shown["dates_count"]) == ("True", SITE, "True")
    assert sorted(set(shown) - explained) == [], "docs/desa.md, under Melihat apakah bekerja"


def pages(name: str) -> dict[str, list[str]]:
    """The blocks of a page to be pasted, by the heading over them."""
    parts = re.split(r"^## (.*)\n", (ROOT / "docs" / name).read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], map(BLOCK.findall, parts[1::2]), strict=True))


class Office:
    """A machine at which somebody pastes the administrator's blocks, one after the other."""

    def __init__(self, machine: Machine, wheel: bytes) -> None:
        self.machine = machine
        # the network is this machine's, and others listen here, too
        self._ports = {"8080": str(free_port()), "8090": str(free_port())}
        machine.put(f"/root/{NAME}", wheel)

    def paste(self, block: str) -> str:
        for port, free in self._ports.items():
            block = re.sub(rf"(127\.0\.0\.1|0\.0\.0\.0):{port}", rf"\1:{free}", block)
        # something wrong is an answer, too: what it says is looked at
        return self.machine.sh(block.replace("ronda doctor\n", "ronda doctor || [ $? = 1 ]\n"))


@pytest.mark.soak
def test_a_centre_comes_out_of_the_administrators_page_and_back_from_the_dead(wheel: bytes) -> None:
    page = pages("administrator.md")
    first = page["The first day"]
    with clean_machine() as machine:
        office = Office(machine, wheel)
        assert "http" in [office.paste(block) for block in first][-1]
        for name, text in tables().items():
            machine.put(f"/srv/ronda/{name}", text.encode())
        (taken,) = map(office.paste, page["The agent's file"])
        assert taken.count("release 0.1.0") == 2
        assert machine.get("/var/lib/ronda/agent/ronda-agent.pyz") == agent_file.built()
        sites, codes = map(office.paste, page["Villages: one, five, a kecamatan, all"])
        assert "Tembokrejo" in sites and re.search(r"\w{4}-\w{4}-\w{4}-\w{4}", codes)
        for block in page["People"]:
            assert "wayan" in office.paste(block)
        (kept,) = map(office.paste, page["Backups, and the test of one"])
        words = kept.splitlines()[-1]
        for title in ("Upgrades", "The disk"):
            assert "0.1.0" in office.paste(page[title][0]) or title == "The disk"
        backup = machine.sh("ls -t /srv/backup/*.backup | head -1").strip()
        machine.sh(f"mkdir -p /mnt/away && cp {backup} /etc/ronda/ronda.env /mnt/away")
        carried = machine.get(f"/mnt/away/{Path(backup).name}")
        machine.sh("systemctl stop ronda")
    with clean_machine() as machine:
        office = Office(machine, wheel)
        for block in first[:-1]:
            office.paste(block)
        machine.put("/srv/ronda/ronda.backup", carried)
        machine.put("/etc/ronda/backup.words", f"{words}\n".encode())
        (said,) = map(office.paste, page["The machine is dead"])
        assert "Tembokrejo" in machine.sh("ronda sites list")
        assert "Traceback" not in said
        machine.sh("systemctl stop ronda")


def tables() -> dict[str, str]:
    return {
        "wilayah.csv": "code,name\n35,Jawa Timur\n35.10,Banyuwangi\n35.10.06,Muncar\n",
        "sites.csv": SITES,
        "contacts.csv": f"scope,name,role\n{SITE},Sari,village\n",
    }
