"""What part of the country someone may see: area codes, and whether a site lies in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnClause, ColumnElement

from collector.inventory.places import within
from collector.inventory.store import lies_in


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
        return lies_in(column, self.areas, self.sites)


def of(areas: Sequence[str], site: str = "") -> Scope:
    """The scope of an account or token; with a site, that site alone."""
    return Scope((), (site,)) if site else Scope(tuple(areas))
