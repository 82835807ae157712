"""Which requests may bring tables: they are larger than all others, so few at a time.

They have a thread of their own: no page waits for a province being read.
"""

import re
from typing import Any

from web.tongue import lazy_gettext

# of all files of an import together; what is more goes by the command line
LARGEST_FILES = 4 << 20
MOST_LINES = 50_000
MOST_FILES = 7
# the files, and the form around them
LARGEST_BODY = LARGEST_FILES + 64 * 1024
BODY_S = 120.0
MOST_AT_ONCE = 4
# of one account
MOST_OF_ONE = 2
PATH = "/inventory/imports"
_LOOKS = re.compile(rf"{PATH}/[0-9]{{1,19}}(/undo)?")
ENDPOINTS = frozenset({"inventory.upload"})

_WORDS: dict[int, Any] = {
    400: lazy_gettext("The files took too long. Try again, or one file at a time."),
    413: lazy_gettext(
        "The files are too large: 4 MB together. Larger ones go by the command line."
    ),
    429: lazy_gettext("Files of yours are still coming in. Wait until they are there."),
    503: lazy_gettext("Several imports are being read. Try again in a minute."),
}


def brings_tables(method: str, path: str) -> bool:
    """Whether the body of this request may be files of an import."""
    return method == "POST" and path == PATH


def reads_tables(path: str) -> bool:
    """Whether files of an import are read for this page, or what it has changed."""
    return _LOOKS.fullmatch(path) is not None


def refusal(status: int) -> str:
    """What is said of files that no page has seen."""
    return str(_WORDS.get(status, ""))
