"""Scripts on a router: success is the mark behind them, an error's text is the reason."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from playbooks.hosts import Login
from playbooks.session import MOST_OUTPUT, Session, Unreachable
from playbooks.transport.connecting import connect
from playbooks.transport.routeros import MOST_SCRIPT, cleaned
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.router import Router, router

EXPORT = "# 2026-11-29 by RouterOS 7.20\r\n/ip dns\r\nset servers=10.0.0.1\r\n"


def export(channel: Any) -> bool:
    channel.sendall(EXPORT)
    return True


def much(channel: Any) -> bool:
    for _ in range(100):
        channel.sendall("x" * 9_998 + "\r\n")
    return True


def painted(channel: Any) -> bool:
    channel.sendall("\x1b[1m  status: \x1b[31mwaiting\x1b[m\r  status: done\x1b[K\r\n")
    return True


def drop(channel: Any) -> bool:
    channel.transport.close()
    return False


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Router]:
    never = threading.Event()
    knows = {
        "/export": export,
        "/log print": much,
        "/interface monitor once": painted,
        "/system reboot": drop,
        "/ping": lambda channel: never.wait(20),
    }
    with router(tmp_path_factory.mktemp("router"), knows) as made:
        yield made
        never.set()


@pytest.fixture
def session(device: Router) -> Iterator[Session]:
    opened = connect(device.host, QUICK)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("text", "output", "exit"),
    [
        pytest.param(':put "halo"', "halo\n", 0, id="a line"),
        pytest.param(':put "a"\n:put "b"', "a\nb\n", 0, id="two lines"),
        pytest.param("/export", EXPORT.replace("\r", ""), 0, id="an export"),
        pytest.param("/interface monitor once", "  status: done\n", 0, id="painted anew"),
        pytest.param("/no", "bad command name /no (line 2 column 1)\n", None, id="an error"),
        pytest.param(
            ':put "a"\n/no', "a\nbad command name /no (line 3 column 1)\n", None, id="half a script"
        ),
        pytest.param(":if {", "syntax error (line 2 column 1)\n", None, id="bad grammar"),
    ],
)
def test_a_script_tells_its_output_and_whether_it_ended(
    session: Session, text: str, output: str, exit: int | None
) -> None:
    told = session.run(text, 10)
    assert (told.text, told.exit, told.cut) == (output, exit, False)


def test_the_script_is_given_as_it_is(session: Session, device: Router) -> None:
    text = ':put "\\$x"\n/no'
    session.run(text, 10)
    assert device.scripts[-1].startswith(f"{{\n{text}\n:put (")


def test_output_is_bounded_and_says_so(session: Session) -> None:
    told = session.run("/log print", 20)
    assert len(told.text) == MOST_OUTPUT
    assert (told.exit, told.cut) == (0, True)


def test_an_export_is_fetched_as_it_is(session: Session) -> None:
    assert session.fetch("/export", 10, 1000) == EXPORT.encode()
    with pytest.raises(Unreachable, match="longer than 10 bytes"):
        session.fetch("/export", 10, 10)
    with pytest.raises(Unreachable, match="not whole: bad command name /no"):
        session.fetch("/export\n/no", 10, 1000)


@pytest.mark.slow
def test_a_script_that_never_ends_is_left_at_its_limit(session: Session) -> None:
    with pytest.raises(Unreachable, match="did not end within 0.4 s") as error:
        session.run("/ping", 0.4)
    assert error.value.sent


def test_a_router_that_goes_down_says_that_the_script_was_sent(device: Router) -> None:
    session = connect(device.host, QUICK)
    with pytest.raises(Unreachable, match="the connection was lost") as error:
        session.run(':put "a"\n/system reboot', 10)
    assert error.value.sent
    session.close()


def test_a_script_that_no_packet_holds_is_not_sent(session: Session, device: Router) -> None:
    before = len(device.scripts)
    with pytest.raises(Unreachable, match="longer than") as error:
        session.run("x" * MOST_SCRIPT, 10)
    assert not error.value.sent
    assert len(device.scripts) == before


@pytest.mark.slow
def test_a_device_that_runs_nothing_is_told(tmp_path: Any) -> None:
    with router(tmp_path, {}, takes_commands=False) as device:
        session = connect(device.host, QUICK)
        with pytest.raises(Unreachable, match="takes no commands") as error:
            session.run(':put "a"', 10)
        assert not error.value.sent
        session.close()


def test_a_wrong_password_is_told(device: Router) -> None:
    with pytest.raises(Unreachable, match="the password of admin is not accepted"):
        connect(replace(device.host, login=Login("admin", "salah")), QUICK)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        pytest.param("a\r\nb\r\n", "a\nb\n", id="ends of lines"),
        pytest.param("a\r\r\n", "a\n", id="two returns"),
        pytest.param("old\rnew", "new", id="painted anew"),
        pytest.param("\x1b[9999B\x1b[1;31mred\x1b[0m\x1b[K", "red", id="colours"),
        pytest.param("\x1b]0;title\x07text\x1b(B\x1b7", "text", id="titles"),
        pytest.param("a\tb\x00\x08c\x7f", "a\tbc", id="not printed"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_text_is_cleaned_to_what_a_person_would_see(raw: str, seen: str) -> None:
    assert cleaned(raw) == seen
