"""A disk of its own for a story: a real ext4 that fills up, and that turns read-only."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A file system in a file; `folder` is where it is mounted."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self._image = folder, folder.with_name(f"{folder.name}.img")
        folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(megabytes << 20)
            options = ["-q", "-F", "-m", "0", "-O", "^has_journal"]
        subprocess.run(["mkfs.ext4", *options, str(self._image)], check=True)

    def mount(self) -> bool:
        words = ["mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.folder)]
        return subprocess.run(words, capture_output=True).returncode == 0

    def unmount(self) -> None:
        # lazily: a process that is about to end may still have a file open
        subprocess.run(["umount", "-l", str(self.folder)], check=True)

    def fill(self) -> None:
        """Until nothing fits any more."""
        with self._ballast.open("wb") as file:
            for size in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)

    def make_room(self) -> None:
        self._ballast.unlink()

    def fail(self) -> None:
        """Now the kernel finds an error on it, and lets nobody write there any more."""
        source = subprocess.run(
            ["findmnt", "-no", "SOURCE", str(self.folder)], capture_output=True, text=True
        ).stdout.strip()
        Path("/sys/fs/ext4", Path(source).name, "trigger_fs_error").write_text("1")

    def repair(self) -> None:
        """What somebody does at the machine, with the centre stopped."""
        subprocess.run(["umount", str(self.folder)], check=True)
        checked = subprocess.run(["fsck.ext4", "-fy", str(self._image)], capture_output=True)
        assert checked.returncode in (0, 1), checked
        assert self.mount()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """One that is gone afterwards; where none can be mounted the test has nothing to stand on."""
    made = Disk(folder, megabytes)
    if not made.mount():
        pytest.skip("mounting a disk needs root and loop devices")
    try:
        yield made
    finally:
        made.unmount()
