"""Looking at this machine: files below the root that tests may move, commands with a limit."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from agent.ground import WINDOWS
from agent.report import ProbeFailed

if TYPE_CHECKING:
    import subprocess

_MOST_BYTES = 1 << 20
_SBIN = ":/usr/sbin:/sbin:/usr/local/sbin"
_ROUTE_UP, _ROUTE_GATEWAY = 0x1, 0x2


def rooted(path: str) -> str:
    """`path` below RONDA_AGENT_ROOT (default /)."""
    return os.environ.get("RONDA_AGENT_ROOT", "").rstrip("/") + path


def read(path: str) -> str:
    """The text of a file below the root; OSError when there is none."""
    with open(rooted(path), encoding="utf-8", errors="replace") as file:
        return file.read(_MOST_BYTES)


def read_or(path: str, otherwise: str) -> str:
    try:
        return read(path)
    except OSError:
        return otherwise


def names_in(path: str) -> list[str]:
    """What stands in a folder below the root, sorted; nothing when it is not there."""
    try:
        return sorted(os.listdir(rooted(path)))
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Output:
    """What a command left: exit code, both streams; `late`: it had to be killed."""

    code: int
    out: str
    err: str
    late: bool = False


def has(program: str) -> bool:
    """Is there such a command?"""
    places = (os.environ.get("PATH", "/bin") + _SBIN).split(":")
    return any(os.access(os.path.join(place, program), os.X_OK) for place in places)


def run(command: Sequence[str], limit_s: float) -> Output:
    """Run a command of the system, killed after `limit_s`; ProbeFailed when there is none.

    Killed too, with all it started, when it says more than a megabyte.
    """
    if WINDOWS:
        from agent.probes.windows import run as run_there

        return run_there(command, limit_s)
    # only probes that need a command pay for this
    import subprocess

    environment = os.environ | {"LC_ALL": "C", "PATH": os.environ.get("PATH", "/bin") + _SBIN}
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env=environment,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ProbeFailed(f"no {command[0]} on this system") from error
    except OSError as error:
        raise ProbeFailed(f"{command[0]} cannot be run: {error.strerror}") from error
    deadline = monotonic() + limit_s
    texts, over = _listen(process, deadline)
    with contextlib.suppress(subprocess.TimeoutExpired):
        if not over:
            process.wait(max(0.0, deadline - monotonic()))
    late = process.poll() is None
    if late or over:
        _end(process)
    out, err = (text.decode("utf-8", "replace") for text in texts)
    return Output(-1 if late or over else process.returncode, out, err, late=late or over)


@dataclass(frozen=True, slots=True)
class Route:
    """A default route: its interface and gateway ("" for one without, as over PPP)."""

    interface: str
    gateway: str


def default_route(text: str) -> Route | None:
    """The preferred default route in the text of /proc/net/route."""
    found: list[tuple[int, Route]] = []
    for line in text.splitlines()[1:]:
        parts = line.split()
        if len(parts) < 8 or parts[1] != "00000000" or parts[7] != "00000000":
            continue
        flags = int(parts[3], 16)
        if not flags & _ROUTE_UP:
            continue
        gateway = _address(parts[2]) if flags & _ROUTE_GATEWAY else ""
        found.append((int(parts[6]), Route(parts[0], gateway)))
    return min(found, key=lambda entry: entry[0])[1] if found else None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counters of one interface since its driver began."""

    receive_bytes: int
    receive_errors: int
    transmit_bytes: int


def traffic(text: str) -> dict[str, Traffic]:
    """Counters by interface from the text of /proc/net/dev."""
    found: dict[str, Traffic] = {}
    for line in text.splitlines()[2:]:
        name, colon, rest = line.partition(":")
        numbers = rest.split()
        if colon and len(numbers) >= 16 and all(n.isdigit() for n in numbers):
            found[name.strip()] = Traffic(int(numbers[0]), int(numbers[2]), int(numbers[8]))
    return found


def _address(word: str) -> str:
    """The kernel prints the address as one number in the byte order of the machine."""
    import socket
    import sys

    return socket.inet_ntoa(int(word, 16).to_bytes(4, sys.byteorder))


def _listen(process: "subprocess.Popen[bytes]", deadline: float) -> tuple[list[bytearray], bool]:
    """What it says on both streams until it ends; True when it says too much or takes too long."""
    import selectors

    assert process.stdout is not None and process.stderr is not None
    streams = [process.stdout, process.stderr]
    texts = [bytearray(), bytearray()]
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for stream, text in zip(streams, texts, strict=True):
            stack.callback(stream.close)
            selector.register(stream, selectors.EVENT_READ, text)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - monotonic()))
            if not ready:
                return texts, True
            for key, _ in ready:
                if piece := os.read(key.fd, 65536):
                    key.data.extend(piece[: _MOST_BYTES - len(key.data)])
                else:
                    selector.unregister(key.fileobj)
            if max(map(len, texts)) >= _MOST_BYTES:
                return texts, True
    return texts, False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill it and what it started: a child that holds the pipe would be waited for."""
    import signal
    import subprocess

    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    # one that sleeps in the kernel cannot be killed now, and is not waited for
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.5)
