"""A village's router reports by the shell agent: cut off, killed, without power, in 1970.

Real busybox in a network of its own, a real centre with its own authority, the real curl, the
script as `ronda sites script` prints it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from collector import db
from collector.db import open_store
from collector.intake.wire import Report, read_report
from collector.journal.files import FileReader
from collector.journal.framing import Kind
from tests.agent.hotspot.room import Room, stop
from tests.agent.micro.device import Device
from tests.agent.servers import Authority
from tests.stories.centre import Centre, free_port, wait_for

pytestmark = pytest.mark.slow

FIRST = "35.10.06.200{}"
CENTRE = "10.79.255.1"


class Village:
    """A router behind one cable to the centre; `device` is what runs on it."""

    def __init__(self, number: int, folder: Path, centre: Centre, script: str) -> None:
        self.site, self.centre = FIRST.format(number), centre
        self.room = Room()
        self._link = f"rmicro{number}"
        gate, own = f"10.79.{number}.1", f"10.79.{number}.2"
        ip("link", "add", self._link, "type", "veth", "peer", "name", "wan", "netns", self.room.pid)
        # the centre has one address for all of them
        for address in (f"{gate}/30", f"{CENTRE}/32"):
            ip("addr", "add", address, "dev", self._link)
        ip("link", "set", self._link, "up")
        for words in (
            f"addr add {own}/30 dev wan",
            "link set wan up",
            f"route add default via {gate}",
        ):
            self.room.run("ip", *words.split())
        self.device = Device(folder)
        self.device.with_curl()
        self.device.put("nslookup", "#!/bin/sh\n")
        self.device.more["RONDA_LEAST_LOOK_S"] = "2"
        self.install(script)

    def install(self, script: str) -> None:
        """Run the generated script as a person would, into a folder; its settings are ours then."""
        into = self.device.folder / "installed"
        done = subprocess.run(
            ["busybox", "ash", "-s", str(into)], input=script, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        text = (into / "etc/ronda/settings").read_text()
        ca = into / "etc/ronda/ca.pem"
        (self.device.etc / "settings").write_text(text.replace("/etc/ronda/ca.pem", str(ca)))

    def working(self) -> Any:
        return self.device.running(self.room.words())

    def cable(self, state: str) -> None:
        self.room.run("ip", "link", "set", "wan", state)
        if state == "up":
            gate = self.room.run("ip", "-4", "-o", "addr", "show", "wan").split()[3]
            self.room.run("ip", "route", "replace", "default", "via", gate.replace(".2/30", ".1"))

    def standing(self) -> dict[str, Any]:
        found = self.centre.ask("sites", "list")
        (mine,) = [row for row in found if row["code"] == self.site]
        return dict(mine)

    def reports(self) -> list[Report]:
        """What ingest took from this village's agents."""
        store = open_store(self.centre.settings)
        with db.reading(store) as connection:
            query = "SELECT id FROM agents WHERE site = :site"
            ids = {row[0] for row in connection.execute(text(query), {"site": self.site})}
        store.dispose()
        reader, records = FileReader(self.centre.settings.journal_folder), []
        while found := reader.read(records[-1].next if records else 0):
            records += found
        reader.close()
        mine = [r for r in records if r.kind == Kind.REPORT and r.agent in ids]
        return [read_report(record.payload) for record in mine]

    def frames(self) -> list[Any]:
        return [frame for report in self.reports() for frame in report.frames]

    def spools(self) -> set[str]:
        return {report.spool for report in self.reports() if report.frames}

    def close(self) -> None:
        self.room.close()


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=20)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("micro")
    made = Centre(
        folder / "var",
        RONDA_OWN_CA="true",
        RONDA_UPLINK_TARGETS=CENTRE,
        RONDA_ALLOW_TARGETS="127.0.0.0/8",
        RONDA_CODE_DAYS="1",
    )
    made.listen_everywhere()
    made.reached_at(CENTRE)
    sites = folder / "sites.csv"
    rows = "".join(f"{FIRST.format(n)},Desa {n},2\n" for n in range(1, 6))
    sites.write_text("code,name,report_every_s\n" + rows)
    with made:
        made.ask("sites", "import", str(sites))
        yield made


@pytest.fixture
def village(centre: Centre, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Village]:
    number = request.param
    done = centre.run("sites", "script", FIRST.format(number), "--platform", "openwrt")
    assert done.returncode == 0, done.stderr
    made = Village(number, tmp_path / "device", centre, done.stdout)
    yield made
    made.close()


def at(number: int) -> Any:
    return pytest.mark.parametrize("village", [number], indirect=True, ids=[f"village {number}"])


