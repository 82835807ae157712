"""Commands on real servers: whatever they do, their output and their end are told as they are."""

import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.reasons import say
from playbooks.hosts import Host
from playbooks.model import Platform
from playbooks.session import MOST_OUTPUT, Session, Unreachable
from playbooks.transport.connecting import connect
from playbooks.transport.shell import _MERGED
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.servers import Server, descendants

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "output", "exit"),
    [
        pytest.param("echo halo", "halo\n", 0, id="a line"),
        pytest.param("printf halo", "halo", 0, id="no end of line"),
        pytest.param("true", "", 0, id="nothing"),
        pytest.param("printf '\\n'", "\n", 0, id="an empty line"),
        pytest.param("false", "", 1, id="a failure"),
        pytest.param("exit 7", "", 7, id="an exit of the shell"),
        pytest.param("echo a; echo b >&2; echo c", "a\nb\nc\n", 0, id="errors in their order"),
        pytest.param("a=1\nb=2\necho $((a + b))", "3\n", 0, id="many lines"),
        pytest.param("cat <<END\n  '$((1 + 1))'\nEND", "  '2'\n", 0, id="a here-document"),
        pytest.param("cat", "", 0, id="one that reads stdin"),
        pytest.param("exec >&- 2>&-; exit 4", "", 4, id="one that closes its output"),
        pytest.param("exec sh -c 'exit 5'", "", 5, id="one that takes the shell's place"),
        pytest.param("set -e; false; echo no", "", 1, id="one that ends at an error"),
        pytest.param("trap 'echo bye' EXIT; exit 3", "bye\n", 3, id="one with a trap"),
        pytest.param("echo a \\", "a\n", 0, id="an open end"),
        pytest.param("cd / &&\n\n  pwd\n", "/\n", 0, id="a list over lines"),
        pytest.param("echo a # comment", "a\n", 0, id="a comment at the end"),
        pytest.param("echo 'jalan \"é\" \\ `$x'", 'jalan "é" \\ `$x\n', 0, id="quotes"),
        pytest.param("kill -9 $$", "", None, id="one that kills its shell"),
        pytest.param("cd /; pwd; umask 077", "/\n", 0, id="another folder"),
    ],
)
def test_a_command_tells_its_output_and_its_end(
    session: Session, text: str, output: str, exit: int | None
) -> None:
    told = session.run(text, 10)
    assert (told.text, told.exit, told.cut) == (output, exit, False)


@pytest.mark.parametrize("text", ["if", "echo 'a", "(", "}", "fi"])
def test_bad_grammar_is_a_failure_with_its_reason(session: Session, text: str) -> None:
    told = session.run(text, 10)
    assert told.exit not in (0, None)
    assert "syntax" in told.text.lower() or "unterminated" in told.text.lower()


def test_one_command_leaves_nothing_to_the_next(session: Session) -> None:
    assert session.run("cd /usr; SECRET=1; export SECRET", 10).exit == 0
    assert session.run("echo [$SECRET]; test $PWD != /usr", 10).text == "[]\n"


def test_what_a_command_leaves_in_the_background_holds_nobody_up(session: Session) -> None:
    told = session.run("sleep 20 & echo $!", 10)
    assert told.exit == 0
    assert told.took_s < 5
    assert session.run("echo next", 10).text == "next\n"
    assert session.run(f"kill {int(told.text)}", 10).exit == 0


def test_a_router_without_a_path_to_its_tools_finds_them(session: Session) -> None:
    assert session.run("command -v sshd unshare ip | wc -l; echo $LC_ALL", 10).text.endswith("C\n")


def test_output_is_bounded_and_says_so(session: Session) -> None:
    told = session.run("head -c 10000000 /dev/zero | tr '\\0' x; exit 9", 30)
    assert told.text == "x" * MOST_OUTPUT
    assert (told.exit, told.cut) == (9, True)


def test_a_command_that_never_ends_is_left_at_its_limit(session: Session) -> None:
    with pytest.raises(Unreachable, match="did not end within 0.4 s and may still") as error:
        session.run("sleep 5", 0.4)
    assert error.value.sent
    assert session.run("echo on", 10).text == "on\n"


