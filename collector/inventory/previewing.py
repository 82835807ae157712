"""What an import of several files would do, before anything is written; the same again at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from agent.strict import Refused
from collector import acts
from collector.db import meta_get
from collector.inventory import keeping
from collector.inventory.applying import OWN_SITE
from collector.inventory.bound import refusals
from collector.inventory.changes import (
    Change,
    Difference,
    Placed,
    compare,
    implied,
    key_of,
    place_of,
    planned,
    spell,
)
from collector.inventory.editing import mark
from collector.inventory.fitting import crowd, known_places, slips, strangers
from collector.inventory.further import settings_in
from collector.inventory.importing import Parsed, examine
from collector.inventory.keeping import Outcome
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.store import Service, Site, services, sites

# whether a person may change things at a place: a code, a scope of contacts, "" for everywhere
May = Callable[[str], bool]

STALE = "the inventory changed meanwhile; look at what it would change now"
OUTSIDE = "lies outside your areas"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent; `plan`: villages in it become planned sites."""

    name: str
    kind: str
    data: bytes
    plan: bool = False


class Read(NamedTuple):
    """A file, and what stands in it."""

    file: File
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of the rows of one kind; `made` are areas that their codes imply."""

    kind: str
    file: str
    new: Sequence[Change]
    changed: Sequence[Change]
    same: int
    made: Sequence[Change]
    problems: Sequence[str]
    # rows that may come, but look like a slip
    doubts: Sequence[str] = ()
    found: Difference = field(default_factory=Difference)


@dataclass(frozen=True, slots=True)
class Preview:
    """All kinds in the order they come in; `mark` tells this look from a look at other data.

    `act` is the newest that it knows of: while there is none newer, it holds.
    """

    parts: Sequence[Part] = field(default_factory=tuple)
    mark: str = ""
    act: int = 0

    @property
    def refused(self) -> int:
        return sum(len(part.problems) for part in self.parts)

    @property
    def touches(self) -> int:
        return sum(len(part.new) + len(part.changed) for part in self.parts)


def read(files: Sequence[File]) -> list[Read]:
    """Each file with its rows, in the order they come in. Of a province it takes seconds, so
    nobody who writes should do it."""
    order = list(KINDS)
    found = [Read(one, examine(one.kind, one.data, one.name)) for one in files]
    return sorted(found, key=lambda one: order.index(one.parsed.kind.name))


def look(connection: Connection, files: Sequence[Read], may: May) -> Preview:
    """Hold the files against the inventory as it is now."""
    act = acts.newest(connection)
    known, areas = known_places(connection)
    parts: list[Part] = []
    for parsed in _with_planned(files, known):
        part = _part(connection, parsed, known, areas, may)
        names = [change.key[0] for change in (*part.new, *part.made)]
        if part.kind in ("areas", "sites"):
            (areas if part.kind == "areas" else known).update(names)
            areas.update(change.key[0] for change in part.made)
        parts.append(part)
    return Preview(_thronged(connection, parts), mark([_told(part) for part in parts]), act)


def apply(
    connection: Connection,
    files: Sequence[Read],
    shown: str,
    may: May,
    now: float,
    by: str,
    number: int,
    looked: Preview | None = None,
) -> list[Outcome]:
    """Take the files in, if what they change is still what was shown; Refused when it is not.

    `looked`: a look before the lock was held, which need not be taken again where nobody did
    anything since.
    """
    keeping.take_turns(connection)
    holds = looked is not None and looked.act == acts.newest(connection)
    preview = looked if looked is not None and holds else look(connection, files, may)
    if preview.mark != shown:
        raise Refused("import", STALE)
    if preview.refused:
        raise Refused("import", "rows are refused; nothing was imported")
    note = {"import": number}
    return [keeping.change(connection, p.kind, p.found, now, by, note) for p in preview.parts]


def _with_planned(files: Sequence[Read], known: set[str]) -> Iterator[Parsed]:
    """The files; villages that become sites right after the areas that name them."""
    named = {
        values["code"] for one in files if one.file.kind == "sites" for _, values in one.parsed.rows
    }
    for one, found in files:
        yield found
        if one.plan and one.kind == "areas":
            yield Parsed(KINDS["sites"], one.name, planned(found.rows, known | named))


def _part(
    connection: Connection, parsed: Parsed, known: set[str], areas: set[str], may: May
) -> Part:
    kind = parsed.kind
    # what stands outside is never compared: what differs is shown with what is there
    rows = [row for row in parsed.rows if may(place_of(kind.name, row[1]))]
    there = keeping.known(connection, kind, [values for _, values in rows])
    found = compare(kind, rows, there)
    problems = [
        *parsed.problems,
        *strangers(connection, kind.name, rows, known, areas),
        *_outside(kind, parsed.rows, may),
    ]
    if kind.name == "services":
        problems += refusals(connection, [(one.place, one.after) for one in found.changes])
    made = implied(kind.name, [change.after for change in found.changes], areas)
    return Part(
        kind.name,
        parsed.file,
        found.new,
        found.changed,
        len(found.same),
        made,
        problems,
        list(slips(connection, kind.name, rows, known, areas)),
        found,
    )


def _outside(kind: Kind, rows: Iterable[Placed], may: May) -> Iterator[str]:
    for where, row in rows:
        # who looks at a service from outside is set to work, too
        seen = row.get("vantage") or ""
        for place in (place_of(kind.name, row), *([seen] if seen else ())):
            if not may(place):
                yield f"{where}: {place or spell(key_of(kind, row))} {OUTSIDE}"


def _thronged(connection: Connection, parts: list[Part]) -> list[Part]:
    """Services are refused where an agent would have too much to look at."""
    if not any(part.kind == "services" for part in parts):
        return parts
    changed = {(c.kind, c.key): c for part in parts for c in (*part.new, *part.changed)}
    then = {(one.name, one.site): one for one in services(connection)}
    there = {one.code: one for one in sites(connection)}
    for (kind, key), change in changed.items():
        if kind == "services":
            row = change.after
            then[key[0], key[1]] = Service(**{**row, "settings": settings_in(row["settings"])})
        elif kind == "sites":
            there[key[0]] = Site(**{**change.after, "row": change.after["row"] or 0})
    told = crowd(list(then.values()), list(there.values()), meta_get(connection, OWN_SITE))
    return [_with(part, told) if told and part.kind == "services" else part for part in parts]


def _with(part: Part, problem: str) -> Part:
    return replace(part, problems=[*part.problems, problem])


def _told(part: Part) -> list[Any]:
    changes = [[c.kind, c.before, c.after] for c in (*part.made, *part.new, *part.changed)]
    return [part.kind, part.file, changes, part.same, list(part.problems)]
