"""What of a data folder goes into a backup: databases and journal, rules, secrets sealed."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from agent.strict import Refused
from collector.secret import FILE as KEY

STORE, HISTORY, DUMP, SEALED = "ronda.db", "history.db", "postgres.dump", "secrets"
CHANNELS = "channels.toml"
TLS = "tls"
# what stands in the place of channels.toml when secrets are left out
TO_ENTER = "channels.toml.enter-again"
MARK = "enter again"
_FOLDERS = ("rules", "playbooks", "templates")
_NAME = re.compile(r"(?:journal|rules|playbooks|templates)(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+")
_SECRET = re.compile(r"tls/[A-Za-z0-9_][A-Za-z0-9._-]*")
_MOST_BYTES = 1 << 20


def plain(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each file with nothing secret in it."""
    for name in _FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            inside = path.relative_to(folder).as_posix()
            if path.is_file() and not path.is_symlink() and _NAME.fullmatch(inside):
                yield inside, path


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
    return name == TO_ENTER or _NAME.fullmatch(name) is not None


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
