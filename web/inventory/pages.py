"""All pages of the inventory: importing them puts them on their blueprint."""

from web.inventory import exporting, importing, undoing
from web.inventory.desk import bp

__all__ = ["bp", "exporting", "importing", "undoing"]
