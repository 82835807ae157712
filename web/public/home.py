"""The first page: the regency where there is one, else the list to choose from."""

from flask import Response

from web.public import area
from web.public.desk import bp
from web.public.moment import look


# a redirect would name the address the server listens at
@bp.get("/", strict_slashes=False)
def home() -> Response:
    """The widest area with a choice in it."""
    seen = look()
    return area.show(seen.shown.first(), seen)
