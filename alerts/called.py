"""What the subjects of acts and the scopes of mutes stand for, by the names that people know."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, select

from collector.inventory.places import AREA_CODE, SITE_CODE
from collector.schema import areas, incidents, mutes, sites, windows

# what a database takes in one question
_AT_ONCE = 500
EVERYTHING = "all"
_MUTE = "mute"
# where the names of each kind stand: by which column, in which one
_NAMES: Mapping[str, tuple[Column[Any], Column[Any]]] = {
    "site": (sites.c.code, sites.c.name),
    "area": (areas.c.code, areas.c.name),
    "incident": (incidents.c.id, incidents.c.title),
    "window": (windows.c.id, windows.c.title),
    _MUTE: (mutes.c.id, mutes.c.scope),
}
_NUMBERED = ("incident", "window", _MUTE, "duty")


@dataclass(frozen=True, slots=True)
class Thing:
    """`kind` is site, area, incident, contact ..., all for everything, "" where none is told.

    `key` finds it, `name` is what people call it, `place` the thing it belongs to.
    """

    kind: str
    key: str
    name: str
    place: str = ""

    @property
    def said(self) -> str:
        """In one line: `#12 Benculuk`, `opensid Benculuk`, `Dewi`."""
        if self.kind == "incident":
            return f"#{self.key} {self.name}" if self.name != self.key else f"#{self.key}"
        return f"{self.name} {self.place}".strip() if self.kind == "check" else self.name


def parse(text: str) -> Thing:
    """By its text alone, before anybody looked for names."""
    if text == "*":
        return Thing(EVERYTHING, text, text)
    kind, colon, key = text.partition(":")
    if not colon:
        kinds = (("site", SITE_CODE), ("area", AREA_CODE))
        found = next((kind for kind, code in kinds if code.fullmatch(text)), "")
        return Thing(found, text, text)
    first, slash, rest = key.partition("/")
    if kind in ("contact", "check") and slash:
        return Thing(kind, key, rest, first)
    return Thing(kind, first, first) if kind in _NUMBERED else Thing(kind, key, key)


def called(connection: Connection, texts: Iterable[str]) -> dict[str, Thing]:
    """What each of these texts stands for; what is not there any more keeps its key as name."""
    things = {text: parse(text) for text in texts}
    muted = _names(connection, _MUTE, (one.key for one in things.values() if one.kind == _MUTE))
    scopes = {number: parse(scope) for number, scope in muted.items()}
    wanted = [*things.values(), *scopes.values()]
    wanted += [Thing("site", one.place, "") for one in wanted if one.kind == "check"]
    known = {
        kind: _names(connection, kind, (one.key for one in wanted if one.kind == kind))
        for kind in _NAMES
        if kind != _MUTE
    }
    for text, one in things.items():
        aim = scopes.get(one.key) if one.kind == _MUTE else None
        told = _named(one if aim is None else aim, known)
        things[text] = told if aim is None else replace(told, kind=_MUTE, name=told.said)
    return things


def _named(one: Thing, known: Mapping[str, Mapping[str, str]]) -> Thing:
    if one.kind == "check":
        return replace(one, place=known["site"].get(one.place, one.place))
    return replace(one, name=known.get(one.kind, {}).get(one.key, one.name))


def _names(connection: Connection, kind: str, keys: Iterable[str]) -> dict[str, str]:
    by, name = _NAMES[kind]
    wanted = _fitting(kind, set(keys))
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        query = select(by, name).where(by.in_(wanted[begin : begin + _AT_ONCE]))
        found |= {str(key): str(text) for key, text in connection.execute(query)}
    return found


def _fitting(kind: str, keys: Collection[str]) -> list[str] | list[int]:
    """Keys as the column has them; what can be no number of a row is none."""
    if kind not in _NUMBERED:
        return sorted(keys)
    return sorted(int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19)
