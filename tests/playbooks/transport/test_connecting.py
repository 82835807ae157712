"""Opening a connection: who answers is proved first, and what hinders is told with its remedy."""

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from collector.reasons import say
from collector.ssh_keys import public_key
from playbooks.hosts import Host, Login
from playbooks.model import Platform
from playbooks.session import Unreachable, WrongHostKey
from playbooks.transport.connecting import Patience, connect
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.servers import (
    PASSWORD,
    Server,
    free_port,
    listening,
    make_key,
    openssh,
)

pytestmark = pytest.mark.slow


def refused(host: Host, patience: Patience = QUICK) -> Unreachable:
    with pytest.raises(Unreachable) as error:
        connect(host, patience)
    assert error.value.reason.startswith(f"{host.address}:{host.port}: ")
    assert "\n" not in error.value.reason
    assert say(error.value.reason, "id") != error.value.reason
    assert not error.value.sent
    return error.value


def works(host: Host) -> bool:
    session = connect(host, QUICK)
    try:
        return session.run("id -u", 10).text == "0\n"
    finally:
        session.close()


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_each_kind_of_host_key_may_be_the_one_that_is_known(debian: Server, kind: str) -> None:
    assert works(debian.host(kind=kind))


def test_one_of_several_known_keys_is_enough(debian: Server, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "rsa")
    other = (tmp_path / "other.pub").read_text()
    assert works(replace(debian.host(), host_keys=(other, debian.host_key())))


def test_a_known_key_may_be_a_line_of_ssh_keyscan(debian: Server) -> None:
    line = f"[127.0.0.1]:{debian.port} {debian.host_key('ecdsa')}"
    assert works(replace(debian.host(), host_keys=(line,)))


def test_a_device_of_which_no_key_is_known_is_not_spoken_to(debian: Server) -> None:
    error = refused(replace(debian.host(), host_keys=()))
    assert isinstance(error, WrongHostKey)
    assert public_key(error.key).fingerprint == error.shown
    assert error.shown in error.reason
    assert "approve it" in error.reason
    assert works(replace(debian.host(), host_keys=(error.key,)))


def test_a_changed_key_is_refused_before_the_sign_in(debian: Server, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    host = replace(debian.by_password(), host_keys=((tmp_path / "other.pub").read_text(),))
    tried = attempts(debian)
    error = refused(host)
    assert isinstance(error, WrongHostKey)
    assert error.shown == public_key(debian.host_key()).fingerprint
    assert attempts(debian) == tried


def test_a_device_without_a_key_of_the_known_kind_is_another_one(
    debian: Server, tmp_path: Path
) -> None:
    with openssh(tmp_path, "HostKeyAlgorithms rsa-sha2-512") as server:
        error = refused(replace(server.host(), host_keys=(server.host_key(),)))
        assert isinstance(error, WrongHostKey)
        assert error.shown == public_key(server.host_key("rsa")).fingerprint


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "@revoked ssh-ed25519 AAAA", "x AAAA"])
def test_a_known_key_that_is_none_is_told(debian: Server, line: str) -> None:
    assert "enter it again" in refused(replace(debian.host(), host_keys=(line,))).reason


def test_a_password_signs_in(debian: Server, openwrt: Server) -> None:
    assert works(debian.by_password())
    keys = (openwrt.host_key("dropbear"),)
    assert works(replace(openwrt.by_password(), platform=Platform.OPENWRT, host_keys=keys))


# PAM takes its time over a wrong one
@pytest.mark.slow
def test_a_password_signs_in_where_only_questions_are_answered(tmp_path: Path) -> None:
    with openssh(tmp_path, "PasswordAuthentication no", "UsePAM yes") as server:
        assert works(server.by_password())
        assert "password of root is not accepted" in refused(server.by_password("salah")).reason


@pytest.mark.parametrize("password", ["salah", ""])
def test_a_wrong_password_is_told(debian: Server, password: str) -> None:
    error = refused(debian.by_password(password))
    assert error.reason.endswith("the password of root is not accepted: enter it again")
    assert type(error) is Unreachable


def test_a_server_that_takes_no_password_is_told(tmp_path: Path) -> None:
    refuses = ("PasswordAuthentication no", "KbdInteractiveAuthentication no")
    with openssh(tmp_path, *refuses) as server:
        reason = refused(server.by_password()).reason
        assert "takes no password of root, only publickey: enter a private key" in reason


