"""Why a device cannot be talked to: one line that names the remedy."""

import errno
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import paramiko

from playbooks.session import Unreachable

OLD = (
    "speaks only SHA-1 algorithms: allow old algorithms for this device, "
    "see docs/decisions/old-algorithms.md"
)
UNANSWERED = "does not answer within {:g} s: is it on, and does a firewall let SSH through?"
SILENT = "takes the connection and says nothing for {:g} s: restart its SSH service"
_NUMBERS: Mapping[int | None, str] = {
    errno.ECONNREFUSED: "refuses the connection: is its SSH service on, and on this port?",
    errno.EHOSTUNREACH: "no way leads to it: is the VPN, the tunnel or its uplink up?",
    errno.ENETUNREACH: "no way leads to it: is the VPN, the tunnel or its uplink up?",
    errno.ECONNRESET: "ends the connection at once: does it allow SSH from this address?",
    errno.ETIMEDOUT: "does not answer: is it on, and does a firewall let SSH through?",
}


class NotLetIn(Exception):
    """The machine answers, and does not let this login in."""


def lost(name: str, why: str) -> Unreachable:
    return Unreachable(f"{name}: {why}")


@contextmanager
def told(name: str, silent: str, old: bool = False, narrowed: bool = False) -> Iterator[None]:
    """Whatever the system or the library says becomes Unreachable; `silent` where time was over.

    With `narrowed` not all kinds of keys were asked for: that there is none of those is left to
    the caller.
    """
    try:
        yield
    except paramiko.ssh_exception.IncompatiblePeer as error:
        if narrowed and "host key" in str(error):
            raise
        raise lost(name, _strange(error, old)) from error
    except NotLetIn as error:
        raise lost(name, str(error)) from error
    except TimeoutError as error:
        raise lost(name, silent) from error
    except socket.gaierror as error:
        raise lost(name, "its name is not known here: enter an IP address") from error
    except paramiko.ChannelException as error:
        told = "is not reached by the machine on the way: is it on, and the address right?"
        raise lost(name, f"{told} ({error.text})") from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise lost(name, _said(error)) from error


def _strange(error: Exception, old: bool) -> str:
    if "version" in str(error):
        return "speaks only version 1 of SSH, which is broken: update it or replace it"
    if not old:
        return OLD
    return f"has no algorithm in common with the centre: update it ({error})"


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return _NUMBERS[error.errno]
    text = " ".join(str(error).split())[:200]
    if "banner" in text or "protocol version" in text:
        return "what answers is no SSH server, or one that is busy: is this the right port?"
    if isinstance(error, EOFError) or not text:
        return _NUMBERS[errno.ECONNRESET]
    return f"SSH fails: {text}"
