"""Templates compiled once, as Python keeps its modules: beside them, in `__pycache__`.

Compiling all of them takes a second of each start of the console. What is kept holds for one
version of a template and of the code around it: that says how templates are read.
"""

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path

from jinja2 import BytecodeCache, FileSystemBytecodeCache, __version__
from jinja2.bccache import Bucket

_HERE = Path(__file__).parent
_PLACE = _HERE / "__pycache__"


def kept(folder: Path = _PLACE, code: Path = _HERE) -> BytecodeCache | None:
    """Where compiled templates are kept; None where Python would not keep its modules, either."""
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    return _Kept(folder, _state_of(code))


class _Kept(FileSystemBytecodeCache):
    def __init__(self, folder: Path, around: str) -> None:
        super().__init__(str(folder), "template-%s.cache")
        self._around = around

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha1(f"{self._around}\n{source}".encode()).hexdigest()

    def dump_bytecode(self, bucket: Bucket) -> None:
        # without room for it the page is shown all the same
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _state_of(code: Path) -> str:
    """Another one as soon as any of the code that templates are compiled with is another."""
    files = [(one.name, one.stat()) for one in sorted(code.glob("*.py"))]
    return f"{__version__} {[(name, stat.st_mtime_ns, stat.st_size) for name, stat in files]}"