def test_a_command_that_never_stops_printing_is_left_at_its_limit(session: Session) -> None:
    with pytest.raises(Unreachable, match="did not end within 0.5 s") as error:
        session.run("yes", 0.5)
    assert error.value.sent


def test_a_file_is_fetched_to_the_last_byte(session: Session, tmp_path: Path) -> None:
    data = os.urandom(300_000) + b"\n\r\n\0ronda-\n"
    (tmp_path / "archive").write_bytes(data)
    noisy = f"echo noise >&2; cat {tmp_path}/archive"
    assert session.fetch(noisy, 20, 1_000_000) == data
    assert session.fetch(noisy, 20, len(data)) == data
    assert session.fetch("true", 20, 10) == b""
    with pytest.raises(Unreachable, match=f"longer than {len(data) - 1} bytes"):
        session.fetch(noisy, 20, len(data) - 1)


def test_half_a_file_is_no_file(session: Session) -> None:
    with pytest.raises(Unreachable, match=r"not whole \(exit 3\): no space left") as error:
        session.fetch("echo half; echo no space left >&2; exit 3", 10, 100)
    assert "tidak utuh (kode 3)" in say(error.value.reason, "id")


def test_a_command_may_bring_a_file_along(session: Session) -> None:
    lines = "\n".join(str(number) for number in range(60_000))
    assert session.run(f"wc -c <<'END'\n{lines}\nEND", 20).text.strip() == str(len(lines) + 1)


def test_a_fetch_with_much_to_complain_about_ends(session: Session) -> None:
    many = "head -c 6000000 /dev/zero | tr '\\0' x >&2; echo whole"
    assert session.fetch(many, 20, 100) == b"whole\n"


def test_a_fetch_that_never_stops_complaining_is_left_at_its_limit(session: Session) -> None:
    with pytest.raises(Unreachable, match="did not end within 0.5 s"):
        session.fetch("yes >&2", 0.5, 100)


def test_an_account_without_a_shell_is_told(hosts: dict[Platform, Host]) -> None:
    host = hosts[Platform.DEBIAN]
    guest = replace(host, login=replace(host.login, user="tamu"))
    session = connect(guest, QUICK)
    with pytest.raises(Unreachable, match="gives this account no shell: This account") as error:
        session.run("echo a", 10)
    assert not error.value.sent
    session.close()


def test_a_connection_cut_in_a_command_says_that_it_was_sent(debian: Server) -> None:
    session = connect(debian.host(), QUICK)
    threading.Timer(0.5, _signal, [debian, signal.SIGKILL]).start()
    with pytest.raises(Unreachable, match="the connection was lost") as error:
        session.run("echo $$; sleep 30", 20)
    assert error.value.sent
    with pytest.raises(Unreachable) as error:
        session.run("true", 1)
    assert not error.value.sent
    session.close()
    session.close()


def test_a_device_that_freezes_is_left_at_the_limit(debian: Server) -> None:
    session = connect(debian.host(), QUICK)
    _signal(debian, signal.SIGSTOP)
    try:
        with pytest.raises(Unreachable, match="did not take a command within 0.5 s") as error:
            session.run("true", 0.5)
        assert not error.value.sent
    finally:
        _signal(debian, signal.SIGCONT)
    session.close()


def test_half_a_command_does_nothing(debian: Server, tmp_path: Path) -> None:
    """What would remain on the device of a connection that is cut while a command is sent."""
    done = tmp_path / "done"
    session: Any = connect(debian.host(), QUICK)
    channel = session._line._transport.open_session()
    channel.exec_command(_MERGED)
    channel.sendall(f"exit ronda-1\ntouch {done}\n".encode())
    channel.shutdown_write()
    assert channel.recv_exit_status() == 125
    assert not done.exists()
    session.close()


def _signal(server: Server, number: signal.Signals) -> None:
    """To the processes that hold the connections; not to the server, not to commands."""
    for pid in descendants(server.process.pid):
        with suppress(OSError):
            if "sshd" in Path(f"/proc/{pid}/comm").read_text():
                os.kill(pid, number)