@at(1)
def test_a_router_enrols_follows_its_configuration_and_tells_a_dead_service(
    village: Village, tmp_path: Path
) -> None:
    port = free_port()
    words = [sys.executable, "-S", "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with ExitStack() as stack:
        shop = village.room.start(words, str(tmp_path / "shop.log"))
        with village.working():
            wait_for("normal", lambda: village.standing()["state"] == "normal", 60)
            rows = f"name,site,kind,target\nbuku,{village.site},tcp,127.0.0.1:{port}\n"
            rows += f"sideka,{village.site},http,http://127.0.0.1:{port}/\n"
            (tmp_path / "services.csv").write_text(rows)
            done = village.centre.run("services", "import", str(tmp_path / "services.csv"))
            assert done.returncode == 0, done.stderr

            def verdicts() -> dict[str, str]:
                return {c["name"]: c["verdict"] for c in village.standing()["checks"]}

            good = {"buku": "good", "sideka": "good", "gateway": "good", "known": "good"}
            wait_for("all good", lambda: good.items() <= verdicts().items(), 60)
            stop(shop)
            bad = {"buku": "bad", "sideka": "bad"}
            wait_for("both bad", lambda: bad.items() <= verdicts().items(), 60)
            assert village.standing()["state"] == "normal"
            (mine,) = [c for c in village.standing()["checks"] if c["name"] == "buku"]
            assert mine["reason"] == f"127.0.0.1 port {port} refuses the connection"
        stack.close()
    (agent,) = village.centre.ask("agents", "list", "--site", village.site)
    assert agent["release"] == json.loads(village.centre.run("version", "--json").stdout)["version"]


@at(2)
def test_a_cut_line_is_told_afterwards_from_end_to_end(village: Village) -> None:
    # three hours behind, and standing still: only uptimes order what is told
    village.device.set_clock(time.time() - 3 * 3600)
    with village.working():
        wait_for("normal", lambda: village.standing()["state"] == "normal", 60)
        village.cable("down")
        cut_at = time.time()
        wait_for("reports wait", lambda: len(village.device.waiting) >= 3, 60)
        wait_for("silent", lambda: village.standing()["state"] != "normal", 60)
        village.cable("up")
        wait_for("all is sent", lambda: not village.device.waiting, 90)
        wait_for("normal again", lambda: village.standing()["state"] == "normal", 60)
    assert len(village.spools()) == 1
    frames = sorted(village.frames(), key=lambda frame: frame.n)
    numbers = [frame.n for frame in frames]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    # what was measured meanwhile stands at its own time, and says that the line was down
    found = village.centre.ask(
        "query",
        f'ronda_uplink_link_up{{site="{village.site}"}}',
        *("--from", str(cut_at - 30), "--to", str(time.time()), "--step", "1"),
    )
    values = [(float(t), v) for one in found["data"]["result"] for t, v in one["values"]]
    assert min(t for t, v in values if v == "0") < cut_at + 30
    assert sum("no report reaches" in line for line in village.device.said) == 1
    assert village.device.said[-1].endswith("again")


@at(3)
def test_killed_it_goes_on_and_without_power_it_begins_anew(village: Village) -> None:
    with village.working() as first:
        wait_for("reports", lambda: len(village.frames()) >= 3, 60)
        first.kill()
    killed = len(village.frames())
    with village.working():
        wait_for("more", lambda: len(village.frames()) >= killed + 2, 60)
    # one that was on its way is sent again under its own number, which the fold knows for a repeat
    numbers = sorted({frame.n for frame in village.frames()})
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert len(village.spools()) == 1
    village.device.boot("0b007001")
    with village.working():
        wait_for("a new run", lambda: len(village.spools()) == 2, 60)
        wait_for("its own word", lambda: (village.device.run / "seq").exists(), 20)
        pid = (village.device.run / "lock/pid").read_text().strip()
        village.room.run("kill", pid)
        wait_for("farewell", lambda: village.reports()[-1].bye, 20)
    assert len({report.boot for report in village.reports() if report.frames}) == 2
    # one enrolment for all of it
    assert len(village.centre.ask("agents", "list", "--site", village.site)) == 1


@at(4)
def test_in_1970_it_mends_its_clock_and_enrols(village: Village) -> None:
    village.device.set_clock(86400.0)
    with village.working():
        wait_for("enrolled", lambda: "enrolled for" in "".join(village.device.said), 60)
        wait_for("normal", lambda: village.standing()["state"] == "normal", 60)
    said = village.device.said
    assert said[0].startswith("the clock was wrong and was set to ")
    assert len(said) == 2
    frames = village.frames()
    assert frames and all(abs(frame.at - time.time()) < 300 for frame in frames)


@at(5)
def test_another_authority_gets_nothing(village: Village, tmp_path: Path) -> None:
    settings = village.device.etc / "settings"
    other = tmp_path / "other.pem"
    other.write_text(Authority().pem)
    text = settings.read_text()
    ca = text.partition("CA=")[2].partition("\n")[0]
    settings.write_text(text.replace(f"CA={ca}", f"CA={other}"))
    with village.working():
        wait_for("it says so", lambda: village.device.said, 30)
    (line,) = village.device.said
    assert line.startswith(f"cannot enrol at https://{CENTRE}") and "certificate" in line
    assert village.centre.ask("agents", "list", "--site", village.site) == []
