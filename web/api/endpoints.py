"""The table: every endpoint of the API, and the groups they stand in."""

from collections.abc import Sequence

from web.api import own, sites
from web.api.table import Endpoint

ENDPOINTS: Sequence[Endpoint] = (
    *own.ENDPOINTS,
    *sites.ENDPOINTS,
)
GROUPS = {
    "token": "the token itself",
    "sites": "how villages are now, and why",
}
