"""The first line of a file that only its owner may read: where secrets of settings lie."""

import stat
from pathlib import Path

from agent.strict import Refused


def first_line(setting: str, name: str) -> str:
    """Empty where no file is named; Refused names the setting: not readable, or by others too."""
    if not name:
        return ""
    path = Path(name)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Refused(setting, f"others may read it: chmod 600 {path}")
        return path.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(setting, f"cannot be read: {error}") from error
