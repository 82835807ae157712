"""How the external engine stands, as the engine process wrote it down last: for everybody else."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection

from collector.db import meta_get, meta_set

KEY = "metrics_engine"
SHELF = "metrics_engine_shelf"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the last probe said.

    `works`: it gave back what it was just sent. `late`: also what was 31 days old. `way`: how its
    samples are read, known since a probe that worked. `said`: why it does not, or not late ones.
    """

    host: str
    at: float
    works: bool
    late: bool
    way: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What became of the numbers past the tail: site-days that are there alone, and those that
    stay here since the engine lacks some of them; `said`: why it was not asked to the end."""

    at: float
    gone: int
    stays: int
    said: str = ""


def read(connection: Connection) -> Standing | None:
    """None before the first probe."""
    return Standing(**told) if (told := _told(connection, KEY, Standing)) else None


def write(connection: Connection, standing: Standing) -> None:
    meta_set(connection, KEY, json.dumps(asdict(standing)))


def read_shelf(connection: Connection) -> Shelf | None:
    return Shelf(**told) if (told := _told(connection, SHELF, Shelf)) else None


def write_shelf(connection: Connection, shelf: Shelf) -> None:
    meta_set(connection, SHELF, json.dumps(asdict(shelf)))


def _told(connection: Connection, key: str, kind: Any) -> Mapping[str, Any]:
    told = json.loads(meta_get(connection, key, "{}"))
    names = {spec.name for spec in fields(kind)}
    return told if names <= told.keys() else {}
