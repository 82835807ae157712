"""The agent of OpenWrt is one for every shell there, and says nothing that is written twice."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.clock import BUILT
from collector.micro import openwrt
from collector.micro.model import Choices
from tests.agent.micro.device import AGENT, PARTS, ROOT, Device

SCRIPTS = sorted(AGENT.glob("*.sh"))
CHOICES = Choices("35.10.06.2005", "Benculuk", "https://noc.example", "ABCD-EFGH-JKMN-PQRS", 60)


@pytest.mark.parametrize("shell", ["busybox ash", "dash"])
def test_every_file_is_read_by(shell: str) -> None:
    for path in [*SCRIPTS, AGENT / "ronda.init"]:
        done = subprocess.run([*shell.split(), "-n", str(path)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), path.name


@pytest.mark.slow
def test_the_linter_of_shells_has_nothing_to_say() -> None:
    names = ["ronda.sh", "ronda.init"]
    done = subprocess.run(["shellcheck", "-x", *names], cwd=AGENT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_no_file_is_too_long_to_be_read() -> None:
    assert [path.name for path in SCRIPTS if path.read_text().count("\n") > 330] == []


def test_all_files_go_to_the_device() -> None:
    sent = {Path(file.path).name for file in openwrt.OpenWrt().files(CHOICES)}
    there = {path.name for path in AGENT.iterdir() if path.name != "sample.txt"}
    assert {name for name in there if not name.startswith("ronda.")} <= sent
    assert {"ronda.sh", "ronda", "settings"} <= sent
    assert {f"{part}.sh" for part in PARTS} <= sent


def test_it_was_built_when_the_other_agent_was() -> None:
    text = (AGENT / "common.sh").read_text()
    assert re.findall(r"^BUILT=(\d+)$", text, re.M) == [f"{BUILT:.0f}"]


def test_what_is_kept_over_an_upgrade_is_all_there_is() -> None:
    kept = (AGENT / "ronda.keep").read_text().split()
    for file in openwrt.OpenWrt().files(CHOICES):
        assert any(file.path == one or file.path.startswith(f"{one}/") for one in kept), file.path


def test_the_script_can_be_pasted_into_a_terminal() -> None:
    """A tab completes names there, and a line longer than this is cut."""
    lines = openwrt.OpenWrt().script(CHOICES).splitlines()
    assert not [line for line in lines if "\t" in line or len(line) > 1000]


HOSTILE = ["it's", '"; reboot; "', "$(reboot)", "`reboot`", "a\nCODE=x", "%s\\n", "é  *"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("shell", ["busybox ash", "dash"])
def test_settings_are_read_back_as_they_were(shell: str, text: str) -> None:
    choices = Choices("35.10.06.2005", text, "https://noc", "CODE", 60, wan=text)
    script = openwrt.settings(choices) + 'printf "%s|" "$SITE" "$URL" "$CODE" "$WAN"'
    done = subprocess.run(shell.split(), input=script, capture_output=True, text=True)
    assert done.stdout == f"35.10.06.2005|https://noc|CODE|{text}|"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sites_name_is_a_remark_in_the_script_and_nothing_else(text: str, tmp_path: Path) -> None:
    choices = Choices("35.10.06.2005", text, "https://noc", "CODE", 60)
    script = openwrt.OpenWrt().script(choices)
    words = ["busybox", "ash", "-s", str(tmp_path)]
    done = subprocess.run(words, input=script, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*") if p.is_file()}
    assert (modes["settings"], modes["ronda.sh"], modes["json.awk"]) == (0o600, 0o755, 0o644)


DOCUMENTS = {
    "values": (
        '{"a":1,"b":[true,{"c":"x"}],"d":{},"e":[],"f":null,"g":-1.5e3}',
        "a\t1\nb/0\ttrue\nb/1/c\tx\nf\tnull\ng\t-1.5e3\n",
    ),
    "escapes": (r'{"a":"\"\\\/A\u00e9\n|"}', 'a\t"\\/A? |\n'),
    "as ubus prints it": (
        '{\n\t"up": true,\n\t"l3_device": "eth0.2"\n}\n',
        "up\ttrue\nl3_device\teth0.2\n",
    ),
    "a list alone": ("[7]", "0\t7\n"),
    "a word alone": ('"x"', "\tx\n"),
    "letters beyond ASCII": ('{"ssid":"Balai Désa"}', "ssid\tBalai Désa\n"),
}
AWKS = [["busybox", "awk"], ["mawk"]]


@pytest.mark.parametrize("awk", AWKS, ids=" ".join)
@pytest.mark.parametrize(("text", "lines"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_json_is_flattened(awk: list[str], text: str, lines: str) -> None:
    assert flat(awk, text) == (0, lines)


NO_JSON = ["", "{", '{"a"}', '{"a":1', "[1 2]", '"x" y', "{a:1}", "<html>", "[" * 30, "1" * 70_000]


@pytest.mark.parametrize("text", NO_JSON, ids=lambda text: text[:8])
@pytest.mark.parametrize("awk", AWKS, ids=" ".join)
def test_what_is_no_json_is_refused(awk: list[str], text: str) -> None:
    assert flat(awk, text)[0] == 1


def flat(awk: list[str], text: str) -> tuple[int, str]:
    assert shutil.which(awk[0])
    words = [*awk, "-f", str(AGENT / "json.awk")]
    done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("shell", [("busybox", "ash"), ("dash",)], ids=" ".join)
def test_a_command_that_hangs_is_ended_and_one_that_ends_is_not_waited_for(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    device = Device(tmp_path / "device", shell)
    said = device.part(
        "limited 5 true && echo yes\nlimited 5 false || echo no\n"
        "limited 1 sleep 60 >/dev/null 2>&1 || echo late\n"
    )
    assert said.split() == ["yes", "no", "late"]


def test_the_package_installs_what_the_script_does(tmp_path: Path) -> None:
    """The makefile as the SDK of OpenWrt would read it, with the few words of it that it uses."""
    (tmp_path / "rules.mk").write_text(
        "INCLUDE_DIR:=$(TOPDIR)\n"
        "INSTALL_DIR=install -d -m0755\nINSTALL_BIN=install -m0755\nINSTALL_DATA=install -m0644\n"
        "INSTALL_CONF=install -m0600\n"
    )
    (tmp_path / "package.mk").write_text(
        "define BuildPackage\nall:\n$(call Package/$(1)/install,$(OUT))\nendef\n"
    )
    stage = tmp_path / "stage"
    words = ["make", "-s", f"TOPDIR={tmp_path}", f"OUT={stage}", "all"]
    done = subprocess.run(words, cwd=ROOT / "deploy" / "openwrt", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    made = {
        f"/{path.relative_to(stage)}": (path.stat().st_mode & 0o777, path.read_text())
        for path in stage.rglob("*")
        if path.is_file()
    }
    wanted = {f.path: (f.mode, f.text) for f in openwrt.OpenWrt().files(CHOICES)}
    del wanted["/etc/ronda/settings"]
    assert made == wanted
