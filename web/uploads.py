"""Which requests may bring a photo: they are larger and slower than all others, so few at a time.

They have a thread of their own: no page waits for a phone on 2G.
"""

import re

from web.pictures import LARGEST_FILE

# the file, and the form around it
LARGEST_BODY = LARGEST_FILE + 64 * 1024
# a phone on 2G brings three megabytes in this time
BODY_S = 600.0
MOST_AT_ONCE = 12
_PATHS = re.compile(r"/(?:incidents/[0-9]{1,19}|t/[A-Za-z0-9_-]{1,28})/photo")
ENDPOINTS = frozenset({"incident_acts.photo", "hands.photo"})


def brings_photo(method: str, path: str) -> bool:
    """Whether the body of this request may be a photo."""
    return method == "POST" and _PATHS.fullmatch(path) is not None