def test_a_server_that_takes_no_key_is_told(tmp_path: Path) -> None:
    with openssh(tmp_path, "PubkeyAuthentication no") as server:
        reason = refused(server.host()).reason
        assert "takes no key of root, only password" in reason
        assert reason.endswith("enter a password")


def test_a_server_that_wants_a_password_and_a_key_without_one_is_told(tmp_path: Path) -> None:
    with openssh(tmp_path, "AuthenticationMethods password,publickey") as server:
        assert "wants more than a password of root" in refused(server.by_password()).reason


def test_a_server_that_wants_a_key_and_a_password_gets_both(tmp_path: Path) -> None:
    with openssh(tmp_path, "AuthenticationMethods publickey,password") as server:
        assert works(replace(server.host(), login=Login("root", PASSWORD, server.key)))
        assert "password of root" in refused(server.host()).reason


@pytest.mark.parametrize(
    ("kind", "form"), [("ed25519", ()), ("rsa", ()), ("rsa", ("-m", "PEM")), ("ecdsa", ())]
)
def test_a_key_under_a_passphrase_is_opened(
    debian: Server, tmp_path: Path, kind: str, form: tuple[str, ...]
) -> None:
    locked = make_key(tmp_path / "locked", kind, "rahasia desa", *form)
    allowed = debian.folder / "home" / ".ssh" / "authorized_keys"
    with allowed.open("a") as file:
        file.write((tmp_path / "locked.pub").read_text())
    host = debian.host()
    assert works(replace(host, login=Login("root", "rahasia desa", locked)))
    for password, told in (("", "is under a passphrase"), ("x", "does not open with this")):
        reason = refused(replace(host, login=Login("root", password, locked))).reason
        assert f"the key of root {told}" in reason


def test_a_key_that_is_not_let_in_is_told(debian: Server, tmp_path: Path) -> None:
    stranger = Login("root", key=make_key(tmp_path / "stranger"))
    reason = refused(replace(debian.host(), login=stranger)).reason
    assert reason.endswith("the key of root is not accepted: put its public part on the device")


def test_a_text_that_is_no_key_is_told(debian: Server) -> None:
    reason = refused(replace(debian.host(), login=Login("root", key="halo"))).reason
    assert "the key of root is no private key" in reason


def test_nothing_of_this_machine_signs_in(
    debian: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "id_ed25519").write_text(debian.key)
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{debian.port} {debian.host_key()}")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "the password of root" in refused(debian.by_password("salah")).reason
    assert isinstance(refused(replace(debian.host(), host_keys=())), WrongHostKey)


def test_a_port_that_nobody_serves_is_told(debian: Server) -> None:
    assert "is its SSH service on" in refused(replace(debian.host(), port=free_port())).reason


def test_a_name_that_is_not_known_is_told(debian: Server) -> None:
    assert "enter an IP address" in refused(replace(debian.host(), address="desa.invalid")).reason


def test_a_server_that_takes_the_connection_and_stays_silent_is_left(debian: Server) -> None:
    with listening() as (port, _):
        patience = replace(QUICK, handshake_s=0.3)
        reason = refused(replace(debian.host(), port=port), patience).reason
        assert "says nothing for 0.3 s: restart its SSH service" in reason


def test_a_device_that_is_off_is_left(debian: Server) -> None:
    with socket.socket() as full:
        # a queue that nobody empties: the next one to knock is not answered
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        patience = replace(QUICK, connect_s=0.3)
        reason = refused(replace(debian.host(), port=address[1]), patience).reason
        assert "does not answer within 0.3 s: is it on" in reason
        for one in waiting:
            one.close()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail\r\n" * 200])
def test_what_is_no_ssh_server_is_told(debian: Server, answer: bytes) -> None:
    with listening() as (port, door):

        def serve() -> None:
            door.settimeout(30)
            line, _ = door.accept()
            with line:
                line.sendall(answer)

        one = threading.Thread(target=serve, daemon=True)
        one.start()
        assert "is no SSH server" in refused(replace(debian.host(), port=port)).reason
        one.join(timeout=30)


def attempts(server: Server) -> int:
    log = (server.folder / "log").read_text()
    return sum(log.count(word) for word in ("Failed ", "Accepted ", "Postponed "))
