"""What a channel's end tells of a command, in the orders that a network may bring it in."""

import time
from contextlib import ExitStack

import paramiko
import pytest

from playbooks.session import Unreachable
from playbooks.transport.line import Line
from playbooks.transport.stream import Stream


class Refused:
    """A channel whose server would run nothing and hung up before it was heard."""

    exit_status = -1
    eof_received = closed = True

    def exec_command(self, command: str) -> None:
        raise paramiko.SSHException("Channel closed.")

    def recv_ready(self) -> bool:
        return False

    def close(self) -> None:
        """It is."""


class Transport:
    def open_session(self, timeout: float) -> Refused:
        return Refused()

    def is_active(self) -> bool:
        return True


def test_a_channel_that_was_refused_and_ended_ran_nothing() -> None:
    line = Line(Transport(), "router", ExitStack(), time.monotonic)
    with pytest.raises(Unreachable, match="takes no commands") as error:
        line.exchange(':put "a"', b"", Stream("end", 100, greeted=False), 5.0)
    assert not error.value.sent
