"""What a reader asks of the list of sites: filters, order, page; to and from an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from flask import abort
from werkzeug.datastructures import MultiDict

from collector.inventory.places import AREA_CODE
from web.labels import CAUSES, STATES
from web.tongue import gettext

LIFECYCLES = ("active", "planned", "retired", "centre", "all")
# since when nothing was heard; of "never" not once
SILENCES = {"1h": 3600.0, "1d": 86400.0, "7d": 7 * 86400.0, "never": 0.0}
SORTS = ("worst", "name", "area", "isp", "since", "report", "bad")
_LONGEST, _MOST_WORDS, _LAST_PAGE = 100, 5, 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An empty string asks for nothing; `sort` with a minus in front is the other way round."""

    q: str = ""
    state: str = ""
    area: str = ""
    isp: str = ""
    cause: str = ""
    lifecycle: str = "active"
    silent: str = ""
    sort: str = "worst"
    page: int = 1

    @property
    def words(self) -> list[str]:
        return self.q.casefold().split()

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.state.split(",")) if self.state else ()

    @property
    def filtered(self) -> bool:
        """Whether it leaves out anything that the plain list shows."""
        return replace(self, sort="worst", page=1) != Asked()

    def query(self, **change: Any) -> dict[str, Any]:
        """What its address holds, with this changed; another page 1 unless one is given."""
        wanted = replace(self, **({"page": 1} | change))
        told = {spec.name: getattr(wanted, spec.name) for spec in fields(self)}
        return {name: value for name, value in told.items() if value != getattr(PLAIN, name)}

    def turned(self, key: str) -> str:
        """The order that the heading of a column leads to."""
        return f"-{key}" if self.sort == key else key


PLAIN = Asked()


def read(args: Mapping[str, str]) -> Asked:
    """The question in an address; a bad one ends the request with what is wrong."""
    text = args.get("q", "").strip()
    if len(text) > _LONGEST or len(text.split()) > _MOST_WORDS:
        abort(400, gettext("Search for at most five words."))
    states = list(dict.fromkeys(_all(args, "state")))
    asked = Asked(
        q=text,
        state=",".join(states),
        area=args.get("area", ""),
        isp=args.get("isp", "")[:_LONGEST],
        cause=args.get("cause", ""),
        lifecycle=args.get("lifecycle", "") or "active",
        silent=args.get("silent", ""),
        sort=args.get("sort", "") or "worst",
        page=_page(args.get("page", "1")),
    )
    if not set(states) <= set(STATES):
        abort(400, gettext("The filter asks for a state that does not exist."))
    _check(asked)
    return asked


def _all(args: Mapping[str, str], key: str) -> list[str]:
    given = args.getlist(key) if isinstance(args, MultiDict) else [args.get(key, "")]
    return [part for text in given for part in text.split(",") if part]


def _check(asked: Asked) -> None:
    known = (
        not asked.area or AREA_CODE.fullmatch(asked.area),
        not asked.cause or asked.cause in CAUSES,
        asked.lifecycle in LIFECYCLES,
        not asked.silent or asked.silent in SILENCES,
        asked.sort.removeprefix("-") in SORTS,
    )
    if not all(known):
        abort(400, gettext("The list has no such filter."))


def _page(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= _LAST_PAGE:
        abort(400, gettext("The page number is not a number."))
    return int(text)
