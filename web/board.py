"""The marks that a page carries: how new is what it shows, how far the engine has come."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from alerts import incidents
from collector import roster
from collector.db import meta_get

Rev = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Fold:
    """How far the engine has come: its lag in seconds, and when it said so."""

    lag_s: float
    at: float


def fold(connection: Connection) -> Fold | None:
    """The engine's own word; None before its first."""
    said = meta_get(connection, "fold_status")
    if not said:
        return None
    status = json.loads(said)
    return Fold(float(status.get("lag_s", 0.0)), float(status.get("at", 0.0)))


def rev(connection: Connection) -> Rev:
    """The newest position that changed a state or a check, how many rows it changed, and the
    newest change of an incident.

    The number tells apart what was written at one position in two transactions.
    """
    return (*roster.newest(connection), incidents.newest_rev(connection))
