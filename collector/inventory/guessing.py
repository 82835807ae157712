"""Which kind of things is in this file? By its name, else by its columns. Pure."""

import re

from collector.inventory import check_settings, sheet
from collector.inventory.importing import is_geojson
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.sheet import BadFile

_WORD = re.compile(r"[a-z]+")


def kinds_of(data: bytes, file: str) -> list[str]:
    """The kinds that a file may be of; more than one where its columns fit several."""
    if is_geojson(data):
        return ["areas"]
    try:
        columns = sheet.columns_of(data)
    except BadFile:
        return []
    fitting = [kind.name for kind in KINDS.values() if _fits(kind, columns)]
    named = [name for name in fitting if name in _WORD.findall(file.lower())]
    return named if len(named) == 1 else fitting


def _fits(kind: Kind, columns: tuple[str, ...]) -> bool:
    known = {*kind.columns, *(check_settings.FURTHER if kind.further else ())}
    return set(kind.required) <= set(columns) <= known
