"""Which requests may bring tables: they are larger than all others, so few at a time.

They have a thread of their own: no page waits for a province being read.
"""

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
PATH = "/inventory/imports"
ENDPOINTS = frozenset({"inventory.upload"})

_WORDS: dict[int, Any] = {
    400: lazy_gettext("The files took too long. Try again, or one file at a time."),
    413: lazy_gettext(
        "The files are too large: 4 MB together. Larger ones go by the command line."
    ),
    503: lazy_gettext("Several imports are being read. Try again in a minute."),
}


def brings_tables(method: str, path: str) -> bool:
    """Whether the body of this request may be files of an import."""
    return method == "POST" and path == PATH


def refusal(status: int) -> str:
    """What is said of files that no page has seen."""
    return str(_WORDS.get(status, ""))
