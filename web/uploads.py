"""Which requests may bring a photo: they are larger and slower than all others, so few at a time.

They have a thread of their own: no page waits for a phone on 2G.
"""

import re
from typing import Any

from web.pictures import LARGEST_FILE
from web.tongue import lazy_gettext

# the file, and the form around it
LARGEST_BODY = LARGEST_FILE + 64 * 1024
# a phone on 2G brings three megabytes in this time
BODY_S = 600.0
# and is silent for so long where the signal breaks off
QUIET_S = 30.0
MOST_AT_ONCE = 12
# of one account, or of one person whom links were sent
MOST_OF_ONE = 2
_PATHS = re.compile(r"/(?:incidents/[0-9]{1,19}|t/[A-Za-z0-9_-]{1,28})/photo")
ENDPOINTS = frozenset({"incident_acts.photo", "hands.photo"})


def brings_photo(method: str, path: str) -> bool:
    """Whether the body of this request may be a photo."""
    return method == "POST" and _PATHS.fullmatch(path) is not None


_WORDS: dict[int, Any] = {
    400: lazy_gettext("The photo took too long. Try again where the signal is better."),
    413: lazy_gettext("The photo is too large: 8 MB at most."),
    429: lazy_gettext("Photos of yours are still coming in. Wait until they are there."),
    503: lazy_gettext("Many photos are coming in. Try again in a minute."),
}


def refusal(status: int) -> str:
    """What is said of a photo that no page has seen; in the language that most people read."""
    return str(_WORDS.get(status, ""))
