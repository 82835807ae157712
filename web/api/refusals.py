"""Which refusals an endpoint may give, and what each means. Pure."""

from web.api.table import Endpoint
from web.people import ROLES

ABOUT = {
    400: "it cannot be read: no JSON, or a NUL character",
    401: "no token, or one that does not hold (any more)",
    403: "the token's role or areas do not allow this",
    404: "there is no such thing, or it lies in another area",
    409: "it stands otherwise: there already, over, in other hands",
    412: "somebody changed it since you saw it: look again",
    413: "the body is too large",
    415: "the body is of another type",
    422: "what is asked for cannot be; `errors` says what and where",
    428: "say what you have seen: `If-Match`",
    429: "too many requests by this token",
    503: "the database cannot be read at the moment",
}


def of(one: Endpoint) -> list[int]:
    """The statuses of its refusals, in order."""
    found = {400, 401, 422, 429, 503}
    limited = one.everywhere or set(one.roles) != set(ROLES)
    # who may not write somewhere hears so
    found |= {403} if limited or one.method != "GET" else set()
    found |= {404} if one.parts or one.found else set()
    found |= {409} if one.conflicts else set()
    found |= {412, 428} if one.revised else set()
    found |= {413, 415} if one.takes is not None else set()
    return sorted(found)
