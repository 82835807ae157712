"""A value as one word in the language of a device, whatever it holds."""

import re
import shlex

# what a string of RouterOS reads as something else
_ROUTEROS_ESCAPED = {'"': '\\"', "\\": "\\\\", "$": "\\$", "?": "\\?"}
_ROUTEROS_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def shell(value: str) -> str:
    """For a POSIX shell."""
    return shlex.quote(value)


def routeros(value: str) -> str:
    """For the command line and the scripts of RouterOS, always in quotes."""
    # always: in `find name=pppoe-out1` and in (...) a - or / without quotes may be read as a sign
    escaped = "".join(_ROUTEROS_ESCAPED.get(letter, letter) for letter in value)
    return f'"{_CONTROL.sub(_routeros_control, escaped)}"'


def _routeros_control(found: re.Match[str]) -> str:
    return _ROUTEROS_NAMED.get(found[0], f"\\{ord(found[0]):02X}")


def routeros_bytes(value: str) -> str:
    """The same for a file that a router reads byte by byte: what is beyond ASCII as its bytes."""
    letters = (
        c if c <= "~" else "".join(f"\\{b:02X}" for b in c.encode()) for c in routeros(value)
    )
    return "".join(letters)
