"""A query's text as the parser wants to have it spelt; Prometheus takes more spellings than it.

Numbers lose the underscores between their digits. Byte escapes become the text they spell: the
parser would take each for a character.
"""

import re

# bytes of a string that are no text travel as the private characters from here on
BYTES = 0x10FF00
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<raw>`[^`]*`)
      | (?P<word>[A-Za-z_:][\w:]*)
      | (?P<number>(?:\d|\.\d)[\w.]*)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"0[xX][\da-fA-F_]+|[\d_.]+(?:[eE][\d_]*)?")
_BETWEEN_DIGITS = re.compile(r"(?<=[\da-fA-F])_(?=[\da-fA-F])")
# runs of bytes above 127; any other escape is passed over whole, so that \\xff stays what it is
_ESCAPES = re.compile(
    r"(?P<bytes>(?:\\x[89a-fA-F][0-9a-fA-F]|\\[23][0-7]{2})+)|\\.",
    re.DOTALL,
)
_ONE_BYTE = re.compile(r"\\(?:x(..)|(...))")
_INNER = re.compile(r"[-+*/%^<>=(]|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)


def spelt(query: str) -> str:
    """The same query; a byte that is no UTF-8 becomes a private character (BYTES + the byte)."""
    return _TOKEN.sub(_token, query)


def depth(query: str) -> int:
    """At most how deep the parts of the query stand inside each other."""
    silent = ("comment", "quoted", "raw")
    bare = _TOKEN.sub(lambda found: " " if found.lastgroup in silent else found[0], query)
    return len(_INNER.findall(bare))


def _token(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "number" if "_" in text and _NUMBER.fullmatch(text):
            return _BETWEEN_DIGITS.sub("", text)
        case "quoted" if "\\" in text:
            return _ESCAPES.sub(_escape, text)
        case "raw" if text.endswith("\\`"):
            # the parser takes the last backslash for the beginning of an escape
            inside = text[1:-1].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{inside}"'
        case _:
            return text


def _escape(found: re.Match[str]) -> str:
    if found["bytes"] is None:
        return found[0]
    numbers = [int(x or "0" + o, 16 if x else 8) for x, o in _ONE_BYTE.findall(found[0])]
    text = bytes(numbers).decode("utf-8", "surrogateescape")
    return "".join(chr(BYTES + ord(c) - 0xDC00) if 0xDC80 <= ord(c) <= 0xDCFF else c for c in text)
