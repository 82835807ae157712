"""What a kind of device has to tell, and where: profiles are data files beside this one.

A file says which devices it fits (`match`), whose readings it shares (`include`) and what to
read (`reading`); docs/agent.md describes the keys. Adding a device needs no Python.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from agent.probes.snmp.message import Oid, oid
from agent.probes.snmp.number import UNITS
from agent.strict import Refused, build

# also where the program is one file with all in it
FOLDER = files("agent.probes.snmp")
COMBINE = ("first", "mean", "max", "sum", "count")
FIELD = re.compile(r"\{([^{}]*)\}")
_WORDS = ("if", "index", "text", "match", "device", "name")


@dataclass(frozen=True)
class Match:
    """`object_id` beginnings of sysObjectID, `descr` a pattern in sysDescr, `has` an OID with
    something beneath it. What is given must all be so; `rank` decides between two that fit."""

    object_id: tuple[str, ...] = ()
    descr: str = ""
    has: str = ""
    rank: int = 0

    def check(self) -> None:
        _oids("object_id", (*self.object_id, *((self.has,) if self.has else ())))
        _pattern("descr", self.descr)


@dataclass(frozen=True)
class Need:
    """Another value of the same row (or a scalar): one of `one_of`, none of `none_of`."""

    oid: str
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    below: float | None = None

    def check(self) -> None:
        _oids("oid", (self.oid,))


@dataclass(frozen=True)
class Item:
    """One thing to read; the keys are told in docs/agent.md.

    `only` leaves rows out, `needs` makes them unknown; `when` and `unless` judge the table."""

    name: str
    oid: str
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scale: float = 1.0
    offset: float = 0.0
    fine: bool = False
    unit: str = ""
    unknown: tuple[str, ...] = ()
    map: dict[str, float] = field(default_factory=dict)
    plus: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    invert: bool = False
    combine: str = "first"
    bits: int = 64
    suffix: str = ""
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    only: tuple[Need, ...] = ()
    needs: tuple[Need, ...] = ()
    when: tuple[Need, ...] = ()
    unless: tuple[Need, ...] = ()

    def check(self) -> None:
        _oids("oid", (self.oid, *self.plus, *self.total, *self.columns()))
        _pattern("pattern", self.pattern)
        if self.unit not in UNITS:
            raise Refused("unit", f"{self.unit!r} is not one of {', '.join(UNITS)}")
        if self.combine not in COMBINE:
            raise Refused("combine", f"{self.combine!r} is not one of {', '.join(COMBINE)}")
        if self.suffix:
            _oids("suffix", (f"0.{self.suffix}",))

    def fields(self) -> Iterable[str]:
        """What stands between braces in the labels, without the part of the index."""
        for templates in self.labels.values():
            for template in templates:
                yield from (found.partition("@")[0] for found in FIELD.findall(template))

    def columns(self) -> Iterable[str]:
        """OIDs that the labels need."""
        return [name for name in self.fields() if name not in _WORDS]

    def oids(self) -> Iterable[Oid]:
        """Everything that has to be asked for."""
        judged = (*self.only, *self.needs, *self.when, *self.unless)
        texts = (self.oid, *self.plus, *self.total, *self.columns(), *(need.oid for need in judged))
        return [oid(text) for text in texts]


@dataclass(frozen=True)
class Profile:
    """A data file: `title` for people, `match` empty for one that others only take in.

    What `include` names is asked for before its own readings, what `fallback` names after."""

    title: str
    match: tuple[Match, ...] = ()
    include: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    reading: tuple[Item, ...] = ()


@cache
def load(name: str) -> Profile:
    """The profile in its file; Refused with the place of a mistake."""
    if name not in names():
        raise Refused("profile", f"{name[:80]!r} is not one of {', '.join(names())}")
    try:
        table = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{name}.toml", f"not TOML: {error}") from error
    try:
        return build(Profile, table)
    except Refused as refused:
        raise Refused(f"{name}.toml: {refused.place}", refused.problem) from None


def names() -> list[str]:
    """Every profile there is."""
    found = (file.name.partition(".toml") for file in FOLDER.iterdir())
    return sorted(name for name, ending, _ in found if ending)


def items(name: str) -> list[Item]:
    """What to read with this profile, in the order in which it counts; each file once."""
    found: dict[str, tuple[Item, ...]] = {}
    _collect(name, found)
    return [item for part in found.values() for item in part]


def _collect(name: str, found: dict[str, tuple[Item, ...]]) -> None:
    profile = load(name)
    for other in profile.include:
        if other not in found:
            _collect(other, found)
    found.setdefault(name, profile.reading)
    for other in profile.fallback:
        if other not in found:
            _collect(other, found)


def is_scalar(name: Oid) -> bool:
    """A single value is told by its instance, which ends in 0."""
    return name[-1] == 0


def _oids(place: str, texts: Iterable[str]) -> None:
    for text in texts:
        try:
            oid(text)
        except ValueError:
            raise Refused(place, f"not an OID: {text[:80]!r}") from None


def _pattern(place: str, text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise Refused(place, f"not a pattern: {error}") from None
