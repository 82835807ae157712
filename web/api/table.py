"""What one endpoint is: who may ask, with what, what it gives. The router, the guard and the
OpenAPI document all go by it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from web.people import ROLES

PREFIX = "/api/v1"
EDITORS = ("noc", "admin")
JSON = "application/json"
# how long a page of a list may be, and is where nobody says
MOST, USUAL = 200, 50
_NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Schema:
    """A shape that no class stands for, by its name in the document; `kind` is what is read."""

    name: str
    told: Mapping[str, Any]
    kind: Any = dict


# a class of msgspec, or a schema
Shape = Any


@dataclass(frozen=True, slots=True)
class Param:
    """One value in the query: how its text is read (ValueError: what is wrong), its schema."""

    name: str
    about: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as an endpoint gets it: read, but not judged."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any = None
    # the mark of what the caller has seen
    revision: str = ""

    @property
    def limit(self) -> int:
        """How many things of a list at most."""
        limit: int = self.query.get("limit", USUAL)
        return limit

    def after(self, begin: str) -> str:
        """The one word of the key at which the page before ended; else where the list begins."""
        word: str = self.query.get("cursor", (begin,))[0]
        return word


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: what its body says, the mark of what it shows, where a new thing stands."""

    body: Any = None
    mark: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the table."""

    method: str
    path: str
    name: str
    group: str
    about: str
    do: Callable[[Call], Reply]
    gives: Shape = None
    takes: Shape = None
    roles: tuple[str, ...] = ROLES
    # only for who sees every area
    everywhere: bool = False
    query: tuple[Param, ...] = ()
    status: int = 200
    # it changes only what the caller has seen: If-Match is asked for
    revised: bool = False
    # its answer carries the mark of what it shows
    marked: bool = False
    # it may say that things stand otherwise
    conflicts: bool = False
    # there may be nothing to tell, though no part of its path says so
    found: bool = False
    media: str = JSON
    # of what types a body may be
    brings: tuple[str, ...] = (JSON,)
    about_path: Mapping[str, str] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The path as a router reads it."""
        return PREFIX + _NAMED.sub(_converter, self.path)

    @property
    def parts(self) -> list[str]:
        """The names in its path."""
        return _NAMED.findall(self.path)


def whole(name: str) -> bool:
    """Is this part of a path a number?"""
    return name in ("number", "photo", "note")


def _converter(match: re.Match[str]) -> str:
    return f"<int:{match[1]}>" if whole(match[1]) else f"<{match[1]}>"
