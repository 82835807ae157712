"""A secret in a file of its own that nobody else may read: its first line."""

import os
import stat
from pathlib import Path

from agent.strict import Refused


def first_line(setting: str, name: str) -> str:
    """Empty without a file; Refused, by the name of the setting, when it cannot be read or others
    may read it."""
    if not name:
        return ""
    path = Path(name)
    try:
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            raise Refused(setting, f"others may read it: chmod 600 {path}")
        return path.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(setting, f"cannot be read: {error}") from error
