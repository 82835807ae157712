"""A file lies on a device with every byte, or not at all: OpenSSH with dash, dropbear with ash."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from agent.strict import Refused
from playbooks.hosts import Host
from playbooks.model import Platform
from playbooks.session import MOST_FILE, Session
from playbooks.transport.connecting import connect
from playbooks.transport.shell import _PUT
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.servers import Server

pytestmark = pytest.mark.slow

HOSTILE = b"\0\r\n'\"$(id)`\n\nronda-\n" + bytes(range(256))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"a", id="a letter"),
        pytest.param(HOSTILE, id="every byte"),
        pytest.param(b"\n" * 1000, id="ends of lines"),
        pytest.param(os.urandom(700_000), id="much"),
    ],
)
def test_a_file_arrives_to_the_last_byte_for_its_owner_alone(
    session: Session, tmp_path: Path, data: bytes
) -> None:
    place = tmp_path / "it's $HOME kept.tgz"
    told = session.put(data, str(place), 30)
    assert (told.text, told.exit) == ("", 0)
    assert place.read_bytes() == data
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [place]


def test_a_file_takes_the_place_of_the_one_before_twice_too(
    session: Session, tmp_path: Path
) -> None:
    place = tmp_path / "agent.pyz"
    place.write_bytes(b"old")
    for data in (b"new", b"new", b"newer"):
        assert session.put(data, str(place), 10).exit == 0
        assert place.read_bytes() == data


def test_a_place_that_is_not_there_is_told_and_the_line_goes_on(
    session: Session, tmp_path: Path
) -> None:
    told = session.put(os.urandom(300_000), str(tmp_path / "none" / "a.tgz"), 20)
    assert told.exit == 1
    assert "kB are free" in told.text or "nonexistent" in told.text
    assert session.run("echo on", 10).text == "on\n"


def test_half_a_file_is_taken_away_and_the_old_one_stays(debian: Server, tmp_path: Path) -> None:
    """What remains of a connection that is cut while a file is sent."""
    place = tmp_path / "agent.pyz"
    place.write_bytes(b"old")
    session: Any = connect(debian.host(), QUICK)
    channel = session._line._transport.open_session()
    channel.exec_command(_PUT)
    whole = b"new" * 1000
    head = f"exit ronda-1\n{hashlib.sha256(whole).hexdigest()}\n10\n{place}\n".encode()
    channel.sendall(head + whole[:-1])
    channel.shutdown_write()
    heard = b""
    while piece := channel.recv(1000):
        heard += piece
    assert heard == b"ronda-1\nwhat arrived is not whole\n\nronda-1 125\n"
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]
    session.close()


def test_a_file_for_which_there_is_no_room_is_not_begun(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playbooks.transport.shell._SPARE_KB", 10**12)
    told = session.put(b"a" * 200_000, str(tmp_path / "a.tgz"), 20)
    assert told.exit == 1
    assert f"in {tmp_path}, 1000000000196 are needed" in told.text
    assert list(tmp_path.iterdir()) == []


def test_a_file_beyond_the_bound_is_refused_before_it_is_sent(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        session.put(b"a" * (MOST_FILE + 1), "/tmp/a", 1)
    assert refused.value.problem == "the file is larger than 10485760 bytes"


def test_ten_megabytes_pass(hosts: dict[Platform, Host], tmp_path: Path) -> None:
    session = connect(hosts[Platform.DEBIAN], QUICK)
    data = os.urandom(1 << 20) * 10
    assert session.put(data, str(tmp_path / "a"), 30).exit == 0
    assert (tmp_path / "a").read_bytes() == data
    session.close()
