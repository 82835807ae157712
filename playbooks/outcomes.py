"""Did a command come to what its step says? Pure."""

import re2

from agent.strict import Refused
from playbooks import values
from playbooks.model import Command, Keep
from playbooks.session import Output

_SAID = 200


def why_failed(command: Command, output: Output) -> str:
    """The reason; "" for a command that succeeded."""
    if output.exit is None or output.exit not in command.exits:
        number = "" if output.exit is None else f" with {output.exit}"
        return f"ended{number}: {_last_line(output.text)}"
    if command.expect and re2.search(command.expect, output.text) is None:
        return f"expected {command.expect!r}, got: {_last_line(output.text)}"
    if command.refuse and re2.search(command.refuse, output.text) is not None:
        return f"must not have {command.refuse!r}, got: {_last_line(output.text)}"
    return ""


def kept(keep: Keep, text: str) -> str:
    """The value a command printed, if it is of its type; Refused names it."""
    found = text.strip()
    if keep.match:
        match = re2.search(keep.match, text)
        if match is None:
            raise Refused(keep.name, f"not found in: {_last_line(text)}")
        found = match[1] if match.groups() else match[0]
    try:
        return values.of_kind(keep.kind, found)
    except Refused as refused:
        raise Refused(keep.name, refused.problem) from None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_SAID] if lines else "no word"
