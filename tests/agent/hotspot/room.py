"""A network of its own in a process of its own: nothing is named, nothing is left behind.

The first process in it reads our pipe. When we close it, or die, it ends, and the kernel ends all
others in it and takes the interfaces down.
"""

import os
import select
import subprocess
from collections.abc import Sequence

import pytest


class Room:
    """Namespaces for network, mounts and processes. Needs root, as `make test` in a container."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            pytest.fail("network namespaces need root: run this test as root")
        spaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self._holder = subprocess.Popen(
            ["unshare", *spaces, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._holder.stdin is not None and self._holder.stdout is not None
        self._holder.stdin.write(b"here\n")
        self._holder.stdin.flush()
        ready, _, _ = select.select([self._holder.stdout], [], [], 60)
        assert ready, "no namespaces within a minute"
        assert self._holder.stdout.readline() == b"here\n"
        path = f"/proc/{self._holder.pid}/task/{self._holder.pid}/children"
        with open(path, encoding="ascii") as children:
            self.pid = children.read().split()[0]
        self.run("ip", "link", "set", "lo", "up")

    def words(self, *command: str) -> list[str]:
        """The command as it is run inside."""
        return ["nsenter", "--target", self.pid, "--net", "--mount", "--pid", "--", *command]

    def run(self, *command: str) -> str:
        """What it prints; it must succeed."""
        done = subprocess.run(self.words(*command), capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def cable(self, mine: str, other: "Room", its: str) -> None:
        """A cable from an interface of this name to one of the other room."""
        # from our own side, where the number of the other room's process means something
        words = ["ip", "link", "add", mine, "type", "veth", "peer", "name", its]
        net = ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words, "netns", other.pid]
        subprocess.run(net, check=True, timeout=20)
        self.run("ip", "link", "set", mine, "up")
        other.run("ip", "link", "set", its, "up")

    def start(self, command: Sequence[str], log: str) -> "subprocess.Popen[bytes]":
        """A process that goes on; it ends with the room at the latest."""
        with open(log, "ab") as out:
            return subprocess.Popen(
                self.words(*command), stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def close(self) -> None:
        assert self._holder.stdin is not None and self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.wait(timeout=10)
        self._holder.stdout.close()


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End what runs behind an nsenter: its child, by its own number."""
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(path, encoding="ascii") as children:
        for pid in children.read().split():
            os.kill(int(pid), 9)
    process.wait(timeout=10)
