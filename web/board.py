"""The mark that a page carries: how new is what it shows."""

from sqlalchemy import Connection

from alerts import incidents
from collector import roster

Rev = tuple[int, int, int]


def rev(connection: Connection) -> Rev:
    """The newest position that changed a state or a check, how many rows it changed, and the
    newest change of an incident.

    The number tells apart what was written at one position in two transactions.
    """
    return (*roster.newest(connection), incidents.newest_rev(connection))
