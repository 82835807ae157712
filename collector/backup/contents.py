"""What of a data folder goes into a backup: databases, journal, rules, archives, secrets sealed."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from agent.strict import Refused
from collector.archive_boxes import FOLDER as ARCHIVES
from collector.archive_boxes import is_box
from collector.secret import FILE as KEY

STORE, HISTORY, DUMP, SEALED = "ronda.db", "history.db", "postgres.dump", "secrets"
CHANNELS = "channels.toml"
TLS = "tls"
# what stands in the place of channels.toml when secrets are left out
TO_ENTER = "channels.toml.enter-again"
MARK = "enter again"
# reports that were made, and the table of indicators that goes with them
REPORTS, INDICATORS = "reports", "indicators.csv"
# ten times as large as the rest of an edition, and held by its pack
_PACKED = ("laporan.csv", "laporan.json")
_FOLDERS = ("rules", "playbooks", "templates", ARCHIVES, REPORTS)
_SEGMENT = re.compile(r"journal(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+")
_SECRET = re.compile(r"tls/[A-Za-z0-9_][A-Za-z0-9._-]*")
_MOST_BYTES = 1 << 20
# what a disk takes
_LONGEST_PART = 255


def plain(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each file with nothing secret in it."""
    return ((name, path) for name, path in _written(folder) if _carried(name, path))


def left_out(folder: Path) -> list[str]:
    """What lies among them and is no file of this folder, or has a name that nobody can write."""
    return [_shown(name) for name, path in _written(folder) if not _carried(name, path)]


def _written(folder: Path) -> Iterator[tuple[str, Path]]:
    """What people put there: everything but folders."""
    for top in _FOLDERS:
        for path in sorted((folder / top).rglob("*")):
            if not _half(top, path) and (path.is_symlink() or not path.is_dir()):
                yield path.relative_to(folder).as_posix(), path
    if (path := folder / INDICATORS).is_symlink() or path.exists():
        yield INDICATORS, path


def _half(top: str, path: Path) -> bool:
    """What is being written, or lies in another file, too."""
    if top == REPORTS:
        return path.parent.name.startswith(".") or path.name in _PACKED
    return top == ARCHIVES and path.name.startswith(".")


def _carried(name: str, path: Path) -> bool:
    # a link may lead to what is none of a centre's files, and to what nobody else may read
    if not path.is_file() or path.is_symlink() or not is_plain(name):
        return False
    # a configuration that lies open has passwords in it
    return not name.startswith(f"{ARCHIVES}/") or _is_box(path)


def _is_box(path: Path) -> bool:
    try:
        return is_box(path)
    except FileNotFoundError:
        # an older one, just taken away
        return False


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


def secrets(folder: Path) -> dict[str, bytes]:
    """The files that let somebody pass for this centre, or send in its name."""
    paths = [folder / KEY, folder / CHANNELS, *sorted((folder / TLS).glob("*"))]
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths if p.is_file()}
    for name, data in found.items():
        if not is_secret(name):
            raise Refused(str(folder / name), "has a name that no certificate has; move it away")
        if len(data) > _MOST_BYTES:
            raise Refused(str(folder / name), "is larger than 1 MiB")
    return found


def is_plain(name: str) -> bool:
    """A name that a member may have beside the databases; never a way out of the folder."""
    top, _, rest = name.partition("/")
    if top in _FOLDERS:
        return rest.isprintable() and all(map(_is_part, rest.split("/")))
    return name in (TO_ENTER, INDICATORS) or _SEGMENT.fullmatch(name) is not None


def _is_part(text: str) -> bool:
    return text not in ("", ".", "..") and len(text.encode()) <= _LONGEST_PART


def is_secret(name: str) -> bool:
    return name in (KEY, CHANNELS) or _SECRET.fullmatch(name) is not None


def to_enter(channels: bytes) -> bytes:
    """The channels with their kinds and numbers; every other word is to be entered again."""
    try:
        tables = tomllib.loads(channels.decode()).get("channels", {})
    except (ValueError, UnicodeDecodeError):
        return b""
    lines = [f"# Fill in what says {MARK!r}, and name this file {CHANNELS}."]
    for name, table in tables.items() if isinstance(tables, dict) else ():
        lines += ["", f"[channels.{_quoted(name)}]"]
        for key, value in table.items() if isinstance(table, dict) else ():
            told = key == "kind" or isinstance(value, int | float)
            lines.append(f"{_quoted(key)} = {_value(value) if told else _quoted(MARK, True)}")
    return ("\n".join(lines) + "\n").encode()


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else _quoted(str(value), True)


def _quoted(text: str, always: bool = False) -> str:
    if not always and re.fullmatch(r"[A-Za-z0-9_-]+", text):
        return text
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{escaped}"'
