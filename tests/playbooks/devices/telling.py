"""The plainest way to give commands to a device by SSH, for tests without the product's session."""

import contextlib
import re
from collections.abc import Iterable

import paramiko

from playbooks.guards.guard import Net, state_of
from playbooks.model import Command


class Teller:
    """One connection; `told` gives output and exit status, `done` demands that it went well."""

    def __init__(self, client: paramiko.SSHClient) -> None:
        self.client = client

    def told(self, text: str, limit_s: float = 30.0) -> tuple[str, int]:
        transport = self.client.get_transport()
        assert transport is not None
        channel = transport.open_session(timeout=limit_s)
        channel.settimeout(limit_s)
        channel.set_combine_stderr(True)
        channel.exec_command(text)
        with contextlib.closing(channel), channel.makefile("rb") as file:
            text = file.read().decode("utf-8", "replace")
            return text, channel.recv_exit_status()

    def done(self, command: Command) -> str:
        text, code = self.told(command.text, min(command.limit_s, 30.0))
        assert code in command.exits, f"{command.text}\n{text}"
        assert re.search(command.expect, text), f"{command.text}\n{text}"
        return text

    def all_done(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self.done(command)

    def state(self, command: Command) -> Net | None:
        return state_of(self.told(command.text, min(command.limit_s, 30.0))[0])

    def close(self) -> None:
        self.client.close()
