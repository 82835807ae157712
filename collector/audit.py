"""Acts looked up: by whom, of what kind, about what, on which day, in which areas. A store file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from collector.schema import acts

# how a subject may name a place: by its code alone, or after one of these
_KINDS = ("", "site:", "area:", "check:", "contact:")
# of a body
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; an empty one asks for all. `people` are those whose acts may be seen."""

    by: str = ""
    verb: str = ""
    subject: str = ""
    start: float | None = None
    end: float | None = None
    areas: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One act as it is read; of its body no more than the beginning."""

    id: int
    at: float
    by: str
    verb: str
    subject: str
    body: str


def lines(connection: Connection, sought: Sought, before: int, most: int) -> Sequence[Line]:
    """The newest acts that are sought, those before one number only (0: all), newest first."""
    told = (acts.c.id, acts.c.at, acts.c.by, acts.c.verb, acts.c.subject)
    query = select(*told, func.substr(acts.c.body, 1, SHOWN)).where(*_wanted(sought))
    if before:
        query = query.where(acts.c.id < before)
    found = connection.execute(query.order_by(acts.c.id.desc()).limit(most))
    return [Line(*row) for row in found]


def _wanted(sought: Sought) -> list[ColumnElement[bool]]:
    found = [_within(sought)]
    found += [acts.c.by == sought.by] if sought.by else []
    found += [acts.c.verb == sought.verb] if sought.verb else []
    if sought.subject:
        found.append(acts.c.subject.startswith(sought.subject, autoescape=True))
    found += [acts.c.at >= sought.start] if sought.start is not None else []
    found += [acts.c.at < sought.end] if sought.end is not None else []
    return found


def _within(sought: Sought) -> ColumnElement[bool]:
    """About a place of these areas, or by or about one of their people; of no areas, all."""
    if not sought.areas:
        return true()
    accounts = [f"account:{name}" for name in sought.people]
    parts: list[ColumnElement[bool]] = [
        acts.c.by.in_(sought.people),
        acts.c.subject.in_(accounts),
    ]
    for area in sought.areas:
        for kind in _KINDS:
            code = kind + area
            parts.append(acts.c.subject == code)
            parts += [acts.c.subject.startswith(code + s, autoescape=True) for s in ".-/"]
    return or_(*parts)
