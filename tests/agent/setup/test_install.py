"""One command on a clean Debian: installed, enrolled, reporting; again, upgraded, back, away."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import __version__
from playbooks import agent_file
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.setup.box import Box

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
INSTALL = "python3 ronda-agent.pyz install"
# ends when it is started as a service, not when it is asked for its version
CRASH = "\n\ndef run(config: str | None) -> int:\n    raise SystemExit(3)\n"
# looks, but nothing that it saw is ever sent
MUTE = (
    "\n\ndef _never(self: Sender) -> None:\n    threading.Event().wait()\n\n\nSender.run = _never\n"
)
PLACE = "usr/local/lib/ronda/ronda-agent.pyz"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed(agent_file.built(), tmp_path_factory.mktemp("dist"))


def signed(data: bytes, folder: Path, key: Path | None = None) -> Path:
    """What `make agent` leaves, of this file."""
    folder.mkdir(exist_ok=True)
    name = agent_file.NAME
    signature, public = agent_file.signed(data, key or folder / "key.pem")
    (folder / name).write_bytes(data)
    (folder / f"{name}.sig").write_bytes(signature)
    (folder / "ronda-agent.pub").write_bytes(public)
    return folder


def other(made: Path, folder: Path, **texts: str) -> Path:
    """Another release, with these texts at the end of files of the agent."""
    folder.mkdir()
    path = folder / "new"
    path.write_bytes((made / agent_file.NAME).read_bytes())
    with zipfile.ZipFile(path) as old:
        files = {name: old.read(name).decode() for name in old.namelist()}
    for name, text in texts.items():
        files[f"agent/{name}.py"] += text
    with zipfile.ZipFile(path, "w") as new:
        for name, text in files.items():
            new.writestr(name, text)
    return signed(path.read_bytes(), folder, made / "key.pem")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    one = Box(tmp_path)
    yield one
    one.close()


@pytest.fixture
def centre() -> Iterator[FakeCollector]:
    with collector() as one:
        gateway = {"name": "me", "kind": "ping", "host": "127.0.0.1", "count": 1}
        one.config = {"report_every_s": 1, "check_every_s": 1, "checks": [gateway]}
        yield one


def bring(box: Box, made: Path) -> None:
    name = agent_file.NAME
    box.bring(made / name, made / f"{name}.sig", made / "ronda-agent.pub")


def test_one_command_leads_to_a_report_and_may_be_given_again(
    box: Box, made: Path, centre: FakeCollector
) -> None:
    bring(box, made)
    code, said = box.type(f"{INSTALL} {centre.url} ABCD")
    assert code == 0, said
    lines = said.splitlines()
    assert lines[0] == f"Memasang agen Ronda {__version__}."
    assert "  Berkas utuh (Ed25519)." in lines
    assert "  Terdaftar: agen nomor 7, desa 35.10.06.2005. Cocokkan: itu kode desa Anda?" in lines
    assert lines[-3].startswith("SELESAI.") and lines[-1] == "  sudo ronda-agent status"
    assert "Traceback" not in said
    # what the last line says to type
    code, told = box.type("ronda-agent status")
    assert code == 0 and re.search(r"^trouble +$", told, re.M), told
    # it runs as its own account, with what ping needs, and ping works there
    asked = box.type(
        "ps -o user= -C python3; ls -ld /var/lib/ronda-agent /var/lib/ronda-agent/spool"
    )
    assert asked[1].count("ronda-agent") >= 4, asked
    names = {name for layout in centre.layouts.values() for name in layout}
    assert 'ronda_uplink_rtt_seconds{target="me"}' in names
    begun = box.type("cat /run/units/ronda-agent")[1]
    code, said = box.type(f"{INSTALL} {centre.url} ABCD")
    assert code == 0 and "Sudah terdaftar: agen nomor 7" in said and "SELESAI" in said, said
    assert "Program yang sama sudah terpasang" in said
    assert box.type("cat /run/units/ronda-agent")[1] == begun, "it was started anew for nothing"
    wants = box.disk / "etc/systemd/system/multi-user.target.wants/ronda-agent.service"
    assert wants.is_symlink()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("WRONG", "kode tidak dikenal. Periksa lagi, huruf demi huruf"),
        ("TAKEN", "kode sudah dipakai. Minta kode baru ke ruang kendali"),
    ],
)
def test_a_wrong_code_is_said_and_the_same_command_goes_on(
    box: Box, made: Path, centre: FakeCollector, code: str, why: str
) -> None:
    bring(box, made)
    if code == "TAKEN":
        centre.codes.add("TAKEN")
        assert box.type(f"{INSTALL} {centre.url} TAKEN")[0] == 0
        box.type("systemctl stop ronda-agent; rm -r /var/lib/ronda-agent")
    status, said = box.type(f"{INSTALL} {centre.url} {code}")
    assert status == 1 and f"BELUM terdaftar: {why}" in said, said
    assert "jalankan lagi perintah yang sama" in said
    assert box.type(f"{INSTALL} {centre.url} ABCD")[0] == 0


def test_a_better_agent_stays_and_a_broken_one_goes_back_by_itself(
    box: Box, made: Path, centre: FakeCollector, tmp_path: Path
) -> None:
    bring(box, made)
    assert box.type(f"{INSTALL} {centre.url} ABCD")[0] == 0
    first = (box.disk / PLACE).read_bytes()
    bring(box, other(made, tmp_path / "crash", cli=CRASH))
    code, said = box.type(f"{INSTALL} --report 8")
    assert (box.disk / PLACE).read_bytes() == first, said
    assert code == 1 and "Agen baru GAGAL (tidak menyala)" in said, said
    assert box.type("ronda-agent status")[0] == 0
    # an older unit comes back with its agent
    unit = box.disk / "etc/systemd/system/ronda-agent.service"
    older = unit.read_text() + "# older\n"
    unit.write_text(older)
    bring(box, other(made, tmp_path / "mute", sender=MUTE))
    code, said = box.type(f"{INSTALL} --report 4")
    assert code == 1 and "laporannya tidak sampai dalam 4 detik" in said, said
    assert (box.disk / PLACE).read_bytes() == first
    assert unit.read_text() == older
    seen = len(centre.reports)
    centre.wait_for(reports=seen + 1)
    # a better one
    bring(box, other(made, tmp_path / "better", diary="\n# better\n"))
    code, said = box.type(f"{INSTALL} --report 20")
    assert code == 0 and "SELESAI" in said, said
    assert (box.disk / PLACE).read_bytes() != first and unit.read_text() != older
    assert (box.disk / "usr/local/lib/ronda/ronda-agent.before.pyz").read_bytes() == first


def test_a_file_that_does_not_fit_changes_nothing(
    box: Box, made: Path, centre: FakeCollector, tmp_path: Path
) -> None:
    bring(box, made)
    box.type("echo 00  ronda-agent.pyz > ronda-agent.pyz.sha256")
    code, said = box.type(f"{INSTALL} {centre.url} ABCD")
    assert code == 1 and "jumlah sha256 tidak cocok" in said, said
    box.type("sha256sum ronda-agent.pyz > ronda-agent.pyz.sha256; echo x >> ronda-agent.pyz.sig")
    code, said = box.type(f"{INSTALL} {centre.url} ABCD")
    assert code == 1 and "Tanda tangan berkas tidak cocok. JANGAN dipakai." in said, said
    assert not (box.disk / PLACE).exists()
    bring(box, made)
    assert "utuh (sha256, Ed25519)" in box.type(f"{INSTALL} {centre.url} ABCD")[1]
    # from now on this key counts, whatever lies beside the file
    foreign = signed(agent_file.built() + b"\n", tmp_path / "foreign")
    box.type("rm *.sha256")
    bring(box, foreign)
    assert "JANGAN dipakai" in box.type(INSTALL)[1]
    box.type("rm *.sig")
    assert "tidak ada tanda tangannya (ronda-agent.pyz.sig)" in box.type(INSTALL)[1]


def test_who_follows_the_guide_of_villages_gets_there(
    box: Box, made: Path, centre: FakeCollector
) -> None:
    guide = (ROOT / "docs" / "desa.md").read_text()
    guide = guide.partition("## Memasang")[2].partition("\n## ")[0]
    places = {"https://noc.example.go.id:8090 ABCD-EFGH-JKMN-PQRS": f"{centre.url} ABCD"}
    places["/home/desa/Downloads"] = "/root"
    for told, ours in places.items():
        assert told in guide
        guide = guide.replace(told, ours)
    bring(box, made)
    steps = re.findall(r"^```\n(.*?)\n```", guide, re.M | re.S)
    # who types here is root already
    assert steps.pop(0) == "sudo -i"
    said = [box.type(step) for step in steps]
    assert [code for code, _ in said] == [0, 0, 0, 0], said
    assert re.search(r"^gateway .*", said[1][1], re.M), said[1]
    assert "\nSELESAI." in said[2][1] and "desa 35.10.06.2005. Cocokkan" in said[2][1]
    assert re.search(r"^running +True$", said[3][1], re.M)
    assert re.search(r"^site +35\.10\.06\.2005$", said[3][1], re.M)


def test_root_follows_no_link_that_the_account_laid(
    box: Box, made: Path, centre: FakeCollector
) -> None:
    bring(box, made)
    assert box.type(f"{INSTALL} {centre.url} ABCD")[0] == 0
    data = "/var/lib/ronda-agent"
    box.type("systemctl stop ronda-agent; cp /etc/shadow /etc/mine; chmod 600 /etc/mine")
    box.type(f"ln -s /etc/mine {data}/trap; ln -sf /etc/mine {data}/enrol.json.new")
    before = (box.disk / "etc/mine").read_text()
    centre.codes.add("EFGH")
    code, said = box.type(f"{INSTALL} {centre.url} EFGH")
    assert code == 1 and "Traceback" not in said, said
    assert (box.disk / "etc/mine").read_text() == before
    assert box.type("stat -c %U /etc/mine")[1] == "root\n"


def test_it_goes_away_and_forgets_when_asked(box: Box, made: Path, centre: FakeCollector) -> None:
    bring(box, made)
    assert box.type("python3 ronda-agent.pyz uninstall") == (
        1, "Tidak ada agen yang terpasang di PC ini.\n",
    )  # fmt: skip
    code, said = box.type(INSTALL)
    assert code == 1 and "sudo python3 /root/ronda-agent.pyz install ALAMAT KODE" in said, said
    assert box.type(f"{INSTALL} {centre.url} ABCD")[0] == 0
    code, said = box.type("python3 ronda-agent.pyz uninstall")
    assert code == 0 and "masih ada di /var/lib/ronda-agent" in said, said
    # nobody here waits for processes that have ended
    left = "ps -o stat= -u ronda-agent | grep -v Z; ls /etc/systemd/system/*.service /usr/local/bin"
    assert "cannot access" in (said := box.type(left)[1]) and "ronda" not in said, said
    # who comes back is who it was
    assert "Sudah terdaftar" in box.type(INSTALL)[1]
    code, said = box.type("ronda-agent uninstall --forget --english")
    assert code == 0 and "Tell the control room" in said, said
    assert not (box.disk / "var/lib/ronda-agent").exists()
    assert "ronda-agent" not in (box.disk / "etc/passwd").read_text()


def test_without_the_rights_or_a_ping_it_says_so(box: Box, made: Path) -> None:
    bring(box, made)
    box.type("chmod 755 /root")
    code, said = box.type("setpriv --reuid=65534 python3 /root/ronda-agent.pyz install http://x A")
    assert (code, said) == (
        1, "Perintah ini butuh hak pengelola. Ketik lagi dengan kata sudo di depan.\n",
    )  # fmt: skip
    code, said = box.type(f"PATH=/usr/local/sbin /usr/bin/{INSTALL} http://x A")
    assert (code, said) == (1, "Perintah ping belum ada. Pasang: apt install iputils-ping\n")
