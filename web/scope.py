"""What part of the country someone may see: area codes, and whether a site lies in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.schema import Column
from sqlalchemy.sql.elements import ColumnClause

from collector.inventory.places import within


@dataclass(frozen=True, slots=True)
class Scope:
    """Areas by code, single sites by code; neither means everything."""

    areas: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        return not self.areas and not self.sites

    def sees(self, code: str) -> bool:
        """Is the site or area `code` inside?"""
        return self.everything or code in self.sites or any(within(code, a) for a in self.areas)

    def clause(self, column: Column[str] | ColumnClause[str]) -> ColumnElement[bool]:
        """The same question as SQL over a column of site codes."""
        if self.everything:
            return true()
        parts: list[ColumnElement[bool]] = [column.in_(self.sites)] if self.sites else []
        for area in self.areas:
            parts += [column == area, *(column.startswith(area + s, autoescape=True) for s in ".-")]
        return or_(false(), *parts)


def of(areas: Sequence[str], site: str = "") -> Scope:
    """The scope of an account or token; with a site, that site alone."""
    return Scope((), (site,)) if site else Scope(tuple(areas))
