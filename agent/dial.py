"""Reaching a TCP address within a time limit, the look-up of its name included."""

import errno
import socket
import threading
from time import monotonic

from agent import fence

_MOST_ADDRESSES = 4
# getaddrinfo cannot be interrupted; look-ups that hang are left behind, but never more than these
_lookups = threading.BoundedSemaphore(8)

Address = tuple[socket.AddressFamily, tuple[str | int, ...] | tuple[int, bytes]]


class WireError(OSError):
    """The network said no; `str()` is a reason in plain words."""


def left_s(deadline: float) -> float:
    """Seconds until `deadline` (monotonic); TimeoutError when there are none."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(host: str, port: int, deadline: float) -> list[Address]:
    """The addresses of `host`, in the order of the system; WireError when there is none in time."""
    # bytes keep Python from loading the tables of international names (1 MB) for an ASCII name
    name = host.encode("ascii", "replace")
    try:
        return _look_up(name, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    if not _lookups.acquire(blocking=False):
        raise WireError("too many look-ups of names hang")
    answer: list[list[Address] | OSError] = []

    def look() -> None:
        try:
            answer.append(_look_up(name, port, 0))
        except OSError as error:
            answer.append(error)
        finally:
            _lookups.release()

    lookup = threading.Thread(target=look, daemon=True, name="look-up")
    lookup.start()
    lookup.join(left_s(deadline))
    if not answer:
        raise WireError(f"the look-up of the name {host} does not end")
    if isinstance(answer[0], OSError):
        later = answer[0].errno == socket.EAI_AGAIN
        words = "cannot be looked up now" if later else "is not found"
        raise WireError(f"the name {host} {words}") from answer[0]
    return answer[0]


def dial(host: str, port: int, deadline: float, interface: str = "") -> socket.socket:
    """A connected TCP socket; every address of the name gets its share of the time.

    `interface`: the only one it may leave through.
    """
    addresses = resolve(host, port, deadline)
    trouble: OSError = TimeoutError()
    for at, (family, address) in enumerate(addresses):
        fence.judge(str(address[0]))
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(left_s(deadline) / (len(addresses) - at))
            bind_to(connection, interface)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            trouble = error
        else:
            return connection
    raise WireError(say(trouble, host, port)) from trouble


def bind_to(made: socket.socket, interface: str) -> None:
    """Only through this interface ("" = any); before Linux 5.7 that takes CAP_NET_RAW."""
    if interface:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())


def say(error: OSError, host: str, port: int) -> str:
    """What went wrong with a connection to `host`, in words for a person."""
    where = place(host, port)
    if isinstance(error, WireError):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"no answer from {where}"
    if isinstance(error, ConnectionRefusedError):
        return f"{where} refuses the connection"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return f"{where} broke the connection off"
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return f"no route to {host}"
    return f"{where}: {error.strerror or error}"


def _look_up(name: bytes, port: int, flags: int) -> list[Address]:
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags)
    return [(entry[0], entry[4]) for entry in found[:_MOST_ADDRESSES]]
