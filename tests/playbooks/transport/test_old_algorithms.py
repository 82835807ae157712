"""Devices that know only what was good twenty years ago: refused with the remedy, or opted in."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbooks.hosts import Login
from playbooks.session import Unreachable, WrongHostKey
from playbooks.transport.connecting import connect
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.servers import make_key, openssh

pytestmark = pytest.mark.slow

_SIGNED = ("HostKeyAlgorithms ssh-rsa", "PubkeyAcceptedAlgorithms +ssh-rsa")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(("KexAlgorithms diffie-hellman-group14-sha1", *_SIGNED), id="RouterOS 6"),
        pytest.param(("KexAlgorithms diffie-hellman-group1-sha1", *_SIGNED), id="airOS"),
        pytest.param(("KexAlgorithms diffie-hellman-group-exchange-sha1",), id="group exchange"),
        pytest.param(("HostKeyAlgorithms ssh-rsa",), id="only the signature"),
        pytest.param(("Ciphers 3des-cbc", "MACs hmac-sha1"), id="3DES"),
        pytest.param(("Ciphers aes128-cbc", "MACs hmac-md5"), id="CBC and MD5"),
    ],
)
def test_a_device_of_old_is_refused_with_the_remedy_and_let_in_when_opted_in(
    tmp_path: Path, settings: tuple[str, ...]
) -> None:
    with openssh(tmp_path, *settings) as server:
        host = server.host(kind="rsa")
        with pytest.raises(Unreachable, match="allow old algorithms for this device") as error:
            connect(host, QUICK)
        assert "docs/decisions/old-algorithms.md" in error.value.reason
        for login in (host.login, server.by_password().login):
            session = connect(replace(host, login=login, old_algorithms=True), QUICK)
            assert session.run("echo halo", 10).text == "halo\n"
            session.close()


def test_a_key_of_rsa_signs_in_the_old_way_where_nothing_else_is_taken(tmp_path: Path) -> None:
    with openssh(tmp_path, "PubkeyAcceptedAlgorithms ssh-rsa") as server:
        own = make_key(tmp_path / "own", "rsa")
        allowed = tmp_path / "home" / ".ssh" / "authorized_keys"
        allowed.write_text((tmp_path / "own.pub").read_text())
        host = replace(server.host(), login=Login("root", key=own))
        with pytest.raises(Unreachable, match="the key of root is not accepted"):
            connect(host, QUICK)
        connect(replace(host, old_algorithms=True), QUICK).close()


def test_one_that_was_opted_in_and_knows_better_is_spoken_to_with_the_better(
    tmp_path: Path,
) -> None:
    with openssh(tmp_path, "LogLevel DEBUG1") as server:
        connect(replace(server.host(kind="rsa"), old_algorithms=True), QUICK).close()
        log = (tmp_path / "log").read_text()
        assert "kex: algorithm: curve25519-sha256 " in log
        assert "kex: host key algorithm: rsa-sha2-512 " in log


def test_a_server_that_knows_only_the_name_of_the_standard_is_spoken_to(tmp_path: Path) -> None:
    with openssh(tmp_path, "KexAlgorithms curve25519-sha256") as server:
        connect(server.host(), QUICK).close()


def test_opting_in_does_not_believe_another_key(tmp_path: Path) -> None:
    with openssh(tmp_path, "HostKeyAlgorithms ssh-rsa") as server:
        make_key(tmp_path / "other", "rsa")
        pinned = ((tmp_path / "other.pub").read_text(),)
        with pytest.raises(WrongHostKey):
            connect(replace(server.host(), host_keys=pinned, old_algorithms=True), QUICK)
        with pytest.raises(WrongHostKey):
            connect(replace(server.host(), old_algorithms=True), QUICK)
