"""All pages of the inventory: importing them puts them on their blueprint."""

from web.inventory import exporting, home, importing, rows, undoing
from web.inventory.desk import bp

__all__ = ["bp", "exporting", "home", "importing", "rows", "undoing"]
