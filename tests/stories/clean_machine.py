"""A Debian that nobody has touched: this one, with everything a guide writes laid over it.

What is written goes with it, accounts too. Its systemctl starts what the unit's file says, as its
user, which is what a guide's reader sees of systemd.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# what guides write to; the rest of the system is read
LAID_OVER = ("/etc", "/var", "/opt", "/srv", "/home", "/usr/local")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SPACES = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
_LAY = """
mount -t tmpfs -o mode=755 none /mnt
for folder in {folders}; do
  new=/mnt$folder/new work=/mnt$folder/work
  mkdir -p $new $work
  chmod --reference=$folder $new
  mount -t overlay -o lowerdir=$folder,upperdir=$new,workdir=$work none $folder
done
install -D -m 755 {systemctl} /usr/local/bin/systemctl
echo laid
# the shell stays: the first process of a machine must bury the dead
cat
true
"""
_SYSTEMCTL = Path(__file__).with_name("systemctl.sh")


class Machine:
    """Commands run in it as root types them: with a login's environment and nothing of ours."""

    def __init__(self, inside: int) -> None:
        self._inside = inside

    def sh(self, commands: str, wanted: int = 0, limit_s: float = 300.0) -> str:
        """What lines of a shell print, both streams as on a terminal; fails with it."""
        done = subprocess.run(
            ["nsenter", "-m", "-p", "-t", str(self._inside), "env", "-i", *self._env()]
            + ["sh", "-ec", f"cd /root\n{commands}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=limit_s,
        )
        assert done.returncode == wanted, f"{commands}\n{done.stdout}"
        return done.stdout

    def put(self, path: str, content: bytes) -> None:
        """A file that somebody brought along, with the folder it lies in."""
        command = ["nsenter", "-m", "-t", str(self._inside), "sh", "-ec"]
        script = 'mkdir -p "$(dirname "$0")" && cat > "$0"'
        subprocess.run([*command, script, path], input=content, check=True, timeout=30)

    def get(self, path: str) -> bytes:
        """A file that somebody takes away."""
        command = ["nsenter", "-m", "-t", str(self._inside), "cat", path]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=30).stdout

    @staticmethod
    def _env() -> list[str]:
        # where this machine's pip finds packages, and whom it believes, is its own matter
        passed = [f"{k}={v}" for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_CERT"))]
        return [f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", *passed]


@contextmanager
def clean_machine() -> Iterator[Machine]:
    """Needs root, as `make test` in a container; all its processes end with it."""
    if os.geteuid() != 0:
        pytest.fail("namespaces need root: run this test as root")
    script = _LAY.format(folders=" ".join(LAID_OVER), systemctl=_SYSTEMCTL)
    with subprocess.Popen(
        ["unshare", *_SPACES, "sh", "-ec", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as outer:
        assert outer.stdin is not None and outer.stdout is not None
        assert outer.stdout.readline() == b"laid\n"
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        try:
            yield Machine(int(children[0]))
        finally:
            outer.stdin.close()
