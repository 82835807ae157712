"""A secret in a file of its own that nobody else may read: its first line."""

import os
import stat
from pathlib import Path

from agent.strict import Refused


def first_line(setting: str, name: str) -> str:
    """Empty without a file; Refused, by the name of the setting, when it cannot be read, others
    may read it, or nothing is in it."""
    if not name:
        return ""
    path = Path(name)
    try:
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            raise Refused(setting, f"others may read it: chmod 600 {path}")
        line = path.read_text().partition("\n")[0].strip()
    except OSError as error:
        raise Refused(setting, f"cannot be read: {error.strerror}: {path}") from error
    except UnicodeDecodeError as error:
        raise Refused(setting, f"cannot be read: {error}") from error
    if not line:
        # without it we would come to the other side as nobody, and not know why it refuses us
        raise Refused(setting, f"its first line is empty: {path}")
    return line
