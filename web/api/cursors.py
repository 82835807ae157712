"""Where a page of a list ended, as one word that a program hands back."""

import base64
import binascii
import json
import re

Cursor = tuple[str, ...]
_FIGURE = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,17})?")
CURSOR = re.compile(r"[A-Za-z0-9_-]+")
_LARGEST = 2**63


def write(*last: object) -> str:
    """The key of the last thing of a page."""
    text = json.dumps([str(one) for one in last], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def words(count: int, text: str) -> Cursor:
    """A key of so many parts; ValueError for what nobody was given."""
    try:
        told = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        told = None
    sound = isinstance(told, list) and len(told) == count
    if not sound or not all(isinstance(one, str) and _is_text(one) for one in told):
        raise ValueError("is no `next` of this list")
    return tuple(told)


def numbered(text: str) -> Cursor:
    """A key that is one number."""
    found = words(1, text)
    if not re.fullmatch(r"[0-9]{1,19}", found[0]) or not 0 < int(found[0]) < _LARGEST:
        raise ValueError("is no `next` of this list")
    return found


def figures(count: int, text: str) -> tuple[float, ...]:
    """A key of so many numbers."""
    found = words(count, text)
    if not all(_FIGURE.fullmatch(each) for each in found):
        raise ValueError("is no `next` of this list")
    return tuple(float(each) for each in found)


def _is_text(word: str) -> bool:
    """Could a database hold it? JSON may escape half of a pair that stands for one character."""
    return "\0" not in word and not any("\ud800" <= c <= "\udfff" for c in word)
