"""What would putting back a kept configuration change? Pure: two archives, told line by line."""

import difflib
import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping

from playbooks.transport.known_secrets import hide

# of an archive; the rest is counted
MOST_FILES, MOST_BYTES, LARGEST = 5000, 64 << 20, 256 << 10
MOST_LINES = 200
PACKED = b"\x1f\x8b"
_MARKS = {"file+": "+ ", "file-": "- ", "file~": "~ ", "+": "    +", "-": "    -"}


def told(now: bytes, kept: bytes) -> Iterator[str]:
    """Lines for people: files that would change, come or go, and how; secrets are hidden."""
    lines = [f"{_MARKS[sign]}{text}" for sign, text in changes(now, kept)]
    yield from lines[:MOST_LINES] or ["nothing differs"]
    if len(lines) > MOST_LINES:
        yield f"({len(lines) - MOST_LINES} lines more)"


def changes(now: bytes, kept: bytes) -> list[tuple[str, str]]:
    """The same with what each line is: a file that would come, go or change (`file+`, `file-`,
    `file~`), or a line of the one named before (`+`, `-`)."""
    before, after = files(now), files(kept)
    return [
        line
        for name in sorted(before.keys() | after.keys())
        for line in _file(name, before.get(name), after.get(name))
    ]


def files(archive: bytes) -> Mapping[str, bytes]:
    """The regular files of a compressed tar; none of what is none. Bounded: what lies beyond is
    left out."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r|gz") as tar:
            for member in tar:
                left -= member.size
                if left < 0 or len(found) >= MOST_FILES:
                    break
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is not None:
                    found[member.name.removeprefix("./")] = stream.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error):
        return found
    return found


def _file(name: str, now: bytes | None, kept: bytes | None) -> Iterator[tuple[str, str]]:
    if now == kept:
        return
    if now is None or kept is None:
        yield ("file+" if now is None else "file-"), name
        return
    yield "file~", name
    if max(len(now), len(kept)) > LARGEST or b"\0" in now + kept:
        return
    old, new = (hide(data.decode(errors="replace")).splitlines() for data in (now, kept))
    for line in list(difflib.unified_diff(old, new, lineterm="", n=0))[2:]:
        if not line.startswith("@@"):
            yield line[0], line[1:]
