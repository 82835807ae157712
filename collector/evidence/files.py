"""Where a command's report goes: a file that is there whole or not at all, or the terminal."""

import os
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path

from agent.strict import Refused


def put(out: str, pieces: Iterable[bytes]) -> None:
    """Write a file, whole or not at all, or to the terminal."""
    if out == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    path = Path(out)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        os.replace(fresh, path)
    except OSError as error:
        raise Refused(out, f"cannot be written: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)
