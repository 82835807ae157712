"""A device behind another machine: both are proved, and only the device hears commands."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbooks.hosts import Host, Jump, Login, Way
from playbooks.session import Unreachable, WrongHostKey
from playbooks.transport.connecting import connect
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.servers import Server, free_port, openssh

pytestmark = pytest.mark.slow


def through(way: Server, device: Server) -> Host:
    keys = (way.host_key(),)
    jump = Jump("127.0.0.1", way.port, Login("root", key=way.key), keys)
    return replace(device.host(), way=Way.JUMP, jump=jump)


def test_a_device_is_reached_through_another_machine(debian: Server, tmp_path: Path) -> None:
    with openssh(tmp_path, "SetEnv WHO=device") as device:
        session = connect(through(debian, device), QUICK)
        assert session.run("echo $WHO", 10).text == "device\n"
        data = session.fetch("head -c 500000 /dev/zero", 10, 500_000)
        assert data == bytes(500_000)
        session.close()


def test_keys_of_both_machines_are_proved(debian: Server, openwrt: Server) -> None:
    host = through(debian, debian)
    assert host.jump is not None
    other = (openwrt.host_key("dropbear"),)
    for wrong in (
        replace(host, jump=replace(host.jump, host_keys=other)),
        replace(host, jump=replace(host.jump, host_keys=())),
        replace(host, host_keys=other),
    ):
        with pytest.raises(WrongHostKey):
            connect(wrong, QUICK)


def test_a_device_that_the_machine_on_the_way_does_not_reach_is_told(debian: Server) -> None:
    host = replace(through(debian, debian), port=free_port())
    with pytest.raises(Unreachable, match="is not reached by the machine on the way"):
        connect(host, QUICK)


def test_a_way_through_no_machine_is_told(debian: Server) -> None:
    with pytest.raises(Unreachable, match="name one"):
        connect(replace(debian.host(), way=Way.JUMP), QUICK)
