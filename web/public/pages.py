"""All public pages: importing them puts them on their blueprint."""

from web.public import apps, area, badge, feed, follow, home, reporting, village
from web.public.desk import bp, kept, page

__all__ = [
    "apps", "area", "badge", "bp", "feed", "follow", "home", "kept", "page", "reporting", "village",
]  # fmt: skip
