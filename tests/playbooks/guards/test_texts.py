"""What the nets are made of: texts that every device of a platform reads, whatever the undo is."""

import dataclasses
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playbooks.guards.guard import Guard, Net, state_of
from playbooks.guards.table import GUARDS
from playbooks.model import Command, Platform
from tests.playbooks.devices.routeros.menus import Known
from tests.playbooks.devices.routeros.parsing import Parser

ODD = [
    "uci set wireless.@wifi-iface[0].key='it'\\''s \"$(reboot)\" `id` \\\\'; wifi reload",
    "echo a\necho b",
    "# nothing",
    "echo '@DIR@ @RUN@' ä %s %%",
]
PLAIN = {
    Platform.ROUTEROS: ["/ip service enable ssh"],
    Platform.OPENWRT: ["ifup wan"],
    Platform.DEBIAN: ["ifup eth0"],
}


def commands(guard: Guard, undo: list[str]) -> Iterator[Command]:
    yield from guard.prove(7)
    yield from guard.prepare(7)
    yield from guard.arm(7, undo, 300)
    yield from (guard.disarm(7), guard.fire(7), guard.read(7), guard.clear(7))


@pytest.mark.parametrize("platform", Platform)
def test_each_platform_has_a_net_that_nobody_changes(platform: Platform) -> None:
    guard = GUARDS[platform]
    assert dataclasses.is_dataclass(guard)
    assert hash(guard) == hash(dataclasses.replace(guard))


@pytest.mark.parametrize("platform", Platform)
def test_nothing_is_left_to_be_filled_in_and_all_is_named_for_ronda(platform: Platform) -> None:
    for command in commands(GUARDS[platform], PLAIN[platform]):
        assert not re.search(r"@[A-Z]+@", command.text)
        assert "ronda-" in command.text
        assert command.limit_s >= 30


@pytest.mark.parametrize("platform", [Platform.OPENWRT, Platform.DEBIAN])
@pytest.mark.parametrize("shell", [["dash"], ["busybox", "ash"]], ids=["dash", "ash"])
def test_a_shell_reads_every_text(platform: Platform, shell: list[str]) -> None:
    texts = "\n".join(f"(\n{command.text}\n)" for command in commands(GUARDS[platform], ODD))
    done = subprocess.run([*shell, "-n"], input=texts, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("version", [6, 7])
def test_the_router_reads_every_text_and_what_is_in_it(version: int) -> None:
    menus = Known(version)
    for command in commands(GUARDS[Platform.ROUTEROS], PLAIN[Platform.ROUTEROS]):
        assert "\n" not in command.text
        for name, tree in _named(Parser(command.text, menus).parsed()):
            if name in ("source", "script") and tree[0] == "is":
                Parser(tree[1], menus).parsed()


def _named(tree: object) -> Iterator[tuple[str, Any]]:
    """Every named argument in trees."""
    if isinstance(tree, dict):
        yield from tree.items()
        tree = list(tree.values())
    if isinstance(tree, (tuple, list)):
        for each in tree:
            yield from _named(each)


@pytest.mark.parametrize("platform", [Platform.OPENWRT, Platform.DEBIAN])
def test_the_undo_is_written_as_it_is(platform: Platform, tmp_path: Path) -> None:
    writing = [c.text for c in GUARDS[platform].arm(7, ODD, 300) if "printf '%s\\n'" in c.text]
    text = "\n".join(writing).replace(f"cd {GUARDS[platform].folder(7)}", f"cd {tmp_path}")
    subprocess.run(["dash", "-c", text], check=True, timeout=60)
    for number, undo in enumerate(ODD, 1):
        assert (tmp_path / f"undo.{number:03}").read_text() == undo + "\n"


@pytest.mark.parametrize("platform", [Platform.OPENWRT, Platform.DEBIAN])
def test_no_command_is_longer_than_dropbear_takes(platform: Platform) -> None:
    many = ["uci set network.wan.dns='203.0.113.53'; uci commit network"] * 300
    assert all(len(command.text) < 9000 for command in commands(GUARDS[platform], many))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("ronda-guard armed\n", Net.ARMED),
        ("| ronda-guard undone\nronda-guard failed\r\n", Net.FAILED),
        ("ronda-guard works\n", None),
        ("no such item\n", None),
        ("", None),
    ],
)
def test_the_state_is_what_the_last_line_says(text: str, state: Net | None) -> None:
    assert state_of(text) is state
