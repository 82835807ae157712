"""Which profile fits a device? By sysObjectID and sysDescr, and by what is really there."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from agent.probes.snmp.message import Oid, oid
from agent.probes.snmp.profile import Match, load, names

GENERIC = "generic"
# which of these OIDs have anything beneath them
Beneath = Callable[[list[Oid]], Collection[Oid]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way in which a profile may fit; the longer the beginning it names, the better."""

    profile: str
    match: Match
    weight: tuple[int, int, int]


def choose(object_id: Oid | None, descr: str, beneath: Beneath) -> str:
    """The name of the best profile; `generic` when nothing better fits.

    A device that does not say what it is, or nothing that we know, is asked for the trees of
    all vendors we know.
    """
    fitting = [c for c in candidates(object_id, descr) if c.match.object_id or c.match.descr]
    best = _best(fitting, beneath)
    if best:
        return best
    return _best([c for c in _all() if c.match.has], beneath) or GENERIC


def candidates(object_id: Oid | None, descr: str) -> list[Candidate]:
    """What fits by name, before anything is asked, the best first."""
    found = []
    for one in _all():
        match = one.match
        length = _begins(match.object_id, object_id)
        if length is None or (match.descr and not re.search(match.descr, descr)):
            continue
        weight = (match.rank, length, bool(match.descr) + bool(match.has))
        found.append(Candidate(one.profile, match, weight))
    return sorted(found, key=lambda c: (c.weight, c.profile), reverse=True)


def _all() -> list[Candidate]:
    every = ((name, match) for name in names() for match in load(name).match)
    found = [Candidate(name, match, (match.rank, 0, 0)) for name, match in every]
    return sorted(found, key=lambda c: c.weight, reverse=True)


def _best(found: Iterable[Candidate], beneath: Beneath) -> str:
    wanted = list(found)
    trees = list(dict.fromkeys(oid(c.match.has) for c in wanted if c.match.has))
    there = beneath(trees) if trees else ()
    for one in wanted:
        if not one.match.has or oid(one.match.has) in there:
            return one.profile
    return ""


def _begins(beginnings: Iterable[str], object_id: Oid | None) -> int | None:
    """How long the longest fitting beginning is; 0 where none is asked for, None: none fits."""
    if not beginnings:
        return 0
    fitting = [oid(text) for text in beginnings if object_id and _is_under(oid(text), object_id)]
    return max(map(len, fitting), default=None)


def _is_under(root: Oid, name: Oid) -> bool:
    return name[: len(root)] == root
